"""Offline HTML report."""
