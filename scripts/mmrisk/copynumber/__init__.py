"""Copy number: segments to arm and locus calls."""
