"""What happens to an enquiry, inside the wall (SE)."""
