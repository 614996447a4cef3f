"""Facts about the machine, from files and a few commands; what cannot be read is None, never an error."""
