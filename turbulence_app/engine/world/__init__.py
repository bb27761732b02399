"""The app target: real ASGI applications, in this process, on a virtual clock with a seeded scheduler."""
