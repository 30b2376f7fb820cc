"""Files that a form brings, and that a browser is sent."""
