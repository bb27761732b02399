"""The corpus: texts with a marked value that must be found, and look-alikes that must be left alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from turbulence_app.privacy.redaction import redact

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """A text; the value in it and its kind, or none."""

    text: str
    kind: str = ""
    start: int = 0
    end: int = 0


@dataclass
class Score:
    """By kind: values that there are, values covered whole, hits, and hits on such a value."""

    values: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def recall(self, kind: str) -> float:
        return self.covered[kind] / self.values[kind]

    def precision(self, kind: str) -> float:
        return self.right[kind] / max(1, self.hits[kind])

    def table(self) -> str:
        rows = [
            f"{kind:<12} {self.values[kind]:>4} values  recall {self.recall(kind):6.1%}  "
            f"{self.hits[kind]:>4} hits  precision {self.precision(kind):6.1%}"
            for kind in sorted(self.values)
        ]
        return "\n".join([*rows, *self.misses])


def cases(name: str) -> list[Case]:
    """One file of the corpus."""
    lines = (HERE / f"corpus_{name}.txt").read_text(encoding="utf-8").splitlines()
    return [_case(line.replace("\\n", "\n")) for line in lines if line and not line.startswith("# ")]


def _case(line: str) -> Case:
    if "«" not in line:
        return Case(line)
    kind, _, text = line.partition(" | ")
    start, end = text.index("«"), text.index("»") - 1
    return Case(text.replace("«", "").replace("»", ""), kind, start, end)


def score(found: list[Case]) -> Score:
    """Redact every text and count."""
    total = Score()
    for case in found:
        spans = redact(case.text).spans
        total.values[case.kind] += bool(case.kind)
        for span in spans:
            kind = span.placeholder[1:].rpartition("_")[0]
            right = kind == case.kind and span.original_start < case.end and case.start < span.original_end
            total.hits[kind] += 1
            total.right[kind] += right
            if not right:
                total.misses.append(f"taken for {kind}: {case.text[span.original_start : span.original_end]!r}")
        covered = any(s.original_start <= case.start and case.end <= s.original_end for s in spans)
        total.covered[case.kind] += covered and bool(case.kind)
        if case.kind and not covered:
            total.misses.append(f"{case.kind} not found: {case.text!r}")
    total.values += Counter()
    return total
