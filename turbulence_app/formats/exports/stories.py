"""Words that several reports share."""

from __future__ import annotations

from turbulence_app.domain.run import Verdict


def why_broken(verdict: Verdict) -> str:
    """A broken rule in one line: what it says, and for how many."""
    said = verdict.says or verdict.expression
    if verdict.value:
        return f"{said} ({verdict.value})"
    return f"{said} (broken by {verdict.violations:,} of {verdict.exercised:,} users)"
