"""Who staff are, how they prove it, and the secrets that people outside hold."""
