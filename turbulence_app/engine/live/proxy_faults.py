"""Which faults of a scenario strike a request that passes a proxy, by the request's number."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from turbulence_app.engine.draws import Draws
from turbulence_app.engine.live.trouble import HALF, SLOW, UNSENT
from turbulence_app.engine.nodes import CERTAIN, FOREVER, FaultPlan, Plan, Request
from turbulence_app.engine.purposes import site
from turbulence_app.engine.templates import Fixed, Joined

PLACE = "@proxy"
_SITE = site(PLACE)


@dataclass(slots=True)
class Hit:
    """What befalls one request."""

    numbers: list[int] = field(default_factory=list)
    delay_us: int = 0
    unsent: bool = False
    mute: bool = False
    silence_us: int = FOREVER
    status: int = 0
    copies: int = 0
    reorder: bool = False
    reset_before: bool = False
    reset_after: bool = False
    stale: bool = False
    corrupt: bool = False
    keep_bytes: int | None = None
    """How much of the answer's body passes (-1: half of it); None: all."""


class Strikes:
    """The faults of a plan on the requests to one service."""

    def __init__(self, plan: Plan, service: str) -> None:
        self._seed = plan.seed
        self._nth: Counter[int] = Counter()
        """Requests so far that a fault might have met, for ``nth``."""
        steps = {node.name: node for node in plan.nodes if isinstance(node, Request) and node.wire is not None}
        self._faults: list[tuple[FaultPlan, tuple[str, re.Pattern[str]] | None]] = []
        self._quiet: list[FaultPlan] = []
        left_out = []
        for fault, given in zip(plan.faults, plan.inputs.faults, strict=True):
            if given.service not in (None, service):
                continue
            if fault.when is not None or fault.personas is not None:
                left_out.append(f"{fault.label}: it asks about people, and a proxy knows none")
            elif fault.kind == "quiet":
                self._quiet.append(fault)
            elif given.step is None:
                self._faults.append((fault, None))
            elif given.step in steps and steps[given.step].service == service:
                self._faults.append((fault, _shape(steps[given.step])))
        self.left_out = tuple(left_out)

    def of(self, number: int, method: str, target: str, now_us: int) -> Hit:
        """What befalls request ``number`` (from 0), ``now_us`` microseconds after the proxy began."""
        hit = Hit()
        if any(not quiet.windowed or quiet.at(now_us) for quiet in self._quiet):
            return hit
        draws, path = Draws(self._seed, number, {}, False), target.partition("?")[0]
        for fault, shape in self._faults:
            if shape is not None and (shape[0] != method or not shape[1].fullmatch(path)):
                continue
            self._nth[fault.number] += 1
            if fault.nth is not None and self._nth[fault.number] != fault.nth:
                continue
            if fault.windowed and not fault.at(now_us):
                continue
            if fault.threshold < CERTAIN and draws.word(PLACE, _SITE, 0, 0, fault.purpose) >= fault.threshold:
                continue
            hit.numbers.append(fault.number)
            _strike(hit, fault, draws)
        return hit


def _strike(hit: Hit, fault: FaultPlan, draws: Draws) -> None:
    added = draws.sample(fault.add, PLACE, _SITE, 0, 0, f"{fault.purpose}_add") if fault.add is not None else 0
    if fault.kind in SLOW:
        hit.delay_us += added
    elif fault.kind in UNSENT:
        hit.unsent, hit.silence_us = True, min(hit.silence_us, fault.timeout_us)
    elif fault.kind == "connection_reset":
        after = draws.word(PLACE, _SITE, 0, 0, f"{fault.purpose}_acts") < HALF
        hit.reset_after, hit.reset_before = hit.reset_after or after, hit.reset_before or not after
    elif fault.kind == "error_status":
        hit.status = hit.status or fault.status
    elif fault.kind == "truncated_body":
        hit.keep_bytes = -1 if fault.keep_bytes is None else fault.keep_bytes
    hit.mute |= fault.kind == "response_lost"
    hit.copies += fault.kind == "duplicate"
    hit.reorder |= fault.kind == "reorder"
    hit.stale |= fault.kind == "stale_read"
    hit.corrupt |= fault.kind == "corrupt_body"


def _shape(node: Request) -> tuple[str, re.Pattern[str]]:
    """Method and path of a step's requests; whatever a template fills in is one part of the path."""
    assert node.wire is not None
    path = node.wire.path
    parts: tuple[object, ...] = (str(path.value).partition("?")[0],) if isinstance(path, Fixed) else (None,)
    if isinstance(path, Joined):
        parts = path.parts
    pattern = "".join(re.escape(part) if isinstance(part, str) else "[^/]*" for part in parts)
    return node.wire.method, re.compile(pattern if pattern.startswith("/") else f"/?{pattern}")
