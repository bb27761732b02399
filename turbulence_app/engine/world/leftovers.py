"""What a world leaves behind in the project's modules."""

from __future__ import annotations

from typing import Any

_PLAIN = (int, float, str, bytes, bool, type(None))
_SIZED = (dict, list, set, frozenset, tuple, bytearray)


def snapshot(modules: dict[str, Any]) -> dict[str, str]:
    """The variables of the project's modules, each in short."""
    found = {}
    for name, module in modules.items():
        for key, value in list(vars(module).items()):
            if key.startswith("__"):
                continue
            if isinstance(value, _SIZED) or (hasattr(value, "__len__") and type(value).__module__ == "collections"):
                found[f"{name}:{key}"] = f"{len(value)} entries"
            elif isinstance(value, _PLAIN):
                found[f"{name}:{key}"] = repr(value)[:40]
            elif type(value).__name__ == "count" and type(value).__module__ == "itertools":
                found[f"{name}:{key}"] = repr(value)
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What differs, in words."""
    return [f"{key} went from {was} to {after[key]}" for key, was in before.items() if after.get(key, was) != was]
