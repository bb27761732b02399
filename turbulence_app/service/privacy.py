"""The page that a security officer can sign: what is in force, what was touched, what leaves, what is kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from turbulence_app.formats.exports.privacy_page import privacy_html
from turbulence_app.privacy import egress, ledger, redaction
from turbulence_app.privacy.containment import Contained, contained
from turbulence_app.privacy.finders.base import KINDS
from turbulence_app.service.at_rest import Kept, kept
from turbulence_app.service.installation import Installation, installation
from turbulence_app.service.touched import Touched, touched

PROMISE = "Nothing leaves this machine. The exceptions, each only on your own word:"


@dataclass(frozen=True, slots=True)
class LockState:
    """The egress lock of this process: on, tried just now, and the hosts that the user listed."""

    on: bool
    holds: bool
    allowed: tuple[str, ...]
    refused: int


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page. ``problems`` is what is not as it should be; without any, ``ok``."""

    date: str
    ok: bool
    problems: tuple[str, ...]
    lock: LockState
    containment: tuple[Contained, ...]
    ledger: Touched
    ledger_folder: str
    ledger_lost: int
    promise: str
    exceptions: tuple[str, ...]
    redacted_kinds: tuple[str, ...]
    redaction_limits: tuple[str, ...]
    at_rest: tuple[Kept, ...]
    installation: Installation

    def document(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self)

    def html(self) -> str:
        """One self-contained, printable file without script and without links."""
        return privacy_html(self.document())


def privacy_page(
    home: Path, project: Path | None = None, since: datetime | None = None, now: datetime | None = None
) -> Page:
    """Look at everything, now: the locks are tried, two processes are started to be asked. Nothing is sent anywhere."""
    seen = touched(home, project, since)
    lock = LockState(egress.locked(), egress.holds(), egress.allowed(), egress.refused())
    held, places = contained(), kept(home, project)
    problems = tuple(_problems(lock, held, seen, places))
    moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    return Page(
        date=moment,
        ok=not problems,
        problems=problems,
        lock=lock,
        containment=held,
        ledger=seen,
        ledger_folder=str(ledger.ledger_folder(home)),
        ledger_lost=ledger.lost(),
        promise=PROMISE,
        exceptions=tuple(_exceptions(lock, seen)),
        redacted_kinds=KINDS,
        redaction_limits=redaction.limits(),
        at_rest=places,
        installation=installation(),
    )


def save(page: Page, path: Path) -> None:
    """Write the page as HTML, for its owner alone. Raises ``MachineError`` where it cannot be written."""
    from turbulence_app.formats.writer import write_atomic

    write_atomic(path, page.html())
    path.chmod(0o600)


def _problems(lock: LockState, held: tuple[Contained, ...], seen: Touched, places: tuple[Kept, ...]) -> list[str]:
    """What somebody must look at before they sign."""
    found = []
    if not lock.on:
        found.append("the egress lock is off in this process")
    elif not lock.holds:
        found.append("the egress lock is on and let a connection through")
    found += [f"{one.process}: {one.in_words}" for one in held if not one.closed]
    if seen.sockets.refused:
        first = ", ".join(dict.fromkeys(one["to"] for one in seen.sockets.refused_targets[:5]))
        found.append(f"{seen.sockets.refused} attempts to leave this machine were refused: {first}")
    found += [f"others can look into {one.path} ({one.rights}): chmod 700" for one in places if not one.private]
    if ledger.lost():
        found.append(f"{ledger.lost()} entries could not be written into the ledger")
    return found


def _exceptions(lock: LockState, seen: Touched) -> list[str]:
    listed = ", ".join(lock.allowed) or "none at present"
    used = f"; used so far: {', '.join(seen.sockets.hosts)}" if seen.sockets.hosts else ""
    return [
        f"hosts that you list for a live target, or in TURBULENCE_ALLOW_HOSTS ({listed}{used})",
        "a Dask cluster that you name with `campaign --on` (its workers are programs of yours, without this lock)",
        f"an Ollama server fetches a model over its own network when you ask for it ({len(seen.pulls)} times so far)",
        "what a project's own application, test or service does in its own process",
    ]
