"""Where the program keeps what belongs to the person. A leaf: every layer may ask."""

from __future__ import annotations

import os
from pathlib import Path


def home_directory() -> Path:
    """Where the program keeps what is the user's: ``TURBULENCE_HOME``, else the platform's data folder."""
    chosen = os.environ.get("TURBULENCE_HOME")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_data_dir("turbulence", appauthor=False))


def private_folder(path: Path) -> Path:
    """Make a folder, and whatever is missing above it, for its owner alone. Raises ``OSError``."""
    for folder in reversed([one for one in (path, *path.parents) if not one.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    return path
