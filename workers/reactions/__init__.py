"""Done once because of a fact; never replayed. A new one starts at the end of the log."""
