"""Edits of a scenario's text that leave its comments where they are: single values, and the list of faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.formats.emit import after, block, flow
from turbulence_app.formats.splice import Edit, apply, changes
from turbulence_app.formats.tree import Node, read_tree


@dataclass(frozen=True, slots=True)
class ListedFault:
    """A fault as it shall stand: its plain data, and where in the old list it came from (None: it is new)."""

    data: Mapping[str, Any]
    origin: int | None = None


def edit_scenario(text: str, file: str, values: Mapping[str, Any], faults: Sequence[ListedFault] | None = None) -> str:
    """The text with some values of the scenario changed (None takes a key out) and with another list of faults.

    What comes out is not checked: the caller reads it back, with the reader that everything goes through.

    Raises:
        InputError: the text is no YAML, or no mapping.
    """
    root = read_tree(text, file)
    if not isinstance(root.value, dict):
        raise InputError("this is no scenario", "write 'key: value' lines")
    old = {key: root.value[key] for key in values if key in root.value}
    new = {key: value for key, value in values.items() if value is not None}
    text = apply(text, changes(text, root, old, new))
    return text if faults is None else _with_faults(text, file, faults)


def _with_faults(text: str, file: str, faults: Sequence[ListedFault]) -> str:
    root = read_tree(text, file)
    node = root.entries.get("faults")
    entries = [dict(fault.data) for fault in faults]
    if node is None:
        return apply(text, changes(text, root, {}, {"faults": entries})) if entries else text
    lines = [] if node.flow or node.shared else _segments(text, node, text.find("\n", root.keys["faults"].end) + 1)
    if not faults or not lines:
        return _rewritten(text, root, node, entries)
    kept = "".join(_entry(text, node, lines, fault) for fault in faults)
    return text[: lines[0][0]] + kept + text[lines[-1][1] :]


def _rewritten(text: str, root: Node, node: Node, entries: list[dict[str, Any]]) -> str:
    """The whole list anew: it stood in brackets, or it is empty now."""
    if root.flow:
        return apply(text, [(node.start, node.end, flow(entries))])
    key = root.keys["faults"]
    colon = text.index(":", key.end) + 1
    end = node.end
    if not text[:end].endswith("\n"):
        newline = text.find("\n", end)
        end = len(text) if newline < 0 else newline + 1
    return text[:colon] + after(entries, key.column - 1) + text[end:]


def _segments(text: str, node: Node, floor: int) -> list[tuple[int, int]]:
    """Each entry's characters: its comments above (from ``floor`` on), its lines, and the remark behind it."""
    found: list[tuple[int, int]] = []
    for item in node.items:
        dash = text.rfind("\n", 0, item.start) + 1
        start = dash
        floor = found[-1][1] if found else floor
        while start > floor:
            above = text.rfind("\n", 0, start - 1) + 1
            if above < floor or not text[above:start].strip().startswith("#"):
                break
            start = above
        end = item.end
        if not text[:end].endswith("\n"):
            newline = text.find("\n", end)
            end = len(text) if newline < 0 else newline + 1
        found.append((start, end))
    return found


def _entry(text: str, node: Node, lines: list[tuple[int, int]], fault: ListedFault) -> str:
    if fault.origin is None or not 0 <= fault.origin < len(node.items):
        first = node.items[0].start
        dash = text.rfind("-", 0, first)
        return block([dict(fault.data)], dash - (text.rfind("\n", 0, dash) + 1))
    start, end = lines[fault.origin]
    item = node.items[fault.origin]
    edits: list[Edit] = changes(text, item, dict(item.value), dict(fault.data))
    moved = apply(text[start:end], [(a - start, b - start, new) for a, b, new in edits])
    return moved if moved.endswith("\n") else moved + "\n"
