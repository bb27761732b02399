"""Where the steps of a workflow stand in its text: their lines, their comments, the lists that they are in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from turbulence_app.domain.errors import InputError
from turbulence_app.formats.tree import Node

SIDES = ("if_true", "if_false", "steps")
_HEADING = re.compile(r"#\s*[-=*#~]{3,}")
"""A comment that heads a group of steps; it stays where it is when the step below it goes."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place between steps: in the flow (owner ""), or on a side of a branch or loop; before the step at ``index``."""

    owner: str = ""
    side: str = "flow"
    index: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """A step in the text: its value, the list that it is in, and whose that list is."""

    name: str
    node: Node
    listed: Node
    holder: Node
    spot: Spot


def placed(root: Node) -> dict[str, Placed]:
    """Every step of the flow by its name; of two with one name the first."""
    found: dict[str, Placed] = {}
    for one in _walk(root, "", "flow"):
        found.setdefault(one.name, one)
    return found


def _walk(holder: Node, owner: str, side: str) -> Iterator[Placed]:
    listed = holder.entries.get(side)
    for index, node in enumerate(listed.items if listed is not None else ()):
        name = node.entries["name"].value if "name" in node.entries else ""
        assert listed is not None
        yield Placed(str(name), node, listed, holder, Spot(owner, side, index))
        for inner in SIDES:
            yield from _walk(node, str(name), inner)


def find(root: Node, name: str) -> Placed:
    """One step. Raises ``InputError`` where there is none of that name, or where it stands under an alias."""
    one = placed(root).get(name)
    if one is None:
        raise InputError(f"no step is called {name!r}", "look at the text: it may have changed")
    if one.node.shared or one.listed.shared or one.holder.shared:
        raise InputError(f"step {name!r} is shared by an alias or a merge key", "change it in the text")
    return one


def stop(text: str, node: Node) -> int:
    """The end of the line in which a value ends; blank lines below a literal block are not part of it."""
    end = node.end
    if text[:end].endswith("\n"):
        end = len(text[:end].rstrip(" \n"))
    newline = text.find("\n", end)
    return len(text) if newline < 0 else newline + 1


def dash(text: str, item: Node) -> int:
    """Where the hyphen of a list's entry stands."""
    at = item.start
    while at > 0:
        line = text.rfind("\n", 0, at) + 1
        before = text[line:at].partition("#")[0].rstrip()
        if before.endswith("-"):
            return line + len(before) - 1
        at = line - 1
    raise InputError("the hyphen of a step cannot be found", "change it in the text")


def column(text: str, at: int) -> int:
    """The column of a place, from 0."""
    return at - (text.rfind("\n", 0, at) + 1)


def segment(text: str, one: Placed) -> tuple[int, int]:
    """A step's lines in a list of lines: the comments directly above it, its own, the remark behind it."""
    at = dash(text, one.node)
    start, indent = text.rfind("\n", 0, at) + 1, column(text, at)
    index = one.spot.index
    if index:
        floor = stop(text, one.listed.items[index - 1])
    else:
        floor = text.find("\n", one.holder.keys[one.spot.side].end) + 1
    while start > floor:
        above = text.rfind("\n", 0, start - 1) + 1
        line = text[above:start]
        mine = line.strip().startswith("#") and len(line) - len(line.lstrip()) >= indent
        if above < floor or not mine or _HEADING.match(line.strip()):
            break
        start = above
    return start, stop(text, one.node)


def shifted(chunk: str, by: int) -> str:
    """Lines moved to the right, or to the left as far as they go; blank ones stay blank."""
    if not by:
        return chunk
    lines = chunk.split("\n")
    return "\n".join(_shift(line, by) for line in lines)


def _shift(line: str, by: int) -> str:
    if not line.strip():
        return line
    if by > 0:
        return " " * by + line
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(-by, spaces) :]
