"""Turbulence: describe your users in words, let the crowd loose on your workflow, see what breaks."""

__version__ = "0.1.0"
