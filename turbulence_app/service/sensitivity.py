"""What moves completion: each number of a policy moved, or each change of it taken back, for the same people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.events import Event, Progress
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.policy import Policy
from turbulence_app.engine.kept import Kept
from turbulence_app.engine.preview import who_completes
from turbulence_app.insight.parts import differing, take
from turbulence_app.insight.sensitivity import Shift, moves, shift

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_USERS = 20_000
TELL_EVERY = 4


@dataclass(frozen=True, slots=True)
class Swing:
    """How completion moves with one number between ``low`` and ``high``; shifts are against the policy as it is."""

    path: str
    part: str
    low: float
    high: float
    below: Shift
    above: Shift
    guessed: bool

    @property
    def width(self) -> float:
        """How far apart the two ends leave completion."""
        ends = (0.0, self.below.difference, self.above.difference)
        return max(ends) - min(ends)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one changed part does to completion: with it, against without it, all else as it is now."""

    part: str
    shift: Shift


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """All swings, widest first, of ``users`` people of whom the share ``completion`` completes."""

    users: int
    completion: float
    swings: tuple[Swing, ...]


def sensitivity(
    inputs: RunInputs,
    users: int,
    *,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    kept: Kept | None = None,
) -> Sensitivity:
    """Move every number of a single persona's policy. Raises ``CancelledError`` when asked to stop."""
    policy = _only(inputs)
    asked = moves(policy, inputs.workflow)
    runner = _Runner(inputs, min(users, MOST_USERS), 2 * len(asked), on_event, should_stop, kept)
    found = [
        Swing(m.path, m.part, m.low, m.high, runner.against(m.below), runner.against(m.above), m.guessed) for m in asked
    ]
    found.sort(key=lambda swing: -swing.width)
    return Sensitivity(runner.users, float(runner.base.mean()), tuple(found))


def effects(
    inputs: RunInputs,
    before: Policy,
    users: int,
    *,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    kept: Kept | None = None,
) -> tuple[Effect, ...]:
    """What each part that differs from ``before`` does, strongest first."""
    policy = _only(inputs)
    parts = differing(before, policy)
    runner = _Runner(inputs, min(users, MOST_USERS), len(parts), on_event, should_stop, kept)
    found = [Effect(part, _turned(runner.against(take(policy, before, part)))) for part in parts]
    return tuple(sorted(found, key=lambda effect: -abs(effect.shift.difference)))


class _Runner:
    """The same people under other policies, told apart one by one."""

    def __init__(
        self,
        inputs: RunInputs,
        users: int,
        total: int,
        on_event: Callable[[Event], None] | None,
        should_stop: Callable[[], bool] | None,
        kept: Kept | None,
    ) -> None:
        self._inputs, self.users, self._total = inputs, users, total
        self._tell, self._stop, self._kept = on_event, should_stop, kept
        self._done = 0
        self._same: dict[int, Shift] = {}
        self.base: NDArray[np.bool_] = self._run(inputs)

    def against(self, policy: Policy) -> Shift:
        """Completion under ``policy`` against completion under the policy that the inputs have."""
        if self._tell is not None and self._done % TELL_EVERY == 0:
            self._tell(Progress(what="moving numbers", done=self._done, total=self._total))
        self._done += 1
        member = self._inputs.crowd[0]
        if policy == member.policy:
            return Shift(0.0, 0.0, 0.0)
        crowd = (member.model_copy(update={"policy": policy}),)
        now = self._run(self._inputs.model_copy(update={"crowd": crowd}))
        gained, lost = int((now & ~self.base).sum()), int((self.base & ~now).sum())
        return shift(gained, lost, self.users)

    def _run(self, inputs: RunInputs) -> NDArray[np.bool_]:
        return who_completes(inputs, self.users, self._stop, self._kept)


def _turned(value: Shift) -> Shift:
    return Shift(-value.difference, -value.high, -value.low)


def _only(inputs: RunInputs) -> Policy:
    if len(inputs.crowd) != 1:
        raise InputError("numbers are moved for one persona at a time", "give a crowd of one")
    return inputs.crowd[0].policy
