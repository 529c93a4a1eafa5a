"""Reading our mailboxes: IMAP over TLS, and nothing marked before it is kept."""
