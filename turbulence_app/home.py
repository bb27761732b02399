"""Where the program keeps what belongs to the person. A leaf: every layer may ask.

In this order: ``TURBULENCE_HOME``; beside a flag file (portable mode); the folder that the person chose; the
platform's own place. The last three are looked up once: a choice counts from the next start on.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path

FLAG = "turbulence.portable"
"""A file of this name beside the program keeps everything that is the person's beside the program, too."""
BESIDE = "turbulence-data"
"""The folder beside the flag."""


def home_directory() -> Path:
    """Where the program keeps what is the user's."""
    chosen = os.environ.get("TURBULENCE_HOME")
    return Path(chosen) if chosen else lasting_home()


@lru_cache(maxsize=1)
def lasting_home() -> Path:
    """The same without the environment's word; does not change while the process lives."""
    flag = portable_flag()
    if flag is not None:
        return flag.parent / BESIDE
    return pointed_home() or usual_home()


def usual_home() -> Path:
    """The platform's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("turbulence", appauthor=False))


def program_folders() -> tuple[Path, ...]:
    """Where a flag file counts: beside the executable (a bundle, an environment), and at the root of a checkout."""
    return Path(sys.executable).parent, Path(__file__).resolve().parent.parent


def portable_flag() -> Path | None:
    """The flag file that is in force."""
    return next((folder / FLAG for folder in program_folders() if (folder / FLAG).is_file()), None)


def window_file() -> Path | None:
    """Where the window's layout is kept in portable mode; None is the system's place for it."""
    flag = None if os.environ.get("TURBULENCE_HOME") else portable_flag()
    return None if flag is None else flag.parent / BESIDE / "window.ini"


def pointer_file() -> Path:
    """The file that holds the folder which the person chose; it cannot be in that folder itself."""
    import platformdirs

    return Path(platformdirs.user_config_dir("turbulence", appauthor=False)) / "home.txt"


def pointed_home() -> Path | None:
    """The folder that the person chose; None where nobody did, or where it cannot be read."""
    try:
        with pointer_file().open("rb") as file:
            text = file.read(4096).decode("utf-8").strip()
    except (OSError, ValueError):
        return None
    path = Path(text) if text and text.isprintable() else None
    return path if path is not None and path.is_absolute() else None


def point_home(folder: str) -> None:
    """Choose a folder ("": the platform's again), from the next start on. Raises ``OSError``."""
    file = pointer_file()
    if not folder:
        file.unlink(missing_ok=True)
        return
    private_folder(file.parent)
    draft = file.with_suffix(".new")
    draft.write_text(folder + "\n", encoding="utf-8")
    draft.chmod(0o600)
    draft.replace(file)


def private_folder(path: Path) -> Path:
    """Make a folder, and whatever is missing above it, for its owner alone. Raises ``OSError``."""
    for folder in reversed([one for one in (path, *path.parents) if not one.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    return path


def shortened(text: str) -> str:
    """A text with the person's home folder as ``~``: for reports and logs."""
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text
