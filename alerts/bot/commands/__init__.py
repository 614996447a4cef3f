"""The commands, one a file: what people may ask, and the answer."""
