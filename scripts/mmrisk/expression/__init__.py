"""Bulk expression: spikes of translocation targets, groups, arm dosage, plasma-cell purity, fusion transcripts."""
