"""Text and files in and out: project files, the original Turbulence's files, reports."""
