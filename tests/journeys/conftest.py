"""Journeys use the window's fixtures."""

from tests.gui.conftest import *  # noqa: F403
from tests.gui.conftest import _theme_as_it_was  # noqa: F401
