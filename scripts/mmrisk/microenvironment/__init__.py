"""The marrow: cells read, checked, named, counted, and their programmes scored, one sample at a time."""
