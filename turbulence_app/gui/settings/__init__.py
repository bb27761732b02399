"""What the window does with settings as soon as they change."""
