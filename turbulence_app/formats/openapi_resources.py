"""Paths to resources: what is a collection, what is one thing in it, and what can be done with either.

``/orders`` is a collection, ``/orders/{orderId}`` one of them, ``POST /orders/{orderId}/pay`` something that is done
with it, ``/orders/{orderId}/items`` a collection that belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from turbulence_app.formats.names import singular, snake
from turbulence_app.formats.openapi_read import Operation

MAX_SEGMENTS = 30
_PARAMETER = re.compile(r"\{([^{}]+)\}\Z")
_GENERIC = {"id", "uuid", "key", "slug", "name", "pk", "code", "no", "number", "guid"}


@dataclass
class Resource:
    """A collection and the things in it. ``identity`` is the variable that holds the id of the thing at hand."""

    word: str
    identity: str = ""
    names: tuple[str, ...] = ()
    """What the documents call the id in paths, each spelling once."""
    listing: Operation | None = None
    create: Operation | None = None
    others: list[Operation] = field(default_factory=list)
    """What else is done with the whole collection."""
    read: Operation | None = None
    changes: list[Operation] = field(default_factory=list)
    delete: Operation | None = None
    actions: list[tuple[str, Operation]] = field(default_factory=list)
    children: list[Resource] = field(default_factory=list)

    @property
    def one(self) -> str:
        """One thing of the collection, in words."""
        return singular(self.word).replace("_", " ")

    @property
    def has_items(self) -> bool:
        """Whether anything is done with one thing of it."""
        return bool(self.read or self.changes or self.delete or self.actions or self.children)


@dataclass
class _Node:
    segment: str
    names: list[str] = field(default_factory=list)
    operations: dict[str, Operation] = field(default_factory=dict)
    below: dict[str, _Node] = field(default_factory=dict)

    @property
    def item(self) -> _Node | None:
        return self.below.get("{}")

    def statics(self) -> list[_Node]:
        return [node for key, node in self.below.items() if key != "{}"]


def resources_of(operations: list[Operation]) -> list[Resource]:
    """The resources at the top, in the document's order; the rest hangs below them."""
    root = _Node("")
    for operation in operations:
        node = root
        for segment in [s for s in operation.path.split("/") if s][:MAX_SEGMENTS]:
            name = parameter_of(segment)
            node = node.below.setdefault("{}" if name else segment, _Node(name or segment))
            if name and name not in node.names:
                node.names.append(name)
        node.operations.setdefault(operation.method, operation)
    top = _resource(root, "root") if root.operations or root.item else None
    return [*([top] if top else []), *_tops(root)]


def parameter_of(segment: str) -> str | None:
    """The name of the parameter that makes up a whole segment of a path."""
    found = _PARAMETER.match(segment)
    return found[1] if found else None


def _tops(node: _Node) -> Iterator[Resource]:
    """The resources below a node that is no resource itself, or beside the one that it is."""
    for child in node.statics():
        if child.operations or child.item:
            yield _resource(child, snake(child.segment, "things"))
        yield from _tops(child)


def _resource(node: _Node, word: str) -> Resource:
    found = Resource(word, listing=node.operations.get("GET"), create=node.operations.get("POST"))
    found.others = [op for method, op in node.operations.items() if method not in ("GET", "POST")]
    if node.item is not None:
        _fill(found, node.item)
    return found


def _fill(found: Resource, item: _Node) -> None:
    found.names = tuple(item.names)
    found.identity = identity_of(found.word, item.names[0])
    operations = item.operations
    found.read, found.delete = operations.get("GET"), operations.get("DELETE")
    found.changes = [operations[m] for m in ("PATCH", "PUT") if m in operations][:1]
    if "POST" in operations:
        found.actions.append(("send", operations["POST"]))
    if item.item is not None:  # /a/{x}/{y}
        found.children.append(_resource(_Node("", below={"{}": item.item}), snake(item.item.names[0])))
    for child in item.statics():
        if child.operations and not child.item and "GET" not in child.operations:
            word = snake(child.segment, "act")
            found.actions += [(word, operation) for operation in child.operations.values()]
        elif child.operations or child.item:
            found.children.append(_resource(child, snake(child.segment, "things")))
        found.children += _tops(child)


def identity_of(word: str, name: str) -> str:
    """The variable for an id that a path calls ``name``: ``{id}`` of orders and ``{orderId}`` are ``order_id``."""
    short = snake(name, "id")
    return f"{singular(word)}_{short}" if short in _GENERIC else short
