"""Campaigns: worlds by the thousand, in batches that any process computes alike."""
