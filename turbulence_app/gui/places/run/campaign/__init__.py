"""Campaigns in the window: many worlds, their causes, and what was never tried."""
