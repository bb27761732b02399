"""Licences of everything that is shipped, as pages of a list. Qt-free."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from turbulence_app.resources import resource_root

_ROW = re.compile(r"^\| ([\w.-]+) \| ([^|]+) \| ([^|]+) \|")
_TEXT = re.compile(r"(licen[cs]e|copying|notice)", re.IGNORECASE)
LONGEST = 200_000
OWN = "turbulence-app"


@dataclass(frozen=True, slots=True)
class Licence:
    """One part of what is shipped: its name, the short name of its licence, and how to get the text."""

    name: str
    short: str
    files: tuple[Path, ...]
    says: str = ""

    def text(self) -> str:
        """The licence's words; read when they are wanted."""
        parts = [self.says] if self.says else []
        for path in self.files:
            try:
                parts.append(path.read_text("utf-8", errors="replace")[:LONGEST].strip())
            except OSError:
                continue
        return "\n\n".join(parts) or f"{self.name}: {self.short}. Its text is not with this installation."

    def fits(self, words: str) -> bool:
        """Whether name or licence have all of the words."""
        text = f"{self.name} {self.short}".lower()
        return all(word in text for word in words.lower().split())


def licences(root: Path | None = None) -> list[Licence]:
    """The program first, then what lies in its resources, then the packages that come with it."""
    root = root or resource_root()
    return [
        Licence("Turbulence", "Apache-2.0", tuple(_own())),
        Licence("Inter, typeface", "OFL-1.1", (root / "fonts" / "Inter-LICENSE.txt",)),
        Licence("JetBrains Mono, typeface", "OFL-1.1", (root / "fonts" / "JetBrainsMono-LICENSE.txt",)),
        Licence("Lucide, icons", "ISC", (root / "icons" / "LICENSE.txt",)),
        Licence(
            "all-MiniLM-L6-v2, model", "Apache-2.0", (root / "models" / "LICENSE",),
            "The built-in model is all-MiniLM-L6-v2 by the sentence-transformers authors, rounded to 8 bits.",
        ),
        *_packages(root / "licences" / "THIRD_PARTY.md"),
    ]  # fmt: skip


def overview(root: Path | None = None) -> str:
    """The table of packages as it ships."""
    folder = (root or resource_root()) / "licences"
    found = sorted(folder.glob("*.md")) + sorted(folder.glob("*.txt"))
    return "\n\n".join(path.read_text("utf-8", errors="replace").strip() for path in found) or "No licence texts here."


def _own() -> Iterator[Path]:
    beside = resource_root().parent
    for name in ("LICENSE", "NOTICE"):
        if (beside / name).is_file():
            yield beside / name
    if not (beside / "LICENSE").is_file():
        yield from _texts(OWN)


def _packages(table: Path) -> Iterator[Licence]:
    try:
        lines = table.read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        row = _ROW.match(line)
        if row is not None and row[1] not in ("package", "---"):
            says = f"{row[1]} {row[2]}, {row[3].strip()}"
            yield Licence(row[1], row[3].strip(), tuple(_texts(row[1])), says)


def _texts(package: str) -> Iterator[Path]:
    """Licence files that came with an installed package."""
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:
        return
    for file in files:
        if ".dist-info" in str(file) and _TEXT.search(file.name):
            yield Path(str(file.locate()))
