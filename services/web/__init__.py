"""What is asked over HTTP: the API, what operation needs, and the pages."""
