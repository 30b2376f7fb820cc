"""What is published and pinned: documents, the calendar, catalogues, forms, and who may publish."""
