"""Writes resources/licences/THIRD_PARTY.md from the metadata of the packages that the lock files name.

Run it with the set-up's Python after a change to a lock file: .venv/bin/python packaging/licences.py [--check]
`--check` writes nothing and ends 1 when the file is out of date. Packages for other platforms or for an extra that is
not installed here keep their row.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "resources" / "licences" / "THIRD_PARTY.md"
HEAD = """# Packages that are installed beside Turbulence
Made by `packaging/licences.py` from the packages' own metadata. What is shipped inside Turbulence (fonts, icons, the
built-in model) has its licence beside it.

| package | version | licence | for |
| --- | --- | --- | --- |
"""
USES = {"runtime": "the program", "llama": "llama.cpp, optional"}
# Older metadata says it in words of its own; SPDX has one word for each.
SPDX = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Public Domain": "public domain",
}


def locked(name: str) -> list[tuple[str, str]]:
    """Package and version of every entry of one lock file."""
    text = (ROOT / "packaging" / "locks" / f"{name}.lock").read_text(encoding="utf-8")
    return re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, flags=re.MULTILINE)


def licence(package: str) -> str | None:
    """The licence as SPDX names it, or None for a package that is not installed."""
    try:
        data = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return None
    classifiers = [row.rsplit(" :: ", 1)[-1] for row in data.get_all("Classifier", []) if row.startswith("License ::")]
    said = data.get("License-Expression") or " or ".join(classifiers) or data.get("License") or "not stated"
    said = said.strip().splitlines()[0]
    return SPDX.get(said, said)


def known_rows() -> dict[str, str]:
    """Licences that the present file states, by package."""
    text = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    return dict(re.findall(r"^\| ([\w.-]+) \| [^|]+ \| ([^|]+) \|", text, flags=re.MULTILINE))


def table() -> str:
    """The whole file."""
    known = known_rows()
    versions: dict[tuple[str, str], list[str]] = {}
    seen: set[str] = set()
    for lock, use in USES.items():
        rows = [row for row in locked(lock) if row[0] not in seen]
        for package, version in rows:
            versions.setdefault((package, use), []).append(version)
        seen.update(package for package, _ in rows)
    lines = []
    for (package, use), numbers in sorted(versions.items()):
        found = licence(package) or known.get(package)
        if found is None:
            raise SystemExit(f"{package} is locked and not installed here: run packaging/setup.sh --llama first")
        lines.append(f"| {package} | {', '.join(dict.fromkeys(numbers))} | {found} | {use} |")
    return HEAD + "\n".join(lines) + "\n"


def main() -> int:
    """0: up to date or written; 1: `--check` found it out of date."""
    text = table()
    if "--check" in sys.argv[1:]:
        return int(not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
