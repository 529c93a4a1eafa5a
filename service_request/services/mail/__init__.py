"""What became of a mail: understood, joined to what it belongs to, answered once, and written from here."""
