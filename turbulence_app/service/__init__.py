"""The use cases. The command line and the window call only this."""
