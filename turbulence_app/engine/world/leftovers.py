"""What a world leaves behind in the project's modules."""

from __future__ import annotations

from typing import Any

_PLAIN = (int, float, str, bytes, bool, type(None))
_SIZED = (dict, list, set, frozenset, tuple, bytearray)
_SMALL, _LONGEST = 64, 60


def snapshot(modules: dict[str, Any]) -> dict[str, str]:
    """The variables of the project's modules, each in short: values, and containers with what is in them."""
    found = {}
    for name, module in modules.items():
        for key, value in list(vars(module).items()):
            if not key.startswith("__"):
                found[f"{name}:{key}"] = _short(value)
    return {key: words for key, words in found.items() if words}


def _short(value: Any) -> str:
    if isinstance(value, _PLAIN):
        return _cut(repr(value))
    if isinstance(value, _SIZED) or (hasattr(value, "__len__") and type(value).__module__ == "collections"):
        size = f"{len(value)} entries"
        inside = list(value.items() if isinstance(value, dict) else value)[:_SMALL]
        plain = all(isinstance(v, _PLAIN) for one in inside for v in (one if isinstance(one, tuple) else (one,)))
        return f"{size} {sorted(map(repr, inside))}" if plain else size
    if type(value).__name__ == "count" and type(value).__module__ == "itertools":
        return repr(value)
    return ""


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What differs, in words."""
    parted = [key for key, was in before.items() if after.get(key, was) != was]
    return [f"{key} went from {_cut(before[key])} to {_cut(after[key])}" for key in parted]
