"""Mail as a way in: what it says, read without Flask and without a database."""
