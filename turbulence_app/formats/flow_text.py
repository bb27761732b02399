"""Steps cut out of a workflow's text and put into it: everything else keeps its characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.formats.emit import block, flow
from turbulence_app.formats.flow_places import Placed, Spot, column, dash, placed, segment, shifted, stop
from turbulence_app.formats.splice import apply, remove
from turbulence_app.formats.tree import Node, read_tree


@dataclass(frozen=True, slots=True)
class Chunk:
    """A step's text as an entry of a list of lines, at column 0, and what it says."""

    text: str
    data: Any

    @property
    def inline(self) -> str:
        """The same between brackets. Raises ``InputError`` where that would lose a comment."""
        if any(line.strip().startswith("#") or " #" in line for line in self.text.split("\n")):
            raise InputError(
                "this step has comments, and the place is written in one line",
                "write the list there over several lines first",
            )
        return flow(self.data)


def fresh(data: dict[str, Any]) -> Chunk:
    """A new step."""
    return Chunk(block([data]), data)


def lifted(text: str, one: Placed) -> Chunk:
    """A step that stands in the text."""
    if one.listed.flow:
        return Chunk("- " + text[one.node.start : one.node.end] + "\n", one.node.value)
    start, end = segment(text, one)
    lines = text[start:end] if text[start:end].endswith("\n") else text[start:end] + "\n"
    return Chunk(shifted(lines, -column(text, dash(text, one.node))), one.node.value)


def without(text: str, one: Placed) -> str:
    """The text without a step; a side that gets empty goes, too. Raises ``InputError`` where one is needed."""
    if len(one.listed.items) == 1:
        if one.spot.side == "flow":
            raise InputError("a workflow needs a step", "add another one first")
        if one.spot.side == "steps":
            raise InputError(f"loop {one.spot.owner!r} needs a step", "delete the loop, or add another step first")
        return apply(text, [remove(text, one.holder, one.spot.side)])
    if one.listed.flow:
        return _without_inline(text, one)
    start, end = segment(text, one)
    above = text[text.rfind("\n", 0, max(0, start - 1)) + 1 : start]
    below = text[end : text.find("\n", end) + 1]
    if start and not above.strip() and end < len(text) and not below.strip():
        end += len(below)
    return text[:start] + text[end:]


def _without_inline(text: str, one: Placed) -> str:
    items, index = one.listed.items, one.spot.index
    if index + 1 < len(items):
        return text[: items[index].start] + text[items[index + 1].start :]
    return text[: items[index - 1].end] + text[items[index].end :]


def with_step(text: str, file: str, spot: Spot, chunk: Chunk) -> str:
    """The text with a step at a spot. Raises ``InputError`` for a spot that is not there."""
    root = read_tree(text, file)
    holder = root if not spot.owner else _owner(root, spot)
    listed = holder.entries.get(spot.side)
    if holder.shared or (listed is not None and listed.shared):
        raise InputError("this place is shared by an alias or a merge key", "change it in the text")
    if listed is None or not listed.items:
        return _new_side(text, holder, listed, spot.side, chunk)
    if not listed.flow:
        return _among_lines(text, listed, spot.index, holder, spot.side, chunk)
    if holder.flow:
        return _among_inline(text, listed, spot.index, chunk.inline)
    return with_step(_as_lines(text, holder, listed, spot.side), file, spot, chunk)


def _owner(root: Node, spot: Spot) -> Node:
    one = placed(root).get(spot.owner)
    if one is None:
        raise InputError(f"no step is called {spot.owner!r}", "look at the text: it may have changed")
    return one.node


def _new_side(text: str, holder: Node, listed: Node | None, side: str, chunk: Chunk) -> str:
    if holder.flow:
        if listed is not None:
            return text[: listed.start] + f"[{chunk.inline}]" + text[listed.end :]
        last = max((child.end for child in holder.entries.values()), default=holder.start + 1)
        return text[:last] + f", {side}: [{chunk.inline}]" + text[last:]
    indent = min(key.column for key in holder.keys.values()) - 1
    lines = shifted(chunk.text, indent + 2)
    if listed is not None:
        colon = text.index(":", holder.keys[side].end) + 1
        rest = text[max(colon, listed.end) : stop(text, listed)].strip()
        return text[:colon] + (f"  {rest}" if rest else "") + "\n" + lines + text[stop(text, listed) :]
    end = max(stop(text, child) for child in holder.entries.values())
    lead = "" if text[:end].endswith("\n") else "\n"
    return text[:end] + lead + " " * indent + f"{side}:\n" + lines + text[end:]


def _among_lines(text: str, listed: Node, index: int, holder: Node, side: str, chunk: Chunk) -> str:
    items = listed.items
    lines = shifted(chunk.text, column(text, dash(text, items[0])))
    if index <= 0:
        first = next(iter(items))
        at = segment(text, Placed("", first, listed, holder, Spot("", side, 0)))[0]
    else:
        at = stop(text, items[min(index, len(items)) - 1])
    lead = "" if not at or text[:at].endswith("\n") else "\n"
    return text[:at] + lead + lines + text[at:]


def _among_inline(text: str, listed: Node, index: int, words: str) -> str:
    items = listed.items
    if index < len(items):
        at = items[max(0, index)].start
        return f"{text[:at]}{words}, {text[at:]}"
    at = items[-1].end
    return f"{text[:at]}, {words}{text[at:]}"


def _as_lines(text: str, holder: Node, listed: Node, side: str) -> str:
    """A list between brackets, with an entry in each line."""
    between = text[listed.start : listed.items[0].start] + "".join(
        text[a.end : b.start] for a, b in zip(listed.items, listed.items[1:], strict=False)
    )
    if "#" in between + text[listed.items[-1].end : listed.end]:
        raise InputError("the list there has comments between its brackets", "write it over several lines first")
    indent = min(key.column for key in holder.keys.values()) - 1
    colon = text.index(":", holder.keys[side].end) + 1
    rest = text[listed.end : stop(text, listed)].strip()
    lines = "".join(f"{' ' * (indent + 2)}- {text[item.start : item.end]}\n" for item in listed.items)
    return text[:colon] + (f"  {rest}" if rest else "") + "\n" + lines + text[stop(text, listed) :]
