"""Cytogenetic reports: karyotypes, interphase FISH and arrays, read into evidence."""
