"""The list of what is in the frozen program: CycloneDX 1.6, the native libraries one by one with their hashes.

Packages are known by their metadata in the folder. Equal folders give equal lists: the serial number is a hash of the
components, and the moment is ``SOURCE_DATE_EPOCH``.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
import uuid
from datetime import UTC, datetime
from email import message_from_string
from pathlib import Path
from typing import Any

from notices import inside as contents
from notices import licence_of

SPACE = uuid.UUID("6f0f27d2-58f5-5a4c-9a55-2f5a3f0a7c11")
OTHERS = (
    ("Inter", "OFL-1.1", "fonts/Inter-*.otf"),
    ("JetBrains Mono", "OFL-1.1", "fonts/JetBrainsMono-*.ttf"),
    ("Lucide", "ISC", "icons/*.svg"),
    ("all-MiniLM-L6-v2", "Apache-2.0", "models/minilm-*.safetensors"),
)
"""What the program's own resources contain of others."""


def write(folder: Path, target: Path) -> None:
    """Look at the folder and write the list."""
    inside = contents(folder)
    packages = [_package(path) for path in sorted(inside.glob("*.dist-info"))]
    program = next(one for one in packages if one["name"] == "turbulence-app")
    components = [one for one in packages if one is not program]
    components += [_python(), *_qt(components), *_resources(inside / "turbulence_app" / "_resources")]
    components += [_library(path, folder) for path in sorted(folder.rglob("*")) if _native(path)]
    digest = hashlib.sha256(json.dumps(components, sort_keys=True).encode()).hexdigest()
    moment = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(SPACE, digest)}",
        "version": 1,
        "metadata": {
            "timestamp": moment.isoformat().replace("+00:00", "Z"),
            "component": {**program, "type": "application", "name": "turbulence"},
        },
        "components": components,
    }
    target.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _package(info: Path) -> dict[str, Any]:
    data = message_from_string((info / "METADATA").read_text(encoding="utf-8"))
    name, version = str(data["Name"]), str(data["Version"])
    address = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    return _component("library", name, version, licence_of(info), address)


def _component(kind: str, name: str, version: str, licence: str, address: str = "") -> dict[str, Any]:
    said = {"expression": licence} if _is_expression(licence) else {"license": {"name": licence}}
    found = {
        "type": kind,
        "name": name,
        "version": version,
        "licenses": [said],
        "bom-ref": address or f"{name}@{version}",
    }
    return {**found, "purl": address} if address else found


def _is_expression(licence: str) -> bool:
    """Whether it is written as SPDX writes it, rather than in a package's own words."""
    words = licence.replace("(", " ").replace(")", " ").split()
    return bool(words) and all(
        w in ("AND", "OR", "WITH") or ("-" in w or w in ("MIT", "ISC", "0BSD", "Zlib")) for w in words
    )


def _python() -> dict[str, Any]:
    version = platform.python_version()
    return _component("framework", "CPython", version, "Python-2.0", f"pkg:generic/python@{version}")


def _qt(packages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    versions = [one["version"] for one in packages if one["name"].lower().startswith("pyside6")]
    return [_component("framework", "Qt", v, "LGPL-3.0-only", f"pkg:generic/qt@{v}") for v in versions[:1]]


def _resources(root: Path) -> list[dict[str, Any]]:
    found = []
    for name, licence, pattern in OTHERS:
        files = sorted(root.glob(pattern))
        total = hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)).hexdigest()
        found.append(_component("data", name, total[:12], licence))
    return found


def _native(path: Path) -> bool:
    """Machine code: a library or a program."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(4)
    return head in (b"\x7fELF", b"\xcf\xfa\xed\xfe") or head[:2] == b"MZ"


def _library(path: Path, folder: Path) -> dict[str, Any]:
    name, raw = path.relative_to(folder).as_posix(), path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    return {
        "type": "file",
        "name": name,
        "bom-ref": f"file:{name}",
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "properties": [{"name": "turbulence:bytes", "value": str(len(raw))}],
    }


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
