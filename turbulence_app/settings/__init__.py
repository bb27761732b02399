"""A person's settings: one typed table, one readable file, the environment above it. A leaf: every layer may ask.

``preferences().get("run.users")`` is what holds: the environment's word, else the file's, else the default.
"""

from turbulence_app.settings.kinds import Setting, Value
from turbulence_app.settings.preferences import Preferences, preferences
from turbulence_app.settings.table import BY_KEY, GROUPS, SETTINGS

__all__ = ["BY_KEY", "GROUPS", "SETTINGS", "Preferences", "Setting", "Value", "preferences"]
