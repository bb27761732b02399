"""Personal data and secrets out of a text before it goes into a prompt, a report or an export, and back again.

``redact("write to anna@example.org").text`` is ``"write to [EMAIL_1]"``. Equal values get equal placeholders, numbered
by kind in the order of the text. What a placeholder stands for is known to the :class:`Redaction` only: it lives in
memory, shows nothing in its ``repr`` and refuses to be pickled, so that it cannot be kept by mistake.

Laws (tests/privacy): ``redact(redact(t).text).text == redact(t).text`` and ``r.restore(r.text) == t``.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple, NoReturn

from turbulence_app.privacy.finders import FINDERS
from turbulence_app.privacy.finders.base import KINDS, Hit, Kind

PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(KINDS)})_[0-9]{{1,6}}\]")
PASSES = 8
"""What a replaced value uncovers is looked for again, so often at the most."""

WORTH_REMEMBERING, REMEMBERED = 200, 512
"""Characters from which on a text without hits is remembered, and how many such texts are."""
_CLEAN: set[bytes] = set()


class Span(NamedTuple):
    """A placeholder: where it stands in the redacted text, and what it replaces in the original."""

    start: int
    end: int
    original_start: int
    original_end: int
    placeholder: str


class Redaction:
    """A redacted text, and the way back."""

    __slots__ = ("_values", "spans", "text")

    def __init__(self, text: str, spans: tuple[Span, ...], values: Mapping[str, str]) -> None:
        self.text = text
        self.spans = spans
        self._values = values

    def restore(self, text: str) -> str:
        """``text`` with the values back in the places of their placeholders; unknown placeholders stay."""
        return PLACEHOLDER.sub(lambda m: self._values.get(m[0], m[0]), text) if self._values else text

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that ``text[start:end]`` comes from; part of a placeholder means all of it."""
        return self._moved(start, end=False), self._moved(end, end=True)

    def _moved(self, place: int, *, end: bool) -> int:
        """One edge of a stretch: shifted by the placeholder before it, or at the edge of the one that it is "
        "within."""
        at = (
            bisect_left(self.spans, place, key=lambda span: span.start)
            if end
            else bisect_right(self.spans, place, key=lambda span: span.start)
        )
        if at == 0:
            return place
        span = self.spans[at - 1]
        if place >= span.end:
            return place + span.original_end - span.end
        return span.original_end if end else span.original_start

    def to_redacted(self, start: int, end: int) -> tuple[int, int]:
        """Where ``original[start:end]`` stands in the redacted text; part of a value means its whole placeholder."""
        turned = tuple(Span(s.original_start, s.original_end, s.start, s.end, s.placeholder) for s in self.spans)
        return Redaction("", turned, {}).to_original(start, end)

    @property
    def counts(self) -> dict[str, int]:
        """How many different values of each kind were replaced."""
        return _counts(self._values)

    def __bool__(self) -> bool:
        """Whether anything was replaced."""
        return bool(self.spans)

    def __repr__(self) -> str:
        return f"Redaction({', '.join(f'{n} {kind}' for kind, n in self.counts.items()) or 'nothing'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("what was redacted is not to be stored")


class Redactor:
    """Redacts texts that belong together: a value has the same placeholder in all of them.

    ``avoid``: texts that will be seen later; placeholders that stand in them already are not given to anything else.
    """

    def __init__(self, avoid: Iterable[str] = ()) -> None:
        self._placeholders: dict[tuple[Kind, str], str] = {}
        self._values: dict[str, str] = {}
        self._numbers: dict[Kind, int] = {}
        self._taken = {found for text in avoid for found in PLACEHOLDER.findall(text)}

    def redact(self, text: str) -> Redaction:
        """One more text."""
        self._taken |= set(PLACEHOLDER.findall(text)) - self._values.keys()
        hits = _hits(text)
        redacted, spans = _written(text, hits, [self._placeholder(hit.kind, text[hit.start : hit.end]) for hit in hits])
        return Redaction(redacted, spans, self._values)

    def restore(self, text: str) -> str:
        """Values of all texts so far back into ``text``."""
        return Redaction("", (), self._values).restore(text)

    def _placeholder(self, kind: Kind, value: str) -> str:
        known = self._placeholders.get((kind, value))
        while known is None:
            self._numbers[kind] = self._numbers.get(kind, 0) + 1
            candidate = f"[{kind}_{self._numbers[kind]}]"
            if candidate not in self._taken:
                known = self._placeholders[kind, value] = candidate
                self._values[candidate] = value
        return known


