"""The year of Westmarch: every request of the demonstration, told as what people did and when."""
