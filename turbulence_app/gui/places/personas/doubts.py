"""Where several compilations disagree, widest first: what a person should look at before anything else. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.domain.policy import Policy
from turbulence_app.gui.places.personas.state import title, words
from turbulence_app.insight.disagreement import Width, is_share, widths
from turbulence_app.insight.words import percent

MOST = 5
"""Rows that are shown; the rest is counted."""
_PLAIN = {
    "patience.step_wait_seconds": ("Waits for an answer", "s"),
    "patience.visit_seconds": ("Whole visit", "s"),
    "pacing.think_ms": ("Thinks", "ms"),
    "forms.typing_ms_per_char": ("Types one character", "ms"),
    "forms.correction_probability": ("Corrects a field", ""),
    "forms.skip_optional": ("Skips optional fields", ""),
    "retries.default": ("Tries again", "times"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One number that is not certain: ``low`` to ``high`` on a scale from 0 to ``top``."""

    path: str
    label: str
    low: float
    high: float
    top: float
    numbers: str

    @property
    def row(self) -> str:
        """The path of the panel's row that shows this number."""
        parts = self.path.split(".")
        if parts[0] == "decisions":
            return ".".join(parts[:2])
        return ".".join(parts[:-1]) if parts[-1] in ("min", "max") else self.path


def doubts_of(policy: Policy) -> tuple[Doubt, ...]:
    """All of them, widest first; empty where one compilation stands alone or all were of one mind."""
    return tuple(_doubt(one) for one in widths(policy))


def _doubt(one: Width) -> Doubt:
    if is_share(one.path):
        return Doubt(one.path, label_of(one.path), one.low, one.high, 1.0, f"{percent(one.low)} – {percent(one.high)}")
    unit = next((unit for path, (_, unit) in _PLAIN.items() if one.path.startswith(path)), "")
    unit = "ms" if one.path.startswith("pacing.steps.") else unit
    numbers = f"{one.low:,.3g} – {one.high:,.3g} {unit}".strip()
    return Doubt(one.path, label_of(one.path), one.low, one.high, max(one.high, 1e-9), numbers)


def label_of(path: str) -> str:
    """``Browse next: leave``, ``Waits for one answer, at most``."""
    parts = path.split(".")
    if parts[0] == "decisions":
        return f"{title(parts[1])}: {words(parts[-1])}"
    end = {"min": ", at least", "max": ", at most"}.get(parts[-1], "")
    body = ".".join(parts[:-1]) if end else path
    if body in _PLAIN:
        return _PLAIN[body][0] + end
    named = {"retries": "Tries again", "pacing": "Thinks before", "toggles": "", "parameters": ""}.get(parts[0], "")
    name = words(body.split(".")[-1])
    return f"{named} {name}{end}".strip() if named else title(name) + end
