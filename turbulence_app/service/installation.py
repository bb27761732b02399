"""What is installed: versions, and one digest of the program's own files."""

from __future__ import annotations

import hashlib
import platform
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from turbulence_app import __version__
from turbulence_app.resources import resource_root

_PACKAGE = Path(__file__).resolve().parents[1]
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Installation:
    """``digest`` is SHA-256 over the program's code and resources; equal installations have equal digests."""

    version: str
    digest: str
    files: int
    python: str
    system: str
    packages: dict[str, str]


def installation() -> Installation:
    """Look at the files of this installation."""
    digest, count = _digest()
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return Installation(__version__, digest, count, platform.python_version(), system, _packages())


def _digest() -> tuple[str, int]:
    """Each file's name from its root and the SHA-256 of its content, in the order of the names."""
    total, count = hashlib.sha256(), 0
    resources = resource_root()
    for label, root in (("turbulence_app", _PACKAGE), ("resources", resources)):
        for path in sorted(root.rglob("*")):
            inside = resources in path.parents and label != "resources"
            if inside or "__pycache__" in path.parts or not path.is_file():
                continue
            name = f"{label}/{path.relative_to(root).as_posix()}"
            total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
            count += 1
    return f"sha256:{total.hexdigest()}", count


def _packages() -> dict[str, str]:
    """The packages that the program asks for, and their versions here; optional ones only where they are installed."""
    try:
        asked = metadata.requires("turbulence-app") or []
    except metadata.PackageNotFoundError:
        asked = []
    found: dict[str, str] = {}
    for line in asked:
        name = _NAME.match(line)
        try:
            if name:
                found[name[0]] = metadata.version(name[0])
        except metadata.PackageNotFoundError:
            continue
    return dict(sorted(found.items(), key=lambda pair: pair[0].lower()))
