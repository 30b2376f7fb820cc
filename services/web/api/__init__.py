"""The resources of `/api/v1`. Everything here asks for a bearer token."""
