"""Bytes to text: a file that somebody hands us is read within bounds, or refused in one line."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from turbulence_app.domain.errors import InputError, Location

MAX_BYTES = 4 * 1024 * 1024
"""Largest file that is read; the sample's largest has 10 kB."""


def read_text(path: Path | str, most: int = MAX_BYTES) -> str:
    """The text of a regular UTF-8 file of at most ``most`` bytes.

    Opens without blocking and looks at what it opened, so that a pipe or a device cannot hang the program.

    Raises:
        InputError: not there, not a file, not readable, too large, or not text.
    """
    path = Path(path)
    where = Location(str(path))
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise InputError("this is a folder, not a file", "name a file in it", where)
        if not stat.S_ISREG(mode):
            raise InputError("this is not a regular file", "copy its text into a file", where)
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(most + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(handle)
    return decode(data, str(path), most)


def decode(data: bytes, file: str, most: int = MAX_BYTES) -> str:
    """UTF-8 bytes as text, without a byte order mark.

    Raises:
        InputError: too large or not UTF-8.
    """
    if len(data) > most:
        mend = f"files have at most {most // 1024 // 1024} MB; split it"
        raise InputError("the file is too large", mend, Location(file))
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("the file is not UTF-8 text", "save it as UTF-8", Location(file, line)) from None


def _unreadable(path: Path, error: Exception) -> InputError:
    where = Location(str(path))
    if isinstance(error, IsADirectoryError):
        return InputError("this is a folder, not a file", "name a file in it", where)
    if isinstance(error, FileNotFoundError):
        if path.is_symlink():
            return InputError("this link points to nothing", "mend or remove the link", where)
        return InputError("there is no such file", "check the name", where)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError(f"the file cannot be read: {reason}", "check the name and its permissions", where)
