"""The settings place: find a setting, change it, put it back."""
