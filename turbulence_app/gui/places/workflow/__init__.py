"""The workflow as text and as a graph."""
