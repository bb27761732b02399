"""Requests of many users: think, attempts, faults, waiting, retries; the vectorised twin of ``request.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.answers import MISSING
from turbulence_app.engine.group import Group, Index
from turbulence_app.engine.mixing import mark
from turbulence_app.engine.nodes import CERTAIN, FOREVER, FaultPlan, Request
from turbulence_app.engine.quantiles import Sampler
from turbulence_app.engine.rng import lanes

if TYPE_CHECKING:
    from turbulence_app.engine.crowd import Flow

EMPTY = np.zeros(0, np.uint64)
Times = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(slots=True)
class _Attempts:
    """How attempts go on the services' side; arrays by user."""

    latency: Times
    code: NDArray[np.int64]
    acts: Times | None
    """Effects; None: as the answer's code says."""
    comes: Bools | None
    """Whether the answer comes; None: everybody's does."""
    limit: Times | int
    longest: int
    """No latency is above it."""


class Requests:
    """Runs ``http``, ``grpc`` and ``wait`` steps for groups."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.plan, self.tally, self.persona = flow, flow.plan, flow.tally, flow.persona
        self.tables, self.reader = flow.tables, flow.reader

    def run(self, node: Request, group: Group, number: int) -> Group:
        """One visit of the step; returns those whose visits go on."""
        flow = self.flow
        flow.stash(node, group, number, self._lanes(node))
        group = flow.think(node.think[self.persona], node, group, number)
        group = self._delay(node, group, number)
        if not group.size:
            return group
        patience: Times | int = FOREVER
        sampler = self.plan.personas[self.persona].step_patience
        if sampler is not None and node.wait is None:
            patience = flow.sample(sampler, node, group, number, 0, "patience")
        failed, dead = self._rounds(node, group, number, patience)
        if dead is not None:
            ended, rest = group.part(dead, self.tables.kept)
            failed = failed[~dead]
            flow.finish(ended, "abandoned", "visit_patience")
            group = rest
        flow.outcome_of_step(node, group, failed)
        if self.plan.stop_on_failure and failed.any():
            ended, group = group.part(failed, self.tables.kept)
            flow.finish(ended, "failed", "step_failed")
        flow.rules.check(group, node.number)
        return group

    def _lanes(self, node: Request) -> int:
        """The lanes of the first block that this step draws for everybody."""
        patience = self.plan.personas[self.persona].step_patience
        waits = patience is not None and not patience.constant and node.wait is None
        first = (0 if node.latency.constant else 1) | (2 if len(node.codes) > 1 else 0)
        return first | (0 if node.think[self.persona].constant else 4) | (8 if waits else 0)

    def _delay(self, node: Request, group: Group, number: int) -> Group:
        if node.delays == (None, None):
            return group
        for sampler, purpose in zip(node.delays, ("jitter", "step_delay"), strict=True):
            if sampler is not None:
                group.columns["t"] += self.flow.sample(sampler, node, group, number, 0, purpose)
        return self.flow.impatient(group)

    def _note_failed(self, node: Request, group: Group, failed: Bools) -> None:
        if ("failed", node.number) in self.tables.needs:
            group.columns["failed", node.number] = failed.copy()
        else:
            group.columns.pop(("failed", node.number), None)

    def _rounds(self, node: Request, group: Group, number: int, patience: Times | int) -> tuple[Bools, Bools | None]:
        """Attempt after attempt, each for fewer users. Returns who failed, and whose patience for the visit ended."""
        started = group.t.copy() if node.wait is not None else group.t
        failed, over, code = self._attempt(node, group, number, 0, patience)
        dead: Bools | None = over
        if over is not None:
            # who leaves before any answer knows no more of the step than before
            failed = np.where(over, group.column("failed", node.number), failed)
        self._note_failed(node, group, failed)
        index, k = self._again(node, group, failed, over, code, 0, started), 0
        while index.size:
            k += 1
            part = group.take(index)
            late = self._pause(node, part, k - 1)
            if late is not None:
                dead = np.zeros(group.size, np.bool_) if dead is None else dead
                group.put(index[late], part.take(np.flatnonzero(late)))
                dead[index[late]] = True
                index, part = index[~late], part.take(np.flatnonzero(~late))
                if not index.size:
                    break
            if node.wait is None:
                self.tally.retries[node.number] += index.size
            waits = patience if isinstance(patience, int) else patience.take(index)
            part_failed, part_over, part_code = self._attempt(node, part, number, k, waits)
            part_failed = part_failed if part_over is None else part_failed | part_over
            self._note_failed(node, part, part_failed)
            group.put(index, part)
            failed[index] = part_failed
            if part_over is not None:
                dead = np.zeros(group.size, np.bool_) if dead is None else dead
                dead[index] = part_over
            begun = started.take(index)
            index = index[self._again(node, part, part_failed, part_over, part_code, k, begun)]
        return failed, dead

    def _pause(self, node: Request, part: Group, k: int) -> Bools | None:
        """Back-off or polling interval; returns whose patience for the visit ended in it, if anybody's did."""
        if node.wait is not None:
            part.columns["t"] += node.wait.interval_us
        elif node.rule is not None:
            part.columns["t"] += node.rule.pauses[k]
        else:
            return None
        deadline = part.columns.get("deadline")
        if deadline is None:
            return None
        late = part.t > deadline
        if not late.any():
            return None
        np.minimum(part.t, deadline, out=part.t)
        return late

    def _again(
        self, node: Request, group: Group, failed: Bools, over: Bools | None, code: NDArray[np.int64], k: int,
        started: Times,
    ) -> Index:  # fmt: skip
        """Who asks again after attempt k."""
        more = failed if over is None else failed & ~over
        if node.wait is not None:
            more = more & (group.t + node.wait.interval_us - started <= node.wait.timeout_us)
        elif k >= node.retries[self.persona]:
            rule = node.rule
            if rule is None or k + 1 >= rule.attempts:
                return np.zeros(0, np.intp)
            wanted = np.array(
                [
                    a.status in rule.statuses if a.came else rule.on_timeout and a.name == "timeout"
                    for a in self.plan.answers
                ]
            )
            more = more & wanted.take(code)
        return np.flatnonzero(more)

    def _attempt(
        self, node: Request, group: Group, number: int, k: int, patience: Times | int
    ) -> tuple[Bools, Bools | None, NDArray[np.int64]]:
        """One request of everybody in the group: (failed, whose patience for the visit ended, answer codes)."""
        asked = group.t
        self.tally.requests[node.number] += group.size
        if ("attempts", node.number) in self.tables.needs:
            group.column("attempts", node.number)[:] += 1
        attempt = self._answers(node, group, number, k)
        if node.faults:
            self._strike(node, group, number, k, attempt)
        code = attempt.code
        if ("effects", node.number) in self.tables.needs:
            effects = group.column("effects", node.number)
            effects += self._acts(attempt)
            if node.idempotent:
                np.minimum(effects, 1, out=effects)
        wait, late = self._wait(attempt, patience)
        if late is not None:
            attempt.acts = self._acts(attempt)
            timeout = np.broadcast_to(np.less_equal(attempt.limit, patience), code.shape)[late]
            code[late] = np.where(timeout, node.timeout_code, node.gave_up_code)
        over = self._over(group, asked, wait)
        ended = asked + wait
        if over is not None:
            ended = np.where(over, group.columns["deadline"], ended)
        self._answered(node, group, code, wait, over)
        if self.flow.chunk.digest:
            if attempt.acts is None and over is None:
                stamp = self.tables.stamps.take(code)
            else:
                shown = code if over is None else np.where(over, 0, code)
                stamp = ((shown << 48) ^ (self._acts(attempt) << 56)).view(np.uint64)
            stamp ^= (asked << 8).view(np.uint64)
            stamp ^= np.uint64(mark(node.site, number, k))
            group.columns["t"] = ended
            self.flow.stir(group, stamp)
        group.columns["t"] = ended
        return self._failed(node, group, code), over, code

    def _acts(self, attempt: _Attempts) -> Times:
        return self.tables.acts.take(attempt.code) if attempt.acts is None else attempt.acts

    def _wait(self, attempt: _Attempts, patience: Times | int) -> tuple[Times, Index | None]:
        """How long each waits, and for whom no answer came in that time."""
        answered = attempt.latency if attempt.comes is None else np.where(attempt.comes, attempt.latency, FOREVER)
        wait = answered
        if attempt.comes is not None or not isinstance(attempt.limit, int) or attempt.longest > attempt.limit:
            wait = np.minimum(answered, attempt.limit)
        if not isinstance(patience, int) or patience < FOREVER:
            wait = np.minimum(wait, patience)
        if wait is answered:
            return wait, None
        late = np.flatnonzero(answered > wait)
        return wait, late if late.size else None

    def _over(self, group: Group, asked: Times, wait: Times) -> Bools | None:
        deadline = group.columns.get("deadline")
        if deadline is None:
            return None
        over: Bools = deadline - asked < wait
        return over if over.any() else None

    def _failed(self, node: Request, group: Group, code: NDArray[np.int64]) -> Bools:
        if node.wait is None or node.wait.check is None:
            return self.tables.failed.take(code)
        holds = self.reader.check(node.wait.check, group, code)
        return ~holds if isinstance(holds, np.ndarray) else np.full(group.size, not holds)

    def _answers(self, node: Request, group: Group, number: int, k: int) -> _Attempts:
        n, chunk = group.size, self.flow.chunk
        wanted = (0 if node.latency.constant else 1) | (2 if len(node.codes) > 1 else 0)
        latency: Times
        if wanted and not k:
            drawn = tuple(group.columns.pop(name, EMPTY) for name in ("lane 0", "lane 1"))
        elif wanted:
            drawn = lanes(group.users, self.plan.seed, node.site, number, k, 0, wanted)
        if node.latency.constant:
            latency = np.full(n, node.latency.low, np.int64)
        else:
            latency = node.latency.values(drawn[0])
            chunk.drawn(group, f"{node.name}:latency", latency)
        code = np.full(n, node.codes[0], np.int64)
        if len(node.codes) > 1:
            words = drawn[1]
            other = np.flatnonzero(words >= np.uint64(node.cuts[0])) if node.cuts[0] < CERTAIN else np.zeros(0, np.intp)
            if other.size:
                option = np.searchsorted(np.array(node.cuts, np.uint64), words.take(other), side="right")
                code[other] = np.array(node.codes, np.int64).take(option)
                words[other] += option.astype(np.uint64) << np.uint64(33)
            chunk.drawn(group, f"{node.name}:outcome", words)
        latency_most = node.latency.low if node.latency.constant else node.latency.most
        comes = None if all(self.plan.answers[c].came for c in node.codes) else self.tables.came.take(code)
        return _Attempts(latency, code, None, comes, node.limit_us, latency_most)

    def _answered(self, node: Request, group: Group, code: NDArray[np.int64], wait: Times, over: Bools | None) -> None:
        """Count answers, and note them where expressions ask; ``over``: who left before any answer."""
        number, needs, tally = node.number, self.tables.needs, self.tally
        got, waited = (code, wait) if over is None else (code[~over], wait[~over])
        tally.answers += np.bincount(got, minlength=tally.answers.size)
        tally.histogram(number).add(waited)
        if ("ans", number) in needs:
            _assign(group, ("ans", number), code.astype(np.int16), over)
        if ("last answer",) in needs:
            _assign(group, ("last answer",), code.astype(np.int16), over)
        if ("waited", number) in needs:
            _assign(group, ("waited", number), wait + 1, over)
        if ("failures", number) in needs:
            _increase(group, ("failures", number), self.tables.failed.take(code), over)
        for need in needs:
            if need[0] == "count" and need[1] == number:
                same = [need[2] is None or a.name == need[2] for a in self.plan.answers]
                _increase(group, need, np.array(same).take(code), over)
        if node.extract:
            self._extract(node, group, code if over is None else np.where(over, 0, code))

    def _extract(self, node: Request, group: Group, code: NDArray[np.int64]) -> None:
        for name, found in node.extract:
            if name not in self.tables.read:
                continue
            column = group.column("var", name)
            first = group.column("init", name) if group.has("init", name) else None
            for answer, value in found.items():
                at = np.flatnonzero(code == answer)
                if not at.size:
                    continue
                if value is not MISSING:
                    column[at] = self.tables.pool_code(name, value)
                else:
                    column[at] = 0 if first is None else first[at]

    # ---- faults -------------------------------------------------------------------------------------------------

    def _strike(self, node: Request, group: Group, number: int, k: int, attempt: _Attempts) -> None:
        quiet: Bools | bool = False
        for fault in node.quiet:
            quiet = quiet | self._applies(fault, node, group)
        if quiet is True:
            return
        for fault in node.faults:
            if fault.threshold == 0:
                continue
            applies = self._applies(fault, node, group) & ~np.asarray(quiet)
            everybody = bool(applies.all())
            at = np.arange(group.size) if everybody else np.flatnonzero(np.broadcast_to(applies, (group.size,)))
            if not at.size:
                continue
            at = self._drawn(node, fault, group, number, k, at)
            if at.size:
                self._distort(node, fault, group, number, k, attempt, at)

    def _drawn(self, node: Request, fault: FaultPlan, group: Group, number: int, k: int, at: Index) -> Index:
        """Those of ``at`` whom the fault strikes."""
        if fault.threshold >= CERTAIN:
            return at
        part = group if at.size == group.size else group_users(group, at)
        words = self.flow.draw(node, part, number, k, f"fault{fault.number}")
        self.flow.chunk.drawn(part, f"{node.name}:fault{fault.number}", words)
        struck = np.flatnonzero(words < np.uint64(fault.threshold))
        return at.take(struck)

    def _distort(
        self, node: Request, fault: FaultPlan, group: Group, number: int, k: int, attempt: _Attempts, at: Index
    ) -> None:
        if fault.number < len(self.plan.faults):
            self.tally.struck[fault.number] += at.size
            group.column("faults")[at] |= 1 << fault.number
        added = self._added(fault.add, node, fault, group, number, k, at)
        acts, comes = self._acts(attempt), attempt.comes
        comes = np.full(group.size, True) if comes is None else comes
        attempt.acts, attempt.longest = acts, FOREVER
        if fault.kind in ("request_lost", "response_lost", "timeout"):
            attempt.comes = comes
        match fault.kind:
            case "latency":
                attempt.latency[at] += added
            case "request_lost":
                acts[at] = 0
                comes[at] = False
            case "response_lost":
                comes[at] = False
            case "timeout":
                acts[at] = 0
                comes[at] = False
                if fault.timeout_us < FOREVER:
                    limit = np.array(np.broadcast_to(attempt.limit, (group.size,)))
                    limit[at] = np.minimum(limit[at], fault.timeout_us)
                    attempt.limit = limit
            case "error_status":
                acts[at] = 0
                attempt.code[at] = node.error_codes[fault.status]
            case "duplicate":
                acts[at] *= 2

    def _added(
        self, add: Sampler | None, node: Request, fault: FaultPlan, group: Group, number: int, k: int, at: Index
    ) -> Times | int:
        if add is None:
            return 0
        if add.constant:
            return add.low
        purpose = f"fault{fault.number}_add"
        return self.flow.sample(add, node, group_users(group, at), number, k, purpose)

    def _applies(self, fault: FaultPlan, node: Request, group: Group) -> Any:
        """Who may be struck (before the fault's own draw): a truth value or an array."""
        if fault.personas is not None and self.persona not in fault.personas:
            return np.bool_(False)
        applies: Any = np.bool_(True)
        if fault.nth is not None:
            applies = applies & (group.column("attempts", node.number) == fault.nth)
        if fault.windowed:
            now = group.columns["arrived"] + group.t
            applies = applies & (now >= fault.start_us) & (now <= fault.stop_us)
        if fault.when is not None:
            applies = applies & self.reader.truth(fault.when, group)
        return applies


def _assign(group: Group, key: tuple[Any, ...], values: NDArray[Any], over: Bools | None) -> None:
    """Set a column, except for those in ``over``."""
    group.columns[key] = values if over is None else np.where(over, group.column(*key), values)


def _increase(group: Group, key: tuple[Any, ...], by: Bools, over: Bools | None) -> None:
    group.column(*key)[:] += by if over is None else by & ~over


def group_users(group: Group, at: Index) -> Group:
    """A group of the same users at ``at``, with their numbers alone."""
    return Group({"users": group.users.take(at)}, group.last)
