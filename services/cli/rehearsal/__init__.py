"""Live a year over HTTP on a driven clock: everybody signs in and does what the story says."""
