"""A report of a problem: parts that a person can read, change and leave out before it becomes a file. Never sent."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from turbulence_app import __version__
from turbulence_app.domain.errors import MachineError
from turbulence_app.home import home_directory, portable_flag, private_folder, shortened
from turbulence_app.privacy.redaction import redact
from turbulence_app.service.hardware import memory, processor
from turbulence_app.service.journal import log_folder
from turbulence_app.service.journal_reading import Reader, Wanted
from turbulence_app.settings import BY_KEY, preferences
from turbulence_app.settings.table import HOME_KEY

LINES = 60
"""Lines of the log that come with a report."""
PRIVATE = ("ollama.url",)
HEAD = "# A problem with Turbulence"
STORY, FAULT, SYSTEM, SETTINGS, LOG = (
    "What happened",
    "The fault",
    "The system",
    "Settings",
    "The last lines of the log",
)
ORDER = (STORY, FAULT, SYSTEM, SETTINGS, LOG)
ASK = "(What did you do, what did you expect, what came instead?)"
Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """A part with its heading."""

    title: str
    text: str


def system_facts() -> list[Fact]:
    """Program and computer, in words; nothing about the project or its people, the home folder as ``~``."""
    whole, free = memory()
    room = f"{_gib(whole)}, {_gib(free)} available" if whole and free else _gib(whole) if whole else "unknown"
    return [
        ("Turbulence", __version__ + (" (packaged)" if getattr(sys, "frozen", False) else "")),
        ("Python", f"{platform.python_version()} ({sys.implementation.name})"),
        ("System", system_name()),
        ("Processor", f"{processor()}, {platform.machine()}"),
        ("Memory", room),
        ("Data", shortened(str(home_directory())) + (" (portable)" if portable_flag() else "")),
        ("Environment", ", ".join(_variables()) or "no variable of the program is set"),
    ]


def settings_facts() -> list[Fact]:
    """The settings that are not as by default; of an address only that there is one."""
    mine = preferences()
    facts = [
        (key, "set" if key in PRIVATE else BY_KEY[key].kind.words(value))
        for key, value in mine.differing().items()
        if key != HOME_KEY
    ]
    return facts + [("settings.toml", problem) for problem in mine.problems()]


def draft(message: str, stack: str, facts: Sequence[Fact], home: Path | None = None) -> str:
    """A whole report, redacted: what is known of the fault, of the computer (``facts`` of the window come first in
    theirs), the settings and the end of the log."""
    parts = [Section(STORY, ASK)]
    if message or stack:
        parts.append(Section(FAULT, "\n\n".join(part for part in (message, _fenced(stack)) if part)))
    parts.append(Section(SYSTEM, listed([*system_facts(), *facts])))
    parts.append(Section(SETTINGS, listed(settings_facts()) or "everything as by default"))
    parts.append(Section(LOG, _fenced("\n".join(log_tail(home))) or "empty"))
    return redact(shortened(joined(parts))).text


def log_tail(home: Path | None = None, count: int = LINES) -> list[str]:
    """The newest lines of the log, the oldest of them first, one line each."""
    reader = Reader(log_folder(home))
    found = reader.page(reader.search(Wanted()).number, 0, count)
    return [f"{one['at']} {one['level']} {one['source']}: {' '.join(one['message'].split())}" for one in found[::-1]]


def joined(parts: Sequence[Section]) -> str:
    """The text of a report."""
    return "\n\n".join((HEAD, *(f"## {part.title}\n\n{part.text.strip()}" for part in parts))) + "\n"


def save(text: str, path: Path, now: datetime | None = None) -> str:
    """Redact what a person added as well, and write the file for its owner alone; returns what was written.

    Raises ``MachineError`` where it cannot be written.
    """
    moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    written = redact(shortened(text.rstrip() + f"\n\nWritten {moment}. It was not sent anywhere.\n")).text
    try:
        private_folder(path.parent)
        path.write_text(written, encoding="utf-8", errors="replace")
        path.chmod(0o600)
    except OSError as error:
        raise MachineError(f"{path.name} cannot be written: {error.strerror or error}", "is there room?") from None
    return written


def replaced(text: str) -> Mapping[str, int]:
    """How many values of each kind redaction would take out of a text."""
    return redact(text).counts


def listed(facts: Sequence[Fact]) -> str:
    """Facts as lines of a list."""
    return "\n".join(f"- {name}: {value}" for name, value in facts)


def system_name() -> str:
    """The operating system with its version."""
    if sys.platform.startswith("linux"):
        try:
            pretty = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
        except OSError:
            pretty = "Linux"
        return f"{pretty}, kernel {platform.release()}"
    return f"{platform.system()} {platform.release()} ({platform.version()})"


def _variables() -> list[str]:
    """Names of the program's variables that are set; not their values."""
    return sorted(name for name in os.environ if name.startswith(("TURBULENCE_", "LLM_", "OLLAMA_", "QT_SCALE")))


def _gib(size: int | None) -> str:
    return f"{(size or 0) / 2**30:.1f} GiB"


def _fenced(text: str) -> str:
    return f"```\n{text.strip()}\n```" if text.strip() else ""
