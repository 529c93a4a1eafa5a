"""A carrier of texts on this machine: it speaks Twilio's REST API and its signed webhooks, faults included."""
