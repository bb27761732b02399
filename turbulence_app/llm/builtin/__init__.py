"""The model that ships with the program: a small sentence encoder and the rules that read policies out of it."""
