"""Whether the program runs from an installer's package, which carries its own Python, or from somebody's Python."""

from __future__ import annotations

from pathlib import Path

_FOLDER = "_internal"
"""What PyInstaller calls the folder of everything but the program itself."""


def is_bundled() -> bool:
    """True in the packaged program and in the workers that it starts."""
    return Path(__file__).parents[1].name == _FOLDER


def mend_for_qt() -> str:
    """What to do where Qt lacks a library of the system."""
    return "install the package again" if is_bundled() else "packaging/setup.sh installs what Qt needs"
