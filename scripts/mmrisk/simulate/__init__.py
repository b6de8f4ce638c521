"""Reads and cells with known answers, to measure this package by."""
