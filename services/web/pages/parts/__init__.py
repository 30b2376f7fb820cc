"""What several pages are made of. A page imports parts, and never another page."""
