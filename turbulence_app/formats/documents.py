"""Documents of other tools: JSON at the parser's own speed, YAML through our reader, both bounded and with lines.

Other tools' files are larger than what people write, so JSON is read by the standard library's parser and a place is
looked for only when something has to be said about it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path as FilePath
from typing import Any, NoReturn

from turbulence_app.domain.errors import InputError, Location
from turbulence_app.formats.shape import Path
from turbulence_app.formats.source import decode, read_text
from turbulence_app.formats.tree import Node, read_tree
from turbulence_app.formats.validate import place

MAX_JSON_BYTES = 256 * 1024 * 1024
"""A recording of an afternoon in a browser has tens of megabytes."""
MAX_YAML_BYTES = 16 * 1024 * 1024
MAX_YAML_NODES = 600_000
MAX_DIGITS = 400
_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class Document:
    """A document's data, and where each part of it stands."""

    def __init__(self, value: Any, text: str, file: str, tree: Node | None) -> None:
        self.value, self.file = value, file
        self._text, self._tree = text, tree

    def at(self, path: Path) -> Location:
        """The line of the part at ``path``, or of the nearest one above it."""
        if self._tree is not None:
            return place(self._tree, path, self.file)
        offset = _offset(self._text, path)
        start = self._text.rfind("\n", 0, offset) + 1
        return Location(self.file, self._text.count("\n", 0, offset) + 1, offset - start + 1)

    def fail(self, message: str, mend: str, path: Path = ()) -> NoReturn:
        """Refuse the document, with the line of ``path``."""
        raise InputError(message, mend, self.at(path))

    def mapping(self, value: Any, path: Path, what: str) -> dict[str, Any]:
        """``value`` as a mapping, or a refusal that says what should stand there."""
        if not isinstance(value, dict):
            self.fail(f"{what} is not a mapping", "write {…} there", path)
        return value

    def items(self, value: Any, path: Path, what: str) -> list[Any]:
        """``value`` as a list, or a refusal that says what should stand there."""
        if not isinstance(value, list):
            self.fail(f"{what} is not a list", "write […] there", path)
        return value


def load_document(path: FilePath | str, *, yaml: bool = True) -> Document:
    """The document in a file.

    Raises:
        InputError: not there, too large, or neither JSON nor (with ``yaml``) YAML.
    """
    return parse_document(read_text(path, MAX_JSON_BYTES), str(path), yaml=yaml)


def decode_document(data: bytes, file: str) -> Document:
    """The document in bytes that came from somewhere else than a file."""
    return parse_document(decode(data, file, MAX_JSON_BYTES), file)


def parse_document(text: str, file: str, *, yaml: bool = True) -> Document:
    """The document in a text; what starts with a brace or a bracket and parses as JSON is JSON."""
    if not text.strip():
        raise InputError("the file is empty", "name another file", Location(file))
    if text.lstrip()[:1] in ("{", "[") or not yaml:
        try:
            return Document(_json(text, file), text, file, None)
        except json.JSONDecodeError as error:
            if not yaml or text.count("\n") < 1 or len(text) > MAX_YAML_BYTES:
                raise _not_json(error, file) from None
            try:
                tree = _yaml(text, file)  # YAML's braces need no quotes inside
            except InputError:
                raise _not_json(error, file) from None
            return Document(tree.value, text, file, tree)
    tree = _yaml(text, file)
    return Document(tree.value, text, file, tree)


def _yaml(text: str, file: str) -> Node:
    return read_tree(text, file, most_bytes=MAX_YAML_BYTES, most_nodes=MAX_YAML_NODES)


def _json(text: str, file: str) -> Any:
    def number(digits: str) -> int:
        if len(digits) > MAX_DIGITS:
            raise InputError("a number is too large", f"numbers have at most {MAX_DIGITS} digits", Location(file))
        return int(digits)

    def constant(name: str) -> NoReturn:
        raise InputError(f"{name} is no number to count with", "write a finite number", Location(file))

    try:
        return json.loads(text, parse_int=number, parse_constant=constant)
    except RecursionError:
        raise InputError("the document is nested too deep", "flatten it", Location(file)) from None


def _not_json(error: json.JSONDecodeError, file: str) -> InputError:
    message = f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
    return InputError(message, "save it again from the tool that made it", Location(file, error.lineno, error.colno))


def _offset(text: str, path: Path) -> int:
    """Where the key (or list entry) at a path starts in a JSON text; values on the way are skipped by the parser."""
    at = found = _skip(text, 0)
    for part in path:
        step = _key(text, at, part) if isinstance(part, str) else _entry(text, at, part)
        if step is None:
            break
        found, at = step
    return found


def _key(text: str, at: int, name: str) -> tuple[int, int] | None:
    """Positions of the key and of its value; the last of several equal keys, as the parser has it."""
    if text[at : at + 1] != "{":
        return None
    found: tuple[int, int] | None = None
    at = _skip(text, at + 1)
    while text[at : at + 1] == '"':
        start = at
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        if key == name:
            found = (start, at)
        at = _skip(text, _DECODER.raw_decode(text, at)[1])
        if text[at : at + 1] != ",":
            break
        at = _skip(text, at + 1)
    return found


def _entry(text: str, at: int, index: int) -> tuple[int, int] | None:
    if text[at : at + 1] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(index):
        if text[at : at + 1] in ("]", ""):
            return None
        at = _skip(text, _DECODER.raw_decode(text, at)[1])
        at = _skip(text, at + 1)
    return None if text[at : at + 1] in ("]", "") else (at, at)


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
