"""What surrounds every request, whatever it asks: headers, problems, description, operation."""
