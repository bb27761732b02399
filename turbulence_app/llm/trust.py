"""Which contents of model files are known: digests that somebody vouches for, and digests read before.

Two lists of trusted SHA-256 digests: one that ships with the program (``resources/models/trusted.json``; only what its
authors could check themselves) and the user's own. A third file remembers which file had which digest, so that
gigabytes are read once and not at every start.
"""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.llm import gguf
from turbulence_app.llm.private_file import alone, write_private
from turbulence_app.resources import resource_path

State = Literal["verified", "unknown", "changed"]
"""Vouched for; not on any list; no longer what was added."""
MOST_REMEMBERED = 200
_HEX = re.compile(r"[0-9a-f]{64}")


def digest(text: str) -> str:
    """A SHA-256 as people paste it (``sha256:`` before it, capitals). Raises ``InputError`` for anything else."""
    found = text.strip().lower().removeprefix("sha256:")
    if not _HEX.fullmatch(found):
        raise InputError(f"{text[:80]!r} is not a SHA-256", "it has 64 digits from 0 to f")
    return found


class Trust:
    """The lists under ``home``."""

    def __init__(self, home: Path) -> None:
        self.file, self._seen = home / "trusted.json", home / "digests.json"

    def known(self) -> dict[str, str]:
        """Trusted digests with the name under which they are known; the user's own words win."""
        shipped = _read(resource_path("models") / "trusted.json", "digests")
        return {key: str(name) for key, name in {**shipped, **self._own()}.items()}

    def add(self, sha256: str, name: str) -> None:
        """Vouches for a content."""
        stamp = datetime.now(UTC).isoformat(timespec="seconds")
        with alone(self.file):
            write_private(self.file, {"version": 1, "digests": {**self._own(), digest(sha256): f"{name}, {stamp}"}})

    def sha256(self, path: Path, *, again: bool = False, on_read: gguf.OnRead | None = None) -> str:
        """The digest of a file: remembered while size, time and inode are the same, unless ``again``."""
        key, mark = str(path), list(gguf.fingerprint(path))
        seen = _read(self._seen, "files")
        before = seen.get(key)
        if not again and isinstance(before, dict) and before.get("mark") == mark and before.get("sha256"):
            return str(before["sha256"])
        found = gguf.sha256(path, on_read)
        rest = [(k, v) for k, v in seen.items() if k != key][-MOST_REMEMBERED + 1 :]
        with contextlib.suppress(MachineError):  # it only saves time; without it the file is read again
            write_private(self._seen, {"version": 1, "files": {**dict(rest), key: {"mark": mark, "sha256": found}}})
        return found

    def _own(self) -> dict[str, Any]:
        found = _read(self.file, "digests", strict=True)
        return {key: value for key, value in found.items() if _HEX.fullmatch(key)}


def _read(path: Path, key: str, *, strict: bool = False) -> dict[str, Any]:
    """The table in one of the files; empty where there is none. A damaged list of trust is an error, never empty."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))[key]
        if not isinstance(found, dict):
            raise TypeError(key)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError) as error:
        if strict:
            raise InputError(f"{path}: damaged: {error}", "delete the file and trust the models again") from None
        return {}
    return found
