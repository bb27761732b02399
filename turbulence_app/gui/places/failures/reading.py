"""Answers of the service about a failure, as the place shows them. Qt-free."""

from __future__ import annotations

from typing import Any

from turbulence_app.domain.failure import NearestPassing, Why, WhyRow
from turbulence_app.gui.chart_rows import WhiskerRow

ORDER = {"necessary": 0, "contributes": 1, "suppressor": 2, "neutral": 3}


def read_beside(reply: Any) -> NearestPassing:
    """``nearest_passing``; what the service adds for lists is left out."""
    return NearestPassing.model_validate({key: reply[key] for key in NearestPassing.model_fields if key in reply})


def read_why(reply: Any) -> Why:
    """``why``."""
    rows = [{key: row[key] for key in WhyRow.model_fields if key in row} for row in reply["rows"]]
    return Why.model_validate({**{key: reply[key] for key in Why.model_fields if key in reply}, "rows": rows})


def beside_words(found: NearestPassing) -> str:
    """Who passes, and what that took."""
    if found.left_out:
        return f"It passes without one thing: {found.left_out}."
    if found.same_user:
        return f"User {found.passing.user:,} again, and this time it holds."
    return f"User {found.passing.user:,} of the same run goes the same way for longest, and it holds."


def why_rows(why: Why) -> list[WhiskerRow]:
    """The why-table as a chart: how often it fails without each thing, and how often with all of them."""
    whole = (why.failed / why.of if why.of else 0.0, why.low, why.high)

    def key(row: WhyRow) -> tuple[int, float, str]:
        return (ORDER[row.verdict], row.failed / max(1, row.of), row.meaning)

    return [
        WhiskerRow(
            row.meaning,
            (row.failed / row.of if row.of else 0.0, row.low, row.high),
            whole,
            row.verdict,
            f"{row.failed:,} of {row.of:,} worlds failed without it; {why.failed:,} of {why.of:,} with it",
        )
        for row in sorted(why.rows, key=key)
    ]


def why_words(why: Why) -> str:
    """How to read the chart."""
    notes = " ".join(why.notes)
    return "How often it fails without each: filled; with all of them: hollow." + (f" {notes}" if notes else "")
