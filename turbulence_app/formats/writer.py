"""Nouns to files: readable YAML, atomic writes, and edits that keep a person's comments."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from turbulence_app.domain.base import Noun
from turbulence_app.domain.errors import InputError, Location, MachineError
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.formats.emit import block
from turbulence_app.formats.loader import parse_personas, parse_policies
from turbulence_app.formats.source import read_text
from turbulence_app.formats.splice import apply, changes
from turbulence_app.formats.tree import Node, read_tree

N = TypeVar("N", Persona, Policy)
_LISTS: dict[type[Noun], str] = {Persona: "personas", Policy: "policies"}


def plain(noun: Noun) -> dict[str, Any]:
    """A noun as a file holds it."""
    return noun.plain()


def dump(noun: Noun | Sequence[Noun]) -> str:
    """YAML that loads back equal; a list of personas or policies stands under its key."""
    if isinstance(noun, Noun):
        return block(plain(noun))
    key = _LISTS.get(type(noun[0])) if noun else None
    entries = [plain(one) for one in noun]
    return block({key: entries} if key else entries)


def write_atomic(path: Path | str, text: str, *, private: bool = False) -> None:
    """Replace a file in one step: whoever reads it sees the old text or the new one, also after a crash.

    Keeps the permissions of an existing file; new files in a ``.turbulence`` folder are private (0600), elsewhere
    where ``private`` says so. A link is followed, so that it stays a link.

    Raises:
        MachineError: the disk is full, or the place cannot be written, or is no file (a device, a pipe).
    """
    write_pieces(path, (text,), private=private)


def write_pieces(path: Path | str, pieces: Iterable[str], *, private: bool = False) -> None:
    """The same for a text that is made while it is written; where making it ends with an error, the file stays."""
    target = Path(os.path.realpath(path))
    private = private or ".turbulence" in target.parts
    fresh = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    file.write(piece.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                _refuse_special(target)
                fresh.chmod(target.stat().st_mode & 0o7777)
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)
        _sync_folder(target.parent)
    except UnicodeEncodeError:
        raise InputError("the text holds half a character", "remove it", Location(str(path))) from None
    except OSError as error:
        mend = "free some space or choose another place"
        raise MachineError(f"cannot write: {error.strerror or error}", mend, Location(str(path))) from None


def _refuse_special(target: Path) -> None:
    """Renaming over a device or a pipe would put a file in its place."""
    if not target.is_file() and not target.is_dir():
        raise OSError(errno.EINVAL, "this is no file")


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def save_persona(path: Path | str, persona: Persona) -> None:
    """Write one persona into a file, in the place of the one with its id, else added; the rest stays as it is."""
    _save(Path(path), [persona], parse_personas, lambda p: (p.id,))


def save_policies(path: Path | str, policies: Sequence[Policy]) -> None:
    """Write policies into a file, each in the place of its persona's and workflow's, else added."""
    _save(Path(path), policies, parse_policies, lambda p: (p.persona_id, p.workflow or ""))


def _save(
    path: Path, nouns: Sequence[N], parse: Callable[[str, str], tuple[N, ...]], key: Callable[[N], tuple[str, ...]]
) -> None:
    if not path.exists():
        write_atomic(path, dump(nouns[0]) if len(nouns) == 1 and isinstance(nouns[0], Persona) else dump(nouns))
        return
    text = read_text(path)
    write_atomic(path, replaced(text, str(path), nouns, parse, key))


def replaced(
    text: str,
    file: str,
    nouns: Sequence[N],
    parse: Callable[[str, str], tuple[N, ...]],
    key: Callable[[N], tuple[str, ...]],
) -> str:
    """The file's text with some of its entries changed or added; comments survive where the layout allows it."""
    for noun in nouns:
        present: tuple[N, ...] = parse(text, file) if text.strip() else ()
        index: int | None = next((i for i, one in enumerate(present) if key(one) == key(noun)), None)
        kept = list(present)
        kept[len(kept) if index is None else index : len(kept) if index is None else index + 1] = [noun]
        wanted = tuple(kept)
        old = None if index is None else present[index]
        for attempt in (_in_place, _one_entry):
            try:
                edited = attempt(read_tree(text, file), text, index, old, noun)
                if edited is not None and parse(edited, file) == wanted:
                    text = edited
                    break
            except (InputError, ValueError):
                continue
        else:
            text = dump(wanted)
    return text


def _entry_nodes(root: Node, many: str, one: str) -> tuple[Node, list[Node]]:
    holder = root.entries.get(many) or root.entries.get(one) or root
    return holder, (holder.items if isinstance(holder.value, list) else [holder])


def _words(noun: Noun) -> tuple[str, str]:
    return ("personas", "persona") if isinstance(noun, Persona) else ("policies", "policy")


def _in_place(root: Node, text: str, index: int | None, old: Noun | None, noun: Noun) -> str | None:
    """Only what differs is written: comments and layout stay."""
    holder, entries = _entry_nodes(root, *_words(noun))
    if index is not None and old is not None:
        return apply(text, changes(text, entries[index], plain(old), plain(noun)))
    if not isinstance(holder.value, list) or holder.flow or not entries:
        return None
    start, end = entries[-1].start, max(entry.end for entry in entries)
    dash = start - (text.rfind("\n", 0, start) + 1)
    newline = text.find("\n", end - 1)
    end = len(text) if newline < 0 else newline + 1
    indent = text.rfind("-", 0, start) - (start - dash)
    return text[:end] + ("" if text[:end].endswith("\n") else "\n") + block([plain(noun)], indent) + text[end:]


def _one_entry(root: Node, text: str, index: int | None, old: Noun | None, noun: Noun) -> str | None:
    """The entry is written anew between its neighbours."""
    holder, entries = _entry_nodes(root, *_words(noun))
    if index is None or old is None or not isinstance(holder.value, list) or holder.flow:
        return None
    node = entries[index]
    line = text.rfind("\n", 0, node.start) + 1
    indent = text.find("-", line) - line
    newline = text.find("\n", node.end - 1)
    end = len(text) if newline < 0 else newline + 1
    return text[:line] + block([plain(noun)], indent) + text[end:]
