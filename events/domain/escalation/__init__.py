"""What follows from a missed deadline: who was late, and before whom it is laid."""
