"""IG and MYC translocations: structural variants to annotated calls."""
