"""Doing later: what follows from facts. May import `services` (never its web) and `events`."""
