"""SQLite's errors in words that a person can act on."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from turbulence_app.domain.errors import Location, MachineError


class DamagedError(MachineError):
    """The file is not a database any more."""


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """Turn whatever SQLite or the file system says about ``path`` into a known error."""
    try:
        yield
    except sqlite3.Error as error:
        raise plainly(path, error) from error
    except OSError as error:
        raise plainly(path, error) from error


def plainly(path: Path, error: Exception) -> MachineError:
    """The known error for what went wrong at ``path``."""
    where, text = Location(str(path)), str(error)
    number = getattr(error, "errno", None)
    if "disk is full" in text or "disk I/O error" in text or number == errno.ENOSPC:
        return MachineError("the disk is full or failing", "make room and try again; what was stored is kept", where)
    if "locked" in text or "busy" in text:
        return MachineError("the database is locked by another program", "end that program and try again", where)
    if "readonly" in text or "unable to open" in text or number in (errno.EACCES, errno.EROFS, errno.EPERM):
        return MachineError("cannot write to the project's database", "make the folder writable or copy it", where)
    if number in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR):
        return MachineError("something else is where the database should be", "move it away", where)
    if isinstance(error, sqlite3.DatabaseError) and ("malformed" in text or "not a database" in text):
        return DamagedError(
            "the database is damaged", "start again: it is then kept aside and a new one is made", where
        )
    return MachineError(f"the database refused: {text}", "see `turbulence doctor`", where)
