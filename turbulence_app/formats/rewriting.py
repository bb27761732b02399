"""One value or key of a text written anew where it stands, and whether the text then says what it should."""

from __future__ import annotations

from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.formats.emit import flow
from turbulence_app.formats.flow_names import Site, renamed
from turbulence_app.formats.splice import Edit, same
from turbulence_app.formats.tree import Key, Node, read_tree

UNUSUAL = ("the text is laid out so that this cannot be changed in place", "change it in the text")


def site_edits(text: str, site: Site, old: str, new: str) -> list[Edit]:
    """Another name for a step in a text that may speak of it; none where it does not."""
    value = str(site.node.value)
    after = renamed(value, site.kind, old, new)
    return [] if after == value else rewritten(text, site.node, value, after)


def rewritten(text: str, node: Node, value: str, after: str) -> list[Edit]:
    """The characters that differ, where the value stands in the text as it is; else the whole scalar."""
    raw = text[node.start : node.end]
    core = value.strip("\n")
    if raw.count(core) == 1:
        at = node.start + raw.index(core)
        return [(at, at + len(core), after.strip("\n"))]
    return [(node.start, node.start + len(raw.rstrip()), flow(after))]


def scalar_edit(text: str, node: Node, value: str) -> Edit:
    """Another word in the place of a scalar, in the quotes that it had."""
    raw = text[node.start : node.end]
    quote = raw[:1] if raw[:1] in ("'", '"') and "'" not in value and "\\" not in value else ""
    return (node.start, node.end, f"{quote}{value}{quote}" if quote else flow(value))


def key_edit(key: Key, value: str) -> Edit:
    """Another name for a key."""
    return (key.start, key.end, flow(value))


def rebuilt(node: Node, values: dict[int, str], keys: dict[int, dict[str, str]]) -> Any:
    """The plain data with other values and keys; both are named by the ``id`` of their node."""
    if id(node) in values:
        return values[id(node)]
    if isinstance(node.value, dict):
        names = keys.get(id(node), {})
        return {names.get(k, k): rebuilt(child, values, keys) for k, child in node.entries.items()}
    if isinstance(node.value, list):
        return [rebuilt(child, values, keys) for child in node.items]
    return node.value


def checked(after: str, file: str, wanted: Any) -> str:
    """The text, if it says what is wanted. Raises ``InputError`` where it does not."""
    try:
        said = read_tree(after, file).value
    except InputError:
        raise InputError(*UNUSUAL) from None
    if not same(said, wanted):
        raise InputError(*UNUSUAL)
    return after
