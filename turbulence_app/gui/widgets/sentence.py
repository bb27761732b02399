"""What went wrong, as sentences: messages of the engine are written for a line of a terminal."""

from __future__ import annotations

import re

_MEND = re.compile(r"(?P<what>.+?)[.]? \((?P<mend>[^()]+)\)", re.DOTALL)


def sentence(message: str) -> str:
    """``x is y (do z)`` as ``X is y. Do z.``; what is a sentence already, or nothing, stays as it is."""
    found = _MEND.fullmatch(message.strip())
    parts = (found["what"], found["mend"]) if found else (message.strip(),)
    return " ".join(_begun(part) + ("" if _ended(part) else ".") for part in parts if part)


def _ended(part: str) -> bool:
    """Whether no full stop belongs behind it: there is an end, or a command that will be copied."""
    return part[-1] in ".?:…" or "with: " in part


def _begun(part: str) -> str:
    """A capital at the front, unless the first word is a path, a name with signs in it, or code."""
    first = part.split(maxsplit=1)[0]
    return part[:1].upper() + part[1:] if first.isalpha() and first.islower() else part
