"""The marrow from single-cell counts: cells, plasma-cell clone, composition, programmes, identity."""
