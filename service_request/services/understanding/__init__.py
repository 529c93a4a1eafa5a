"""What was kept becomes messages, an enquiry or a request, answers, and one reply a batch (EV-1, SE-1)."""
