"""What changes something: each a wish that is decided and then appended, or refused."""
