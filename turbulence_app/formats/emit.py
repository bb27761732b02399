"""Plain data to YAML that people like to read: blocks, short leaves in one line, texts as literal blocks.

What is written here reads back equal in YAML 1.2 and, for strings, in YAML 1.1 readers too (``yes`` is quoted).
"""

from __future__ import annotations

import math
import re
from typing import Any

WIDTH = 110
"""Longest line that a mapping or list may take to stand in one line (characters)."""
_PLAIN = re.compile(r"[A-Za-z_/$.][A-Za-z0-9_/$.@+()<>=;'!?-]*( [A-Za-z0-9_/$.@+()<>=;'!?-]+)*\Z")
_RESOLVED = re.compile(
    r"(null|true|false|yes|no|on|off|y|n)\Z|[-+]?[.0-9][-+0-9.,_:eExXoObBa-fA-F]*\Z|[-+]?\.(inf|nan)\Z", re.IGNORECASE
)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def scalar(value: Any, text_in_blocks: bool = False) -> str:
    """A scalar in one line; ``text_in_blocks`` allows what only means something inside brackets."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("only finite numbers can be written")
        short = value.is_integer() and abs(value) < 1e15 and math.copysign(1.0, value) > 0
        return str(int(value)) if short else repr(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _plain(text, text_in_blocks):
        return text
    return '"' + "".join(_escaped(c) for c in text) + '"'


def _plain(text: str, in_blocks: bool) -> bool:
    if not text or len(text) > 1000 or _RESOLVED.match(text) or text in ("=", "<<", "---", "...", "."):
        return False
    if text.startswith(("---", "...")):
        return False
    if _PLAIN.match(text):
        return True
    return in_blocks and _PLAIN.match(re.sub(r",(?= )", "", text)) is not None


def _escaped(c: str) -> str:
    if c in _ESCAPES:
        return _ESCAPES[c]
    code = ord(c)
    if c.isprintable() and code not in (0xFEFF, 0xFFFE, 0xFFFF):
        return c
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def flow(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    return scalar(value)


def block(value: Any, indent: int = 0) -> str:
    """A value as lines, each indented by ``indent`` spaces and ended by a newline."""
    pad = " " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{pad}{scalar(k)}:{after(v, indent)}" for k, v in value.items())
    if isinstance(value, list | tuple) and value:
        return "".join(f"{pad}-{_entry(v, indent)}" for v in value)
    return f"{pad}{flow(value)}\n"


def after(value: Any, indent: int) -> str:
    """What follows a key's colon: the rest of its line and the lines below, up to and with a newline."""
    pad = " " * indent
    if isinstance(value, str) and _literal(value):
        lines = value.split("\n")
        mark = "|-" if lines[-1] else "|"
        return f" {mark}\n" + "".join(
            f"{pad}  {line}\n" if line else "\n" for line in lines if line or line is not lines[-1]
        )
    if isinstance(value, dict | list | tuple) and value and not _short(value, indent):
        return "\n" + block(value, indent + 2)
    return f" {scalar(value, True) if not isinstance(value, dict | list | tuple) else flow(value)}\n"


def _entry(value: Any, indent: int) -> str:
    if isinstance(value, dict) and value and not _short(value, indent):
        return " " + block(value, indent + 2).lstrip(" ")
    if isinstance(value, list | tuple) and value and not _short(value, indent):
        return "\n" + block(value, indent + 2)
    return f" {scalar(value, True) if not isinstance(value, dict | list | tuple) else flow(value)}\n"


def _literal(text: str) -> bool:
    """Whether a text of several lines survives as a literal block."""
    lines = text.split("\n")
    if len(lines) < 2 or not lines[0].strip() or text.endswith("\n\n"):
        return False
    return lines[0][0] != " " and all(c == "\n" or (c.isprintable() and ord(c) != 0xFEFF) for c in text)


def _short(value: Any, indent: int) -> bool:
    """Whether a value is a leaf small enough for one line."""
    if _height(value) > 2:
        return False
    return len(flow(value)) + indent <= WIDTH - 20


def _height(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((_height(v) for v in value.values()), default=0)
    if isinstance(value, list | tuple):
        return 1 + max((_height(v) for v in value), default=0)
    return 3 if isinstance(value, str) and "\n" in value else 0