def redact(text: str) -> Redaction:
    """Personal data and secrets out of one text. Any text will do; never raises."""
    return Redactor().redact(text)


def limits() -> tuple[str, ...]:
    """What redaction does not find, in words for people who must know."""
    return (
        "Names are found where the text says that they are names (forms, “my name is”, salutations, titles, "
        "signatures); "
        "names in running text are not. Of names in forms that its authors had not seen, it found three in four.",
        "Postal addresses are found after a label, or as a street with its house number in English, German, French, "
        "Portuguese and Spanish; other addresses, and places, employers and schools, are not.",
        "Telephone numbers are found with a country code, in the usual groups of the United States, Britain, "
        "Germany, "
        "France, India and Brazil, or after a word such as “call”; a bare run of digits is not.",
        "Numbers of states are found for CPF, DNI/NIE, NIR, SSN and National Insurance, Aadhaar and the German "
        "tax number "
        "after their names; passports, driving licences and other numbers are not.",
        "Keys are found by known prefixes and forms, passwords after a word that names them; a password by "
        "itself is not.",
        "Birth dates are found after a word such as “born”; ages, health, faith and opinions are not looked for.",
        "Handles of social networks, licence plates, customer numbers, and anything in pictures are not found.",
    )


def _hits(text: str) -> list[Hit]:
    """All hits. Texts without any are remembered by their digest: a workflow's words stand in everybody's prompt."""
    if len(text) < WORTH_REMEMBERING:
        return _settled(text)
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    if digest in _CLEAN:
        return []
    hits = _settled(text)
    if not hits:
        if len(_CLEAN) >= REMEMBERED:
            _CLEAN.clear()
        _CLEAN.add(digest)
    return hits


def _settled(text: str) -> list[Hit]:
    """All hits, in order, apart from each other: found again in the redacted text until there is nothing new."""
    hits: list[Hit] = []
    for _ in range(PASSES):
        marks = [f"[{hit.kind}_{number + 1}]" for number, hit in enumerate(hits)]
        seen, spans = _written(text, hits, marks)
        new = _outside(seen, [hit for finder in FINDERS for hit in finder(seen)])
        if not new:
            break
        back = Redaction(seen, spans, {})
        hits = _apart([*hits, *(Hit(*back.to_original(hit.start, hit.end), hit.kind) for hit in new)])
    return hits


def _outside(text: str, found: list[Hit]) -> list[Hit]:
    """The parts of hits that are not placeholders already."""
    if not found or "[" not in text:
        return found
    marks = [match.span() for match in PLACEHOLDER.finditer(text)]
    if not marks:
        return found
    starts = [start for start, _ in marks]
    parts = []
    for hit in found:
        at = hit.start
        for index in range(max(0, bisect_right(starts, hit.start) - 1), len(marks)):
            start, end = marks[index]
            if start >= hit.end:
                break
            if end > at:
                parts.append(Hit(at, max(at, start), hit.kind))
                at = end
        parts.append(Hit(at, max(at, hit.end), hit.kind))
    return [part for part in parts if any(c.isalnum() for c in text[part.start : part.end])]


def _apart(hits: list[Hit]) -> list[Hit]:
    """Overlapping hits as one that covers them all, of the kind of the longest: nothing stands out at an edge."""
    merged: list[Hit] = []
    longest = 0
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if merged and hit.start < merged[-1].end:
            last = merged[-1]
            kind = hit.kind if hit.end - hit.start > longest else last.kind
            merged[-1] = Hit(last.start, max(last.end, hit.end), kind)
            longest = max(longest, hit.end - hit.start)
        else:
            merged.append(hit)
            longest = hit.end - hit.start
    return merged


def _written(text: str, hits: Sequence[Hit], placeholders: Sequence[str]) -> tuple[str, tuple[Span, ...]]:
    """The text with placeholders for hits, and where they stand."""
    parts: list[str] = []
    spans: list[Span] = []
    at = length = 0
    for hit, placeholder in zip(hits, placeholders, strict=True):
        start = length + hit.start - at
        parts += (text[at : hit.start], placeholder)
        length = start + len(placeholder)
        spans.append(Span(start, length, hit.start, hit.end, placeholder))
        at = hit.end
    return "".join((*parts, text[at:])), tuple(spans)


def _counts(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for placeholder in values:
        kind = placeholder[1:].rpartition("_")[0]
        counts[kind] = counts.get(kind, 0) + 1
    return counts
