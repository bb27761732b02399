"""Edits that leave the rest of a text alone: comments, order and layout are the writer's, not ours.

A change of one number replaces the characters of that number. Every edit is read back by the caller; where a layout is
too unusual for an edit in place, the caller writes the entry anew instead.
"""

from __future__ import annotations

from typing import Any

from turbulence_app.formats.emit import after, flow
from turbulence_app.formats.tree import Node

Edit = tuple[int, int, str]
"""(start, end, new text), in characters."""


def changes(text: str, node: Node, old: dict[str, Any], new: dict[str, Any]) -> list[Edit]:
    """The edits that turn what ``node`` says from ``old`` into ``new`` (both plain data of the same noun)."""
    edits: list[Edit] = []
    added: dict[str, Any] = {}
    for key in {**old, **new}:
        if key in new and (key not in old or not same(old[key], new[key])):
            if key not in node.entries:
                added[key] = new[key]
            else:
                edits += _replace(text, node, key, old.get(key), new[key])
        elif key not in new and key in node.entries:
            edits.append(remove(text, node, key))
    if added:
        edits.append(_insert(text, node, added))
    return edits


def apply(text: str, edits: list[Edit]) -> str:
    """The text after the edits (which must not overlap)."""
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def same(one: Any, other: Any) -> bool:
    """Equal also in kind: ``1`` and ``true`` are not the same to a reader."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _replace(text: str, node: Node, key: str, old: Any, new: Any) -> list[Edit]:
    child = node.entries[key]
    both = isinstance(old, dict) and isinstance(new, dict) and isinstance(child.value, dict)
    if both and child.entries and old and new and not child.shared:
        return changes(text, child, old, new)
    scalars = not isinstance(new, dict | list) and not isinstance(child.value, dict | list)
    one_line = "\n" not in text[child.start : child.end]
    if node.flow or child.flow or (scalars and one_line and "\n" not in str(new)):
        gap = "" if text[child.start - 1 : child.start] in (" ", "\n") else " "
        return [(child.start, child.end, gap + flow(new))]
    start = node.keys[key].end
    colon = text.index(":", start) + 1
    end = child.end
    newline = text.find("\n", end)
    if not text[:end].endswith("\n"):
        end = len(text) if newline < 0 else newline + 1
    return [(colon, end, after(new, node.keys[key].column - 1))]


def remove(text: str, node: Node, key: str) -> Edit:
    """The edit that takes a key, its value and its line out of a mapping."""
    place, child = node.keys[key], node.entries[key]
    if not node.flow:
        start = text.rfind("\n", 0, place.start) + 1
        if text[start : place.start].strip() not in ("", "-"):
            start = place.start
        end = child.end if text[: child.end].endswith("\n") else text.find("\n", child.end) + 1 or len(text)
        if text[start : place.start].strip() == "-":
            start = place.start
            end += len(text[end:]) - len(text[end:].lstrip(" "))
        return (start, end, "")
    end = child.end + len(text[child.end :]) - len(text[child.end :].lstrip())
    if text[end : end + 1] == ",":
        end += 1
        return (place.start, end + (text[end : end + 1] == " "), "")
    comma = text.rfind(",", 0, place.start)
    return (max(comma, node.start + 1), child.end, "")


def _insert(text: str, node: Node, added: dict[str, Any]) -> Edit:
    if node.flow:
        words = ", ".join(f"{flow(k)}: {flow(v)}" for k, v in added.items())
        last = max((child.end for child in node.entries.values()), default=node.start + 1)
        return (last, last, (", " if node.entries else "") + words)
    indent = min(key.column for key in node.keys.values()) - 1
    end = max(child.end for child in node.entries.values())
    if not text[:end].endswith("\n"):
        newline = text.find("\n", end)
        end = len(text) if newline < 0 else newline + 1
    lead = "" if text[:end].endswith("\n") else "\n"
    pad = " " * indent
    return (end, end, lead + "".join(f"{pad}{flow(k)}:{after(v, indent)}" for k, v in added.items()))
