"""What any public service stands on; it knows nothing of children."""
