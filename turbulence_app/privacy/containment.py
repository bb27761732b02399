"""How far each kind of process is contained on this machine, tried out now: by Python, native code and a child."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Literal

from turbulence_app.privacy import probe, sandbox

Reach = Literal["nothing", "this machine", "this machine and the allowed hosts"]
TIMEOUT_S = 60
LAUNCHER = "turbulence_app.privacy.confined"
PROBE = "turbulence_app.privacy.probe"


@dataclass(frozen=True, slots=True)
class Contained:
    """One kind of process. ``python``, ``native`` and ``children`` tell whether a way out was refused to them."""

    process: str
    reach: Reach
    level: sandbox.Level
    closed: bool
    python: bool
    native: bool
    children: bool
    tested: str
    in_words: str

    @property
    def kernel(self) -> bool:
        """Whether native code and child processes are held as well."""
        return self.closed and self.native and self.children


_KINDS: tuple[tuple[str, Reach], ...] = (
    ("the command line and the window", "this machine"),
    ("workers of the window", "this machine"),
    ("workers of a run", "nothing"),
    ("workers of a campaign over the model", "nothing"),
    ("workers of a campaign over real code", "this machine and the allowed hosts"),
    ("the driver of a live target", "this machine and the allowed hosts"),
    ("the process of an application under test", "this machine"),
    ("the process of a llama.cpp model", "nothing"),
    ("the client of an Ollama server", "this machine"),
)


def contained() -> tuple[Contained, ...]:
    """Every kind of process. Starts two processes by the launcher that all others are started by, and asks them."""
    without, behind = _asked(), _asked("--loopback")
    here = probe.look()
    found = []
    for number, (process, reach) in enumerate(_KINDS):
        seen, tested = (here, "in this process") if number == 0 else (behind, "in a process started like it")
        if reach == "nothing":
            seen, tested = without, "in a process started like it"
        found.append(_contained(process, reach, seen, tested))
    return tuple(found)


def _contained(process: str, reach: Reach, seen: dict[str, Any], tested: str) -> Contained:
    level: sandbox.Level = seen["level"] if seen["level"] in sandbox.WORDS else "none"
    closed = bool(seen["closed"])
    words = sandbox.Confinement(level, closed).in_words
    return Contained(process, reach, level, closed, seen["python"], seen["native"], seen["children"], tested, words)


def _asked(*options: str) -> dict[str, Any]:
    """The word of a process that the launcher started; where it cannot be had, nothing counts as in force."""
    command = [sys.executable, "-m", LAUNCHER, *options, PROBE]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    nothing = {"level": "none", "closed": False, "python": False, "native": False, "children": False}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=TIMEOUT_S, check=False)
        return {**nothing, **json.loads(done.stdout)}
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return nothing
