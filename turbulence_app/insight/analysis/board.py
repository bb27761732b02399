"""Everything that the Analysis page shows, for one choice of people."""

from __future__ import annotations

import numpy as np

from turbulence_app.domain.analysis import Among, Board
from turbulence_app.insight.analysis.counted import OUTCOME, PEOPLE, PERSONA, Counted, Words, choose
from turbulence_app.insight.analysis.funnel import funnel
from turbulence_app.insight.analysis.latency import latencies
from turbulence_app.insight.analysis.reasons import reasons
from turbulence_app.insight.analysis.times import before_leaving, shares, to_convert


def board(census: Counted, words: Words, among: Among) -> Board:
    """The answers to all questions."""
    chosen = choose(census, words, among)
    keys, sums = chosen.kinds
    everybody = census.kinds
    sizes = np.bincount(everybody.keys[PERSONA], weights=everybody.sums[PEOPLE], minlength=len(words.personas))
    ends = np.bincount(keys[OUTCOME], weights=sums[PEOPLE], minlength=len(words.outcomes)).astype(int).tolist()
    notes = []
    if not census.paths:
        notes.append("People went too many different ways to tell who came to which step.")
    return Board(
        among=among,
        personas=words.personas,
        sizes=tuple(sizes.astype(int).tolist()),
        steps=tuple(step.name for step in words.steps if step.place or step.goal),
        people=int(sums[PEOPLE].sum()),
        of=int(everybody.sums[PEOPLE].sum()),
        outcomes=dict(zip(words.outcomes, ends, strict=True)),
        funnel=funnel(chosen, words),
        reasons=reasons(chosen, words),
        convert=to_convert(chosen, words),
        dwell=before_leaving(chosen, words),
        latency=latencies(chosen, words),
        shares=shares(chosen, words),
        notes=tuple(notes),
    )
