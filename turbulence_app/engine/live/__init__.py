"""The http target: people of a plan against a live service, in real time."""
