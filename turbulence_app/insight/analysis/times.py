"""How long until they complete? How long do they hesitate before they leave? Where does the time go?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.analysis import Distribution, TimeBar, TimeShare
from turbulence_app.insight.analysis.counted import (
    COMPLETED,
    OUTCOME,
    PEOPLE,
    PERSONA,
    REQUESTS,
    RETRIES,
    TOOK,
    WAITED,
    Chosen,
    Counts,
    Words,
    by_persona,
    spread,
)

MOST_BARS = 36
WIDTHS = (1, 2, 4, 8, 16, 32, 64)
"""How many buckets a bar may hold: there are 16 per octave."""


def to_convert(chosen: Chosen, words: Words) -> Distribution:
    """Time from arrival to the end of visits that completed."""
    keys, sums = chosen.took
    return _distribution(keys, sums, keys[OUTCOME] == COMPLETED, words)


def before_leaving(chosen: Chosen, words: Words) -> Distribution:
    """Time from coming to the last step that takes time until the end, of visits that did not complete.

    What the person thought, waited and tried again there is all in it: how long somebody hesitates before leaving.
    """
    keys, sums = chosen.stayed
    return _distribution(keys, sums, keys[OUTCOME] != COMPLETED, words)


def _distribution(keys: Counts, sums: Counts, which: NDArray[np.bool_], words: Words) -> Distribution:
    """Bars of equal width on a logarithmic scale, as many as can be told apart, and percentiles."""
    buckets, people, personas = keys[-1, which], sums[0, which], keys[PERSONA, which]
    if not people.size:
        return Distribution()
    low, high = int(buckets.min()), int(buckets.max()) + 1
    width = next((w for w in WIDTHS if -(-(high - low // w * w) // w) <= MOST_BARS), WIDTHS[-1])
    low = low // width * width
    bars = []
    for first in range(low, high, width):
        inside = (buckets >= first) & (buckets < first + width)
        end = min(first + width, len(words.lows) - 1)
        bars.append(
            TimeBar(
                low_ms=words.lows[first] / 1000,
                high_ms=words.lows[end] / 1000,
                buckets=(first, first + width),
                count=by_persona(personas[inside], people[inside], len(words.personas)),
            )
        )
    each = tuple(
        spread(buckets[personas == number], people[personas == number], words) for number in range(len(words.personas))
    )
    return Distribution(bars=tuple(bars), whole=spread(buckets, people, words), personas=each)


def shares(chosen: Chosen, words: Words) -> tuple[TimeShare, ...]:
    """Per persona and visit: time spent waiting for answers and everything else, requests, and retries.

    Waiting runs from a request's leaving to its answer, or to giving up, or to the end of the visit. Everything else
    (thinking, typing, pauses before asking again) is the rest of the visit. Means over people.
    """
    keys, sums = chosen.kinds
    found = []
    for number, persona in enumerate(words.personas):
        mine = sums[:, keys[PERSONA] == number].sum(axis=1)
        n = int(mine[PEOPLE])
        if not n:
            found.append(TimeShare(persona=persona))
            continue
        found.append(
            TimeShare(
                persona=persona,
                people=n,
                waited_ms=round(int(mine[WAITED]) / n / 1000, 3),
                own_ms=round(int(mine[TOOK] - mine[WAITED]) / n / 1000, 3),
                requests=round(int(mine[REQUESTS]) / n, 4),
                retries=round(int(mine[RETRIES]) / n, 4),
            )
        )
    return tuple(found)
