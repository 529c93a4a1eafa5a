"""What an adviser of SENDIASS does with an enquiry, inside the wall (SE)."""
