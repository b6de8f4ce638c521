"""Myeloma cytogenetics, risk groups and marrow microenvironment. Imports nothing, so that `--help` stays instant."""

__version__ = "0.1.0"
