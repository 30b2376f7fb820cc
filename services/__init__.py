"""Asking: what is done while somebody waits for an answer. May import `events`."""
