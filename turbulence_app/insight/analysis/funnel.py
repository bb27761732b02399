"""Where do people leave?"""

from __future__ import annotations

from turbulence_app.domain.analysis import StepBar
from turbulence_app.insight.analysis.counted import (
    COMPLETED,
    OUTCOME,
    PEOPLE,
    PERSONA,
    PLACE,
    Chosen,
    Words,
    by_persona,
    came_to,
)


def funnel(chosen: Chosen, words: Words) -> tuple[StepBar, ...]:
    """A bar per step that takes time or ends visits well, in the order of the workflow; steps nobody came to are out.

    ``reached`` counts people (not visits) who came to the step at least once. ``left`` counts those whose visit ended
    without success and for whom it was the last step that takes time, so that all ``left`` together are everybody who
    left (but for those who left before any such step).
    """
    keys, sums = chosen.kinds
    size, gone = len(words.personas), keys[OUTCOME] != COMPLETED
    bars = []
    for number, step in enumerate(words.steps):
        if not (step.place or step.goal):
            continue
        came = came_to(keys, number)
        if not came.any():
            continue
        here = gone & (keys[PLACE] == number + 1)
        bars.append(
            StepBar(
                step=step.name,
                goal=step.goal,
                reached=by_persona(keys[PERSONA, came], sums[PEOPLE, came], size),
                left=by_persona(keys[PERSONA, here], sums[PEOPLE, here], size),
            )
        )
    return tuple(bars)
