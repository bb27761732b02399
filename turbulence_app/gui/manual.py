"""The manual's pages as they lie in the program's resources: headings, links, and finding words in them. Qt-free."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

INDEX = "index"
_HEADING = re.compile(r"^(#{1,4})\s+(.+?)\s*#*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_PAGE_LINK = re.compile(r"\]\(([\w-]+)\.md")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
SNIPPET = 90
"""Letters of a found line that are shown."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: 1 is the page's own; ``anchor`` as links name it; ``line`` counted from 0."""

    level: int
    title: str
    anchor: str
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its file's name without ending, its first heading, its Markdown, all its headings."""

    name: str
    title: str
    text: str
    headings: tuple[Heading, ...] = field(default=())

    def links(self) -> list[tuple[str, str]]:
        """Links to pages and to places on this one: the page's name ('' for this one) and the anchor ('' for its top).

        Links out of the manual and pictures are left out.
        """
        found = []
        for target in _LINK.findall(_without_code(self.text)):
            file, _, anchor = target.partition("#")
            if file.endswith(".md") or (not file and anchor):
                found.append((file.removesuffix(".md"), anchor))
        return found


@dataclass(frozen=True, slots=True)
class Found:
    """A section in which all the words are: its page, its heading, the first line that has one of them."""

    page: Page
    heading: Heading
    snippet: str
    hits: int


def read_pages(folder: Path) -> list[Page]:
    """All pages, the index first and the others in the order in which it names them. Empty where there are none."""
    found = {path.stem: _page(path) for path in sorted(folder.glob("*.md"))}
    named = _PAGE_LINK.findall(found[INDEX].text) if INDEX in found else []
    order = [INDEX, *named, *found]
    return [found[name] for name in dict.fromkeys(order) if name in found]


def find_sections(pages: Iterable[Page], words: str) -> list[Found]:
    """Sections with all of the words, the best first; a hit in a heading counts for five."""
    wanted = words.lower().split()
    found = [one for page in pages for heading, lines in _sections(page) if (one := _in(page, heading, lines, wanted))]
    return sorted(found, key=lambda one: -one.hits)


def headings_of(text: str) -> tuple[Heading, ...]:
    """The headings of a Markdown text; lines of code that look like some are none. Equal ones get a number."""
    found: list[Heading] = []
    seen: dict[str, int] = {}
    for number, line in _prose(text):
        match = _HEADING.match(line)
        if match is None:
            continue
        title = re.sub(r"[`*]", "", match.group(2))
        anchor = anchor_of(title)
        count = seen[anchor] = seen.get(anchor, 0) + 1
        found.append(Heading(len(match.group(1)), title, anchor if count == 1 else f"{anchor}-{count - 1}", number))
    return tuple(found)


def anchor_of(title: str) -> str:
    """How links name a heading: small letters, figures and hyphens."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _sections(page: Page) -> list[tuple[Heading, list[str]]]:
    lines = page.text.splitlines()
    heads = page.headings or (Heading(1, page.title, "", 0),)
    ends = [one.line for one in heads[1:]] + [len(lines)]
    return [(head, lines[head.line : end]) for head, end in zip(heads, ends, strict=True)]


def _in(page: Page, heading: Heading, lines: list[str], wanted: list[str]) -> Found | None:
    text = "\n".join(lines).lower()
    if not wanted or not all(word in text for word in wanted):
        return None
    hits = sum(text.count(word) + 4 * heading.title.lower().count(word) for word in wanted)
    first = next((line for line in lines[1:] if any(word in line.lower() for word in wanted)), "")
    plain = re.sub(r"[`*|#>]|\]\([^)]*\)|\[", "", first).strip(" -")
    return Found(page, heading, plain[:SNIPPET], hits)


def _prose(text: str) -> list[tuple[int, str]]:
    """Lines outside of code, with their numbers."""
    code, found = False, []
    for number, line in enumerate(text.splitlines()):
        if _FENCE.match(line):
            code = not code
        elif not code:
            found.append((number, line))
    return found


def _without_code(text: str) -> str:
    return re.sub(r"`[^`]*`", "", "\n".join(line for _, line in _prose(text)))


def _page(path: Path) -> Page:
    text = path.read_text("utf-8", errors="replace")
    headings = headings_of(text)
    title = next((one.title for one in headings if one.level == 1), path.stem.replace("-", " "))
    return Page(path.stem, title, text, headings)
