"""Staging and risk systems over one engine for partial information."""
