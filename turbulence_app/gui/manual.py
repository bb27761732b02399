"""The manual's pages as they lie in the program's resources, and finding words in them. Qt-free."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

INDEX = "index"
_HEADING = re.compile(r"^#\s+(.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([\w-]+)\.md")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its file's name without ending, its first heading, its Markdown."""

    name: str
    title: str
    text: str

    def hits(self, words: str) -> int:
        """How often the words occur, all of them; 0 where one is missing."""
        text = self.text.lower()
        counts = [text.count(word) for word in words.lower().split()]
        return sum(counts) if all(counts) else 0


def read_pages(folder: Path) -> list[Page]:
    """All pages, the index first and the others in the order in which it names them. Empty where there are none."""
    found = {path.stem: _page(path) for path in sorted(folder.glob("*.md"))}
    named = _LINK.findall(found[INDEX].text) if INDEX in found else []
    order = [INDEX, *named, *found]
    return [found[name] for name in dict.fromkeys(order) if name in found]


def find_pages(pages: list[Page], words: str) -> list[tuple[Page, int]]:
    """Pages with all of the words, the best first; every page where there are none. The number is of hits."""
    if not words.strip():
        return [(page, 0) for page in pages]
    hits = [(page, page.hits(words)) for page in pages]
    return sorted((pair for pair in hits if pair[1]), key=lambda pair: -pair[1])


def _page(path: Path) -> Page:
    text = path.read_text("utf-8", errors="replace")
    heading = _HEADING.search(text)
    return Page(path.stem, heading.group(1).strip() if heading else path.stem.replace("-", " "), text)
