"""Mutations from variant calls: consequence, pathogenicity, clone share, coverage."""
