"""Names and texts of other tools, made fit for our files."""

from __future__ import annotations

import re
from typing import Any

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^A-Za-z0-9]+")
RESERVED = frozenset(
    {"outcome", "elapsed_ms", "persona", "step", "body", "headers", "status_code", "context", "entry", "variation",
     "env", "and", "or", "not", "in", "true", "false", "null", "none", "users", "completed", "abandoned", "failed",
     "is", "if", "else"}
)  # fmt: skip
"""Words that mean something in expressions."""


def clean(value: Any) -> str:
    """A text in one line, without control characters and halves of characters; anything else is an empty text."""
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in " ".join(value[:4000].split())).strip()


def snake(name: str, fallback: str = "value") -> str:
    """A variable's name: ``orderId`` is ``order_id``; never a word of the expression language."""
    words = _NOT_WORD.sub("_", _CAMEL.sub("_", name)).strip("_").lower()[:60].strip("_") or fallback
    if words[0].isdigit():
        words = f"{fallback}_{words}"
    return f"{words}_value" if words in RESERVED else words


def singular(word: str) -> str:
    """``orders`` is ``order``; a rough rule for English, good enough for names."""
    if word in ("news", "series", "species", "lens"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word


class Taken:
    """Names that are given away; each new one gets a number where it must."""

    def __init__(self, *names: str) -> None:
        self.names = set(names)

    def free(self, name: str) -> str:
        """The name, or the name with the first free number."""
        found, number = name, 2
        while found in self.names:
            found, number = f"{name[:90]}_{number}", number + 1
        self.names.add(found)
        return found
