"""Text to plain data with places: a bounded YAML reader (JSON is a subset).

Only the parser's events are used; values are made here by the YAML 1.2 core rules (so ``yes``, ``on`` and dates stay
text), keys are always text, tags are refused. Every bound is checked while events arrive: nothing is built first and
measured later, so nested aliases ("billion laughs") and deep nesting cost no more than the bounds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml  # type: ignore[import-untyped]

from turbulence_app.domain.errors import InputError, Location
from turbulence_app.formats.source import MAX_BYTES

MAX_DEPTH = 48
MAX_NODES = 100_000
"""Nodes after aliases are expanded."""
MAX_INTEGER = 2**64

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_CONSTANTS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_MERGE = "\0<<"
"""Stands for the merge key, which only counts unquoted; no text can hold it."""
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}


@dataclass(slots=True)
class Key:
    """Where a key stands (``line`` and ``column`` from 1; ``start``, ``end`` in characters)."""

    line: int
    column: int
    start: int
    end: int


@dataclass(slots=True)
class Node:
    """A value and its place. ``items`` are the children of a list, ``entries`` those of a mapping."""

    value: Any
    line: int
    column: int
    start: int
    end: int = 0
    flow: bool = False
    shared: bool = False
    size: int = 1
    keys: dict[str, Key] = field(default_factory=dict)
    entries: dict[str, Node] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)

    def child(self, part: str | int) -> Node | None:
        """The child under a key or an index."""
        if isinstance(part, int):
            return self.items[part] if 0 <= part < len(self.items) else None
        return self.entries.get(part)


class _Reader:
    def __init__(self, text: str, file: str, most_nodes: int) -> None:
        self.text, self.file, self.most_nodes = text, file, most_nodes
        self.anchors: dict[str, Node] = {}
        self.open: list[tuple[Node, str | None]] = []
        self.pending: list[tuple[str, Key] | None] = []
        self.root: Node | None = None
        self.nodes = 0

    def fail(self, message: str, mend: str, mark: Any) -> NoReturn:
        raise InputError(message, mend, Location(self.file, mark.line + 1, mark.column + 1))

    def read(self) -> Node:
        loader = _LOADER(self.text)
        try:
            documents = 0
            while loader.check_event():
                event = loader.get_event()
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self.fail("a second document starts here", "keep one document per file", event.start_mark)
                else:
                    self.take(event)
        finally:
            loader.dispose()
        if self.root is None or (self.root.value is None and not self.text[self.root.start : self.root.end].strip()):
            raise InputError("the file is empty", "write something into it or remove it", Location(self.file))
        return self.root

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self.begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.finish(event)
        elif isinstance(event, yaml.AliasEvent):
            self.alias(event)

    def node(self, value: Any, event: Any) -> Node:
        if event.tag is not None and event.tag not in _TAGS and event.tag != "!":
            self.fail(f"the tag {event.tag[:40]!r} is not allowed", "remove the tag", event.start_mark)
        mark = event.start_mark
        return Node(value, mark.line + 1, mark.column + 1, mark.index)

    def scalar(self, event: Any) -> None:
        if self.open and isinstance(self.open[-1][0].value, dict) and self.pending[-1] is None:
            self.key(event)
            return
        plain = event.implicit[0] and event.tag is None
        node = self.node(self.resolve(event) if plain else self.tagged(event), event)
        node.end = event.end_mark.index
        self.add(node, event)
        if event.anchor:
            self.anchors[event.anchor] = node

    def tagged(self, event: Any) -> Any:
        return event.value if event.tag in (None, "!", "tag:yaml.org,2002:str") else self.resolve(event)

    def resolve(self, event: Any) -> Any:
        text = event.value
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INT.match(text):
            if len(text) > 24:
                self.fail("the number is too large", "whole numbers have at most 20 digits", event.start_mark)
            number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
            if abs(number) > MAX_INTEGER:
                self.fail("the number is too large", "whole numbers end at 18446744073709551615", event.start_mark)
            return number
        if _FLOAT.match(text):
            value = float(text[:400])
            if value in (float("inf"), float("-inf")):
                self.fail("the number is too large", "write a number below 1e308", event.start_mark)
            return value
        if _NOT_FINITE.match(text):
            self.fail(f"{text} is not a number to count with", "write a finite number", event.start_mark)
        return text

    def key(self, event: Any) -> None:
        name = _MERGE if event.value == "<<" and event.implicit[0] else event.value
        mark, end = event.start_mark, event.end_mark
        if name in self.open[-1][0].keys:
            first = self.open[-1][0].keys[name].line
            self.fail(f"the key {name[:60]!r} is given twice (first in line {first})", "keep one of them", mark)
        if event.anchor:
            self.fail("a key cannot have an anchor", "remove the anchor", mark)
        self.pending[-1] = (name, Key(mark.line + 1, mark.column + 1, mark.index, end.index))
        self.count(1, event)

    def count(self, size: int, event: Any) -> None:
        self.nodes += size
        if self.nodes > self.most_nodes:
            self.fail(f"the file holds more than {self.most_nodes} values", "split it", event.start_mark)

    def add(self, node: Node, event: Any, size: int = 1) -> None:
        self.count(size, event)
        if not self.open:
            self.root = node
            return
        parent = self.open[-1][0]
        if isinstance(parent.value, list):
            parent.value.append(node.value)
            parent.items.append(node)
        else:
            pending = self.pending[-1]
            if pending is None:
                self.fail("a key must be a plain word", "write a word before the colon", event.start_mark)
            name, key = pending
            parent.value[name] = node.value
            parent.entries[name] = node
            parent.keys[name] = key
            self.pending[-1] = None

    def begin(self, event: Any) -> None:
        if len(self.open) >= MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels", "flatten it", event.start_mark)
        mapping = isinstance(event, yaml.MappingStartEvent)
        if self.open and isinstance(self.open[-1][0].value, dict) and self.pending[-1] is None:
            self.fail(
                "a key must be a plain word", "put {{ … }} and lists that start a value into quotes", event.start_mark
            )
        node = self.node({} if mapping else [], event)
        node.flow = bool(event.flow_style)
        self.open.append((node, event.anchor))
        self.pending.append(None)

    def finish(self, event: Any) -> None:
        node, anchor = self.open.pop()
        self.pending.pop()
        children = list(node.entries.values()) or node.items
        node.size = 1 + sum(child.size for child in children) + len(node.entries)
        node.end = event.end_mark.index if node.flow or not children else children[-1].end
        if _MERGE in node.entries:
            self.merge(node, event)
        self.add(node, event)
        if anchor:
            self.anchors[anchor] = node

    def merge(self, node: Node, event: Any) -> None:
        """YAML 1.1's merge key, which the original's files may use: own keys win, earlier sources win."""
        source, key = node.entries.pop(_MERGE), node.keys.pop(_MERGE)
        del node.value[_MERGE]
        for other in source.items if isinstance(source.value, list) else [source]:
            if not isinstance(other.value, dict):
                where = Location(self.file, key.line, key.column)
                raise InputError("'<<' merges mappings only", "name an anchor of a mapping", where)
            for name, child in other.entries.items():
                if name not in node.entries:
                    self.count(child.size + 1, event)
                    node.size += child.size + 1
                    node.value[name], node.entries[name] = child.value, child
                    node.keys[name] = Key(key.line, key.column, other.keys[name].start, other.keys[name].end)
        node.shared = True

    def alias(self, event: Any) -> None:
        node = self.anchors.get(event.anchor)
        if node is None:
            self.fail(f"nothing is anchored as &{event.anchor[:60]}", "define it above", event.start_mark)
        node.shared = True
        self.add(node, event, node.size)


def read_tree(text: str, file: str, *, most_bytes: int = MAX_BYTES, most_nodes: int = MAX_NODES) -> Node:
    """The plain data of a YAML or JSON text, with places; the bounds are for what people write.

    Raises:
        InputError: not YAML, a bound is exceeded, a key twice, a tag, a number that is not finite, or nothing at all.
    """
    if len(text) > most_bytes:
        raise InputError("the text is too large", f"at most {most_bytes // 1024 // 1024} MB are read", Location(file))
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError("the file holds NUL bytes", "save it as plain text", Location(file, line))
    try:
        return _Reader(text, file, most_nodes).read()
    except yaml.YAMLError as error:
        raise _explain(error, text, file) from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise InputError("the text holds half a character", "remove it", Location(file, line)) from None


def _explain(error: yaml.YAMLError, text: str, file: str) -> InputError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        position = getattr(error, "position", None)
        at = position if isinstance(position, int) and 0 <= position <= len(text) else 0
        line = text.count("\n", 0, at) + 1 if at else 0
        return InputError("the file holds a control character", "save it as plain text", Location(file, line))
    lines = text.splitlines()
    source = lines[mark.line] if mark.line < len(lines) else ""
    problem = str(getattr(error, "problem", "") or "this is not YAML")
    mend = "check indentation, colons and quotes"
    if "\t" in source[: len(source) - len(source.lstrip())] or "'\\t'" in problem:
        problem, mend = "a tab is used for indentation", "indent with spaces"
    elif "mapping values are not allowed" in problem:
        problem, mend = "a second colon in one line, or a line indented too far", "quote text that holds ': '"
    elif "could not find expected ':'" in problem:
        problem, mend = "a key without a colon", "write 'key: value'"
    elif "special characters are not allowed" in problem or "control characters" in problem:
        problem, mend = "the file holds a control character", "save it as plain text"
    return InputError(problem, mend, Location(file, mark.line + 1, mark.column + 1))
