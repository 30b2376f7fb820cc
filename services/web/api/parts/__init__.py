"""What several resources are made of. A resource imports parts, and never another resource."""
