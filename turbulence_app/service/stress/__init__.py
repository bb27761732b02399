"""The gateway under load: agents as threads, models that misbehave on purpose, and a verdict."""
