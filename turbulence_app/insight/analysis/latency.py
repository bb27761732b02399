"""When was it slow, and for whom?"""

from __future__ import annotations

import numpy as np

from turbulence_app.domain.analysis import Latencies, LatencyLine
from turbulence_app.insight.analysis.counted import Chosen, Counts, Words

FINEST = 24
"""At least so many spans of time, where the run is long enough to have them."""


def latencies(chosen: Chosen, words: Words) -> Latencies:
    """Percentiles of what people waited for one answer, by the moment at which they asked, whole and by persona.

    Spans of 2^k microseconds of the run. Percentiles by nearest rank, then the middle of a bucket (at most 3.2 %
    off). Waits that the end of a visit cut short had no answer and are not in it.
    """
    keys, sums = chosen.waits
    if not keys.shape[1]:
        return Latencies()
    spans = int(keys[0].max()) + 1
    whole = _line("", keys, sums, spans, words)
    lines = [
        _line(persona, keys[:, keys[2] == number], sums[:, keys[2] == number], spans, words)
        for number, persona in enumerate(words.personas)
    ]
    return Latencies(span_s=(1 << chosen.shift) / 1e6, whole=whole, personas=tuple(lines))


def _line(persona: str, keys: Counts, sums: Counts, spans: int, words: Words) -> LatencyLine:
    table = np.zeros((spans, len(words.middles)), np.int64)
    np.add.at(table, (keys[0], keys[4]), sums[0])
    cumulated = table.cumsum(axis=1)
    n = cumulated[:, -1]
    middles = np.asarray(words.middles) / 1000

    def at(share: float) -> tuple[float | None, ...]:
        rank = np.maximum(1, np.ceil(n * share)).astype(np.int64)
        place = (cumulated >= rank[:, None]).argmax(axis=1)
        return tuple(round(float(middles[p]), 3) if size else None for p, size in zip(place, n, strict=True))

    return LatencyLine(persona=persona, n=tuple(n.tolist()), p50=at(0.5), p95=at(0.95), p99=at(0.99))
