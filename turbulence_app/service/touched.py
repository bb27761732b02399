"""The ledger in figures: which sockets, files, models, child processes and downloads it saw."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from turbulence_app.privacy import ledger

MOST_PATHS = 200
"""Paths told of an area; the rest is counted."""


@dataclass
class Area:
    """Files of one part of the disk: how many were read and written, and which."""

    name: str
    read: int = 0
    written: int = 0
    paths: list[str] = field(default_factory=list)


@dataclass
class Sockets:
    """Calls by where they went. ``hosts`` are those beyond this machine, ``refused_targets`` what was refused."""

    this_machine: int = 0
    allowed: int = 0
    refused: int = 0
    hosts: dict[str, int] = field(default_factory=dict)
    refused_targets: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Touched:
    """Everything since ``since``, by kind."""

    since: str
    until: str
    entries: int
    processes: dict[str, int]
    sockets: Sockets
    files: list[Area]
    models: list[dict[str, Any]]
    programs: dict[str, int]
    pulls: list[dict[str, str]]


def touched(home: Path, project: Path | None, since: datetime | None = None) -> Touched:
    """Read the ledger, this process's own entries included."""
    ledger.flush()
    entries = list(ledger.read(home, since=since))
    by_kind: dict[str, list[ledger.Entry]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, []).append(entry)
    return Touched(
        since=_moment(min((e.at for e in entries), default=None)),
        until=_moment(max((e.at for e in entries), default=None)),
        entries=len(entries),
        processes=dict(Counter(process for process, _ in {(e.process, e.pid) for e in entries})),
        sockets=_sockets(by_kind.get("socket", ())),
        files=_files(by_kind.get("file", ()), home, project),
        models=_models(by_kind.get("model", ())),
        programs=_programs(by_kind.get("process", ())),
        pulls=[{"at": _moment(e.at), "what": str(e.detail.get("what", ""))} for e in by_kind.get("ollama pull", ())],
    )


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at is not None else ""


def _times(entry: ledger.Entry) -> int:
    again = entry.detail.get("again", 1)
    return again if isinstance(again, int) else 1


def _sockets(entries: Iterable[ledger.Entry]) -> Sockets:
    found = Sockets()
    hosts: Counter[str] = Counter()
    for entry in entries:
        target, count = str(entry.detail.get("to", "")), _times(entry)
        if not entry.detail.get("allowed"):
            found.refused += count
            if "again" not in entry.detail and len(found.refused_targets) < MOST_PATHS:
                told = {"at": _moment(entry.at), "process": entry.process, "to": target}
                found.refused_targets.append({**told, "call": str(entry.detail.get("call", ""))})
        elif is_here(target):
            found.this_machine += count
        else:
            found.allowed += count
            hosts[target] += count
    found.hosts = dict(hosts)
    return found


def is_here(target: str) -> bool:
    """Whether an address of the ledger (``host:port``, ``unix:path``) is on this machine."""
    if target.startswith("unix:"):
        return True
    for host in (target, target.rpartition(":")[0]):  # a host that was looked up stands without a port
        if host == "localhost":
            return True
        try:
            address = ip_address(host.strip("[]").partition("%")[0])
        except ValueError:
            continue
        mapped = getattr(address, "ipv4_mapped", None)
        return bool((mapped or address).is_loopback)
    return False


def _files(entries: Iterable[ledger.Entry], home: Path, project: Path | None) -> list[Area]:
    roots = [("the program's data", home), ("this project", project), ("temporary files", Path(tempfile.gettempdir()))]
    places = [(name, _whole(root)) for name, root in roots if root is not None]
    places += [("your home folder", _whole(Path.home()))]
    areas: dict[str, Area] = {}
    seen: set[tuple[str, bool]] = set()
    for entry in entries:
        path, write = str(entry.detail.get("path", "")), bool(entry.detail.get("write"))
        if not path or (path, write) in seen:
            continue
        seen.add((path, write))
        name = next((name for name, root in places if path == root or path.startswith(root + "/")), "elsewhere")
        area = areas.setdefault(name, Area(name))
        area.written += write
        area.read += not write
        if path not in area.paths and len(area.paths) < MOST_PATHS:
            area.paths.append(path)
    return sorted(areas.values(), key=lambda area: area.name)


def _whole(path: Path) -> str:
    return str(path.expanduser().absolute()).rstrip("/")


def _models(entries: Iterable[ledger.Entry]) -> list[dict[str, Any]]:
    """Each model once, with how often it answered."""
    counts: Counter[tuple[str, ...]] = Counter()
    names = ("backend", "model", "digest", "level")
    for entry in entries:
        counts[tuple(str(entry.detail.get(name, "")) for name in names)] += _times(entry)
    return [{**dict(zip(names, key, strict=True)), "answers": count} for key, count in sorted(counts.items())]


def _programs(entries: Iterable[ledger.Entry]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for entry in entries:
        module = entry.detail.get("module")
        counts[f"{entry.detail.get('program', '?')}{f' {module}' if module else ''}"] += _times(entry)
    return dict(sorted(counts.items()))
