"""One window for each person and data folder: a second start hands its file over to the first and ends.

The first start holds a lock for as long as it lives, which a ``kill -9`` ends, too; whoever has it may replace a socket
that was left behind. Lock and socket lie in a folder that is this user's alone, so nobody else's window is ever asked.
No Qt here: a second start is to be quick.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from turbulence_app.home import home_directory
from turbulence_app.locks import hold

ANSWER_S = 4.0
"""How long the first window may take to answer before the second start opens a window of its own."""
STARTING_S = 4.0
"""How long a first window may take until it listens at all."""
MOST_BYTES = 16_384
OK = b"ok\n"


@dataclass(frozen=True, slots=True)
class Door:
    """Where the first window listens; ``lock`` is what makes this process the first (None: it is not)."""

    address: Path
    lock: int | None

    def close(self) -> None:
        """Let the next start be the first."""
        if self.lock is not None:
            self.address.unlink(missing_ok=True)
            os.close(self.lock)


def find_door(home: Path | None = None, base: Path | None = None) -> Door | None:
    """The door for a data folder; None where there is no private place for one: every start has its own window then."""
    folder = base or _runtime_folder()
    if folder is None:
        return None
    name = hashlib.sha256(str(home or home_directory()).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if not _ours(folder):
            return None
        return Door(folder / f"{name}.sock", hold(folder / f"{name}.lock"))
    except OSError:
        return None


def hand_over(door: Door, path: Path | None, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Ask the first window to come to the front and open ``path``; False where it does not answer in time."""
    message = json.dumps({"turbulence": 1, "open": None if path is None else str(path)}).encode() + b"\n"
    waits = int(STARTING_S / 0.1)
    for _ in range(waits):
        answer = _ask(door.address, message)
        if answer is not None:
            return answer
        sleep(0.1)  # it holds the lock and does not listen yet
    return False


def _ask(address: Path, message: bytes) -> bool | None:
    """Whether it answered; None where nobody listens."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(ANSWER_S)
            try:
                line.connect(str(address))
            except (FileNotFoundError, ConnectionRefusedError):
                return None
            line.sendall(message)
            return line.recv(len(OK)) == OK
    except OSError:
        return False


def read_message(data: bytes) -> tuple[bool, Path | None]:
    """Whether a message is one of ours, and what it asks to open."""
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        return False, None
    if not isinstance(message, dict) or message.get("turbulence") != 1:
        return False, None
    wanted = message.get("open")
    if not isinstance(wanted, str) or "\0" in wanted:
        return wanted is None, None
    return os.path.isabs(wanted), Path(wanted) if os.path.isabs(wanted) else None  # noqa: PTH117


def _runtime_folder() -> Path | None:
    """A short path: addresses of sockets may have about a hundred characters."""
    if sys.platform == "win32" or not hasattr(socket, "AF_UNIX"):
        return None
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and _ours(Path(runtime)):
        return Path(runtime) / "turbulence"
    return Path(tempfile.gettempdir()) / f"turbulence-{os.getuid()}"


def _ours(folder: Path) -> bool:
    """Whether it is a folder, no link, that belongs to this user and to nobody else."""
    try:
        facts = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and not facts.st_mode & 0o077
