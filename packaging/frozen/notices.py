"""Licences beside the frozen program: one page that lists what is in it, and the texts that its parts ask to keep."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from email import message_from_string
from pathlib import Path

TEXTS = Path(__file__).resolve().parents[1] / "texts"
ROOT = Path(__file__).resolve().parents[2]
WORDS = ("licen", "copying", "notice", "authors")
HEAD = """# What is in this program, and under which licences

Turbulence itself: Apache License 2.0 (`LICENSE`, `NOTICE`). Fonts, icons and the built-in model have their licences
beside them, in `_internal/turbulence_app/_resources`. Qt: `QT.md`. Python: `python.txt`. The starter of the program is
PyInstaller's (GPL-2.0 with an exception that permits it to start programs of any licence); parts of NumPy are linked
with the run-time libraries of GCC (GPL-3.0 with the Runtime Library Exception): see `packages/numpy`.
Every file with its hash is in `sbom.cdx.json` and `SHA256SUMS`.

| package | version | licence | texts |
| --- | --- | --- | --- |
"""


def inside(folder: Path) -> Path:
    """Where PyInstaller put everything: macOS has a name of its own for it."""
    return next((path for path in (folder / "_internal", folder / "Frameworks") if path.is_dir()), folder / "_internal")


def write(folder: Path) -> None:
    """Make ``licences`` in the frozen folder, out of the packages' own files and those in ``packaging/texts``."""
    into = folder / "licences"
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    rows = [_package(path, into) for path in sorted(inside(folder).glob("*.dist-info"))]
    (into / "README.md").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    for path in (*sorted(TEXTS.glob("*.txt")), TEXTS / "QT.md", ROOT / "LICENSE", ROOT / "NOTICE"):
        shutil.copyfile(path, into / path.name)
    shutil.copyfile(python_licence(), into / "python.txt")


def python_licence() -> Path:
    """The interpreter's licence, where this Python keeps it."""
    places = [Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt"]
    found = next((path for path in places if path.exists()), None)
    if found is None:
        raise SystemExit(f"the licence of Python is in none of {', '.join(map(str, places))}")
    return found.resolve()


def licence_of(info: Path) -> str:
    """A distribution's licence in one line, from its own metadata."""
    data = message_from_string((info / "METADATA").read_text(encoding="utf-8"))
    classes = [row.rsplit(" :: ", 1)[-1] for row in data.get_all("Classifier", []) if row.startswith("License ::")]
    said = data.get("License-Expression") or " or ".join(classes) or data.get("License") or "not stated"
    return str(said).strip().splitlines()[0]


def _package(info: Path, into: Path) -> str:
    """Copy one distribution's texts; its row of the table."""
    name, _, version = info.name.removesuffix(".dist-info").partition("-")
    texts = [p for p in sorted(info.rglob("*")) if p.is_file() and any(word in p.name.lower() for word in WORDS)]
    for path in texts:
        target = into / "packages" / name / path.relative_to(info)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    where = (
        f"`packages/{name}`" if texts else "`QT.md`" if name.lower().startswith(("pyside", "shiboken")) else "its own"
    )
    return f"| {name} | {version} | {licence_of(info)} | {where} |"
