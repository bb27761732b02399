"""Where words go: results to standard output, the rest to standard error, and no traceback for a broken pipe."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

import click

from turbulence_app.domain.errors import CancelledError, ExitStatus, InputError, KnownError, MachineError, Problem
from turbulence_app.service import plain
from turbulence_app.settings import preferences

PLAIN = str.maketrans({"→": "->", "“": '"', "”": '"', "–": "-", "…": "~", "×": "x", "·": "-", "’": "'"})
"""Stand-ins where the terminal has no Unicode."""
STYLES = {"dim": "2", "bold": "1", "good": "32", "bad": "31", "warn": "33", "accent": "36"}


class Console:
    """One command's way to talk: what was asked for (``--json``, ``--quiet``) and what the terminal can."""

    def __init__(self, project: str | None = None, as_json: bool = False, quiet: bool = False) -> None:
        self.project = project
        self.as_json = as_json
        self.quiet = quiet
        self.color = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.unicode = _can_unicode(sys.stdout)
        self.width = min(max(shutil.get_terminal_size((100, 24)).columns, 40), 120)

    @property
    def root(self) -> Path:
        """The project's folder."""
        return Path(self.project).expanduser().absolute() if self.project else Path.cwd()

    def say(self, text: str = "") -> None:
        """A line of the result for people; nothing with ``--json`` or ``--quiet``."""
        if not (self.as_json or self.quiet):
            _write(sys.stdout, text + "\n")

    def result(self, text: str) -> None:
        """The one line that ``--quiet`` leaves."""
        if not self.as_json:
            _write(sys.stdout, text + "\n")

    def document(self, data: Mapping[str, Any]) -> None:
        """The one JSON document of ``--json``; nothing otherwise."""
        if self.as_json:
            _write(sys.stdout, json.dumps(data, indent=2, ensure_ascii=not self.unicode, allow_nan=False) + "\n")

    def note(self, text: str) -> None:
        """A remark on standard error."""
        if not self.quiet:
            _write(sys.stderr, text + "\n")

    def warn(self, text: str) -> None:
        """Something that went otherwise than one would think; on standard error, also with ``--quiet``."""
        _write(sys.stderr, f"warning: {text}\n")

    def style(self, text: str, *names: str) -> str:
        """Text in a style, where the terminal has styles."""
        if not (self.color and names and text):
            return text
        return f"\x1b[{';'.join(STYLES[name] for name in names)}m{text}\x1b[0m"

    def bar(self, part: float, width: int) -> str:
        """A bar ``width`` columns wide, filled to ``part`` (0..1) in eighths."""
        part = min(max(part, 0.0), 1.0)
        if not self.unicode:
            filled = round(part * width)
            return "#" * filled + "." * (width - filled)
        eighths = round(part * width * 8)
        full, rest = divmod(eighths, 8)
        body = "█" * full + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "")
        return body + " " * (width - len(body))

    def glyph(self, fancy: str, plain_text: str) -> str:
        """A sign, or its stand-in where the terminal has no Unicode."""
        return fancy if self.unicode else plain_text


def common(function: Callable[..., int]) -> Callable[..., int]:
    """The options that every command has; the command gets a :class:`Console` as its first argument."""

    @click.option("--project", metavar="DIR", help="The project's folder (default: here).")
    @click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output, remarks elsewhere.")
    @click.option("--quiet", is_flag=True, help="Only the result's first line; no progress.")
    @functools.wraps(function)
    def wrapped(project: str | None, as_json: bool, quiet: bool, **given: Any) -> int:
        console = Console(project, as_json, quiet)
        for problem in preferences().problems():  # the defaults hold where a setting cannot
            console.warn(one_line(problem))
        return function(console, **given)

    return wrapped


def called() -> str:
    """How to call the program again from this shell: as it was called, where it is not on the path."""
    name = Path(sys.argv[0] if sys.argv else "turbulence")
    if name.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m turbulence_app"
    found = shutil.which("turbulence")
    here = name.stem == "turbulence" and len(name.parts) > 1 and name.is_file()
    return shlex.quote(str(name)) if here and not (found and name.samefile(found)) else "turbulence"


def explain(error: KnownError, as_json: bool) -> int:
    """Say a known error: one line and its mend, or the JSON form; returns the exit status."""
    status = int(error.exit_status)
    problems: tuple[Problem, ...] = error.problems if isinstance(error, InputError) else (error.problem,)
    if as_json:
        body = {**plain.problem(error.problem), "exit_status": status, "cancelled": isinstance(error, CancelledError)}
        if len(problems) > 1:
            body["problems"] = [plain.problem(problem) for problem in problems]
        _fault(body)
    for line in error_lines(problems):
        _write(sys.stderr, line + "\n")
    return status


def error_lines(problems: tuple[Problem, ...], most: int = 20) -> list[str]:
    """Problems as lines: ``error: FILE:LINE: what`` and, indented, the mend."""
    lines: list[str] = []
    for problem in problems[:most]:
        place = f"{problem.where}: " if problem.where else ""
        lines.append(f"{problem.severity}: {place}{one_line(problem.message)}")
        if problem.mend:
            lines.append(f"  mend: {one_line(problem.mend)}")
    if len(problems) > most:
        lines.append(f"... and {len(problems) - most} more")
    return lines


def usage(message: str, as_json: bool) -> int:
    """Say that the call was wrong."""
    if as_json:
        body = {"message": message, "mend": "see --help", "where": None, "exit_status": int(ExitStatus.INPUT)}
        _fault(body)
    _write(sys.stderr, f"error: {one_line(message)}\n  mend: see `turbulence --help`\n")
    return int(ExitStatus.INPUT)


def _fault(body: Mapping[str, Any]) -> None:
    """The JSON form of an error; where it cannot be written, standard error and the exit status still tell."""
    with contextlib.suppress(MachineError):
        _write(sys.stdout, json.dumps({"error": body}, indent=2) + "\n")


def one_line(text: str) -> str:
    """Text without line breaks and control characters, so that no file can write into the terminal."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def finish() -> None:
    """Push out what is still in the buffers; a reader that left is no error."""
    for stream in (sys.stdout, sys.stderr):
        _flush(stream)


def _write(stream: TextIO, text: str) -> None:
    if not _can_unicode(stream):
        encoding = stream.encoding or "ascii"
        text = text.translate(PLAIN).encode(encoding, "replace").decode(encoding)
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
    except OSError as error:
        _silence(stream)
        if stream is sys.stdout:
            message = f"the output cannot be written: {error.strerror}"
            raise MachineError(message, "make room where it goes; what was done is kept") from error


def _flush(stream: TextIO) -> None:
    try:
        stream.flush()
    except OSError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Nobody reads this stream any more: let the rest go nowhere, and the work go on to its exit status."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _can_unicode(stream: TextIO) -> bool:
    try:
        "█→✓".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
