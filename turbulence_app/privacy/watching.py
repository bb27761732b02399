"""From audit events to entries of the ledger: which files, databases, programs and sockets are worth a line.

The program's own installation and the interpreter's are not: they are opened hundreds of times before anything happens.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turbulence_app.privacy.ledger import MOST_ENTRIES

if TYPE_CHECKING:
    from turbulence_app.privacy.ledger import Ledger

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_PACKAGE = Path(__file__).resolve().parents[1]
_KERNEL = ("/proc/", "/sys/", "/dev/")


def own_places() -> tuple[str, ...]:
    """Where the program and its interpreter are installed, and what the kernel only pretends to be files."""
    roots = [
        str(_PACKAGE),
        str(_PACKAGE.parent / "resources"),
        sys.prefix,
        sys.base_prefix,
        str(Path(os.__file__).parent),
    ]
    found = {os.path.realpath(root) for root in roots} | set(roots)
    archives = [path for path in sys.path if path.endswith(".zip")]  # the interpreter looks for its own, there or not
    return (*sorted(root + os.sep for root in found if len(root) > 4), *archives, *_KERNEL)


def watch(ledger: Ledger) -> None:
    """Have the ledger told of everything from now on."""
    from turbulence_app.privacy import egress

    acts = {
        "open": _opened(ledger),
        "sqlite3.connect": _database(ledger),
        "subprocess.Popen": _program(ledger),
        "os.posix_spawn": _program(ledger),
        "os.exec": _program(ledger),
        "os.spawn": lambda _event, args: ledger.note("process", {"program": _name(args[1])}),
        "os.system": lambda _event, _args: ledger.note("process", {"program": "the system's shell"}),
        "os.fork": lambda _event, _args: ledger.note("process", {"program": "a copy of this process"}),
    }
    egress.watch(acts, _socket(ledger))


def _socket(ledger: Ledger) -> Callable[[str, str, bool], None]:
    known: dict[tuple[str, str, bool], str] = {}

    def told(event: str, target: str, permitted: bool) -> None:
        key = (event, target, permitted)
        text = known.get(key)
        if text is None:
            detail = {"call": event.partition(".")[2], "to": target[:300], "allowed": permitted}
            text = json.dumps(detail, sort_keys=True)
            if len(known) < MOST_ENTRIES:
                known[key] = text
        ledger.note_text("socket", text)

    return told


def _opened(ledger: Ledger) -> Callable[[str, tuple[Any, ...]], None]:
    """Files, once for reading and once for writing. This is called for every file that Python opens: first the cheap
    question whether it is one of ours."""
    ours = (*own_places(), str(ledger.folder) + os.sep, str(ledger.folder))
    seen: set[tuple[str, bool]] = set()

    def opened(_event: str, args: tuple[Any, ...]) -> None:
        path, mode, flags = args
        if not isinstance(path, str):
            if isinstance(path, int) or path is None:
                return
            path = os.fsdecode(path)
        if path.startswith(ours):
            return
        write = any(c in mode for c in "wax+") if mode is not None else bool(flags & _WRITING)
        if (path, write) in seen:
            return
        if len(seen) < 20_000:
            seen.add((path, write))
        whole = str(Path(path).absolute())
        if not whole.startswith(ours):
            ledger.note("file", {"path": whole[:1000], "write": write})

    return opened


def _database(ledger: Ledger) -> Callable[[str, tuple[Any, ...]], None]:
    """SQLite opens its files in native code; this tells which."""

    def connected(_event: str, args: tuple[Any, ...]) -> None:
        name = os.fsdecode(args[0])
        path = name.removeprefix("file:").partition("?")[0]
        if path and not path.startswith(":memory:") and "mode=memory" not in name:
            write = "mode=ro" not in name and "immutable=1" not in name
            ledger.note("file", {"path": str(Path(path).absolute())[:1000], "write": write})

    return connected


def _program(ledger: Ledger) -> Callable[[str, tuple[Any, ...]], None]:
    """The program's name and, of a Python, the module: never the arguments."""

    def started(_event: str, args: tuple[Any, ...]) -> None:
        detail = {"program": _name(args[0])}
        words = args[1] if len(args) > 1 and isinstance(args[1], list | tuple) else ()
        if module := _module([str(word) for word in words[:12]]):
            detail["module"] = module
        ledger.note("process", detail)

    return started


def _name(program: Any) -> str:
    return Path(os.fsdecode(program)).name[:200] if isinstance(program, str | bytes | os.PathLike) else "?"


def _module(words: list[str]) -> str:
    """The module that a Python runs, behind the launcher that confines it."""
    named = [word for word in words[1:] if word.startswith("turbulence_app")]
    return named[-1][:200] if "-m" in words and named else ""
