"""One conversation engine: forms asked one field at a time, whatever the channel. Pure: it knows no table."""
