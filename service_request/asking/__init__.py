"""How a question is put, whatever the pathway and the channel: steps, fields, and what may be wrong with an answer."""
