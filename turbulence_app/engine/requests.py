"""Requests of many users: think, attempts, faults, waiting, retries; the vectorised twin of ``request.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.answers import MISSING
from turbulence_app.engine.differences import Attempts, Bools, Codes, Times
from turbulence_app.engine.faults import Faults
from turbulence_app.engine.group import Group, Index
from turbulence_app.engine.mixing import mark, mix_many
from turbulence_app.engine.nodes import CERTAIN, FOREVER, Request

if TYPE_CHECKING:
    from turbulence_app.engine.crowd import Flow

EMPTY = np.zeros(0, np.uint64)
NOBODY: Index = np.zeros(0, np.intp)


class Requests:
    """Runs ``http``, ``grpc`` and ``wait`` steps for groups."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.plan, self.tally, self.persona = flow, flow.plan, flow.tally, flow.persona
        self.steps, self.faults = flow.steps, Faults(flow)
        self.tables, self.reader = flow.tables, flow.reader

    def run(self, node: Request, group: Group, number: int) -> Group:
        """One visit of the step; returns those whose visits go on."""
        flow = self.flow
        self.steps.stash(node, group, number, self._lanes(node))
        late = NOBODY
        if self._plain(node):
            late = self.steps.late(node.think[self.persona], node, group, number)
            if late.size == group.size:
                return self.steps.impatient(group)
        else:
            group = self.steps.think(node.think[self.persona], node, group, number)
            group = self._delay(node, group, number)
            if not group.size:
                return group
        patience: Times | int = FOREVER
        sampler = self.plan.personas[self.persona].step_patience
        if sampler is not None and node.wait is None:
            patience = self.steps.sample(sampler, node, group, number, 0, "patience", late)
        failed, dead = self._rounds(node, group, number, patience, late)
        if dead.size:
            ended, group, stay = group.part(dead, self.tables.kept)
            failed = failed.take(stay) if failed.any() else failed[: stay.size]
            flow.finish(ended, "abandoned", "visit_patience")
        flow.outcome_of_step(node, group, failed)
        if self.plan.stop_on_failure and failed.any():
            ended, group, _ = group.part(failed.nonzero()[0], self.tables.kept)
            flow.finish(ended, "failed", "step_failed")
        flow.rules.check(group, node.number)
        return group

    def _plain(self, node: Request) -> bool:
        """Whether those whose patience ends in think time may stay until the first attempt is over.

        Leaving them out of it by number is quicker than taking everybody else out of all columns twice.
        """
        needs = self.tables.needs
        told = ("attempts", node.number) in needs or ("effects", node.number) in needs
        return not (node.faults or node.wait or told) and node.delays == (None, None)

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
                group.columns["t"] += self.steps.sample(sampler, node, group, number, 0, purpose)
        return self.steps.impatient(group)

    def _note_failed(self, node: Request, group: Group, failed: Bools) -> None:
        if ("failed", node.number) in self.tables.needs:
            group.columns["failed", node.number] = failed.copy()
        else:
            group.columns.pop(("failed", node.number), None)

    def _rounds(
        self, node: Request, group: Group, number: int, patience: Times | int, late: Index
    ) -> tuple[Bools, Index]:
        """Attempt after attempt, each for fewer users. Returns who failed, and whose patience for the visit ended."""
        started = group.t.copy() if node.wait is not None else group.t
        failed, gone, code = self._attempt(node, group, number, 0, patience, late)
        dead = [gone]
        if gone.size:
            # who leaves before any answer knows no more of the step than before
            before = group.columns.get(("failed", node.number))
            failed[gone] = False if before is None else before.take(gone)
        self._note_failed(node, group, failed)
        index, k = self._again(node, group, failed, gone, code, 0, started), 0
        while index.size:
            k += 1
            part = group.take(index)
            over = self._pause(node, part, k - 1)
            if over is not None:
                group.put(index[over], part.take(over.nonzero()[0]))
                dead.append(index[over])
                index, part = index[~over], part.take((~over).nonzero()[0])
                if not index.size:
                    break
            if node.wait is None:
                self.tally.retries[node.number] += index.size
            waits = patience if isinstance(patience, int) else patience.take(index)
            part_failed, gone, code = self._attempt(node, part, number, k, waits, NOBODY)
            part_failed[gone] = True
            self._note_failed(node, part, part_failed)
            group.put(index, part)
            failed[index] = part_failed
            dead.append(index.take(gone))
            begun = started.take(index)
            index = index.take(self._again(node, part, part_failed, gone, code, k, begun))
        return failed, dead[0] if len(dead) == 1 else np.sort(np.concatenate(dead))

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
        self, node: Request, group: Group, failed: Bools, gone: Index, code: Codes, k: int, started: Times
    ) -> Index:
        """Who asks again after attempt k."""
        last = node.wait is None and k >= node.retries[self.persona]
        if last and (node.rule is None or k + 1 >= node.rule.attempts):
            return NOBODY
        more = failed
        if gone.size:
            more = failed.copy()
            more[gone] = False
        if node.wait is not None:
            more = more & (group.t + node.wait.interval_us - started <= node.wait.timeout_us)
        elif last and (rule := node.rule) is not None:
            wanted = np.array([rule.again(a) for a in self.plan.answers])
            more = more & wanted.take(code)
        return more.nonzero()[0]

    def _attempt(
        self, node: Request, group: Group, number: int, k: int, patience: Times | int, absent: Index
    ) -> tuple[Bools, Index, Codes]:
        """One request of everybody in the group: (failed, whose patience for the visit ended, answer codes).

        ``absent`` ask nothing, because their patience is over already: no draw, no answer, no trace.
        """
        asked = group.t
        self.tally.requests[node.number] += group.size - absent.size
        if ("attempts", node.number) in self.tables.needs:
            group.column("attempts", node.number)[:] += 1
        attempt = self._answers(node, group, number, k, absent)
        if node.faults:
            self.faults.strike(node, group, number, k, attempt, patience)
        code = attempt.code
        if ("effects", node.number) in self.tables.needs:
            effects = group.column("effects", node.number)
            effects += attempt.effects(self.tables.acts)
            if node.idempotent:
                np.minimum(effects, 1, out=effects)
        wait, late = self._wait(attempt, patience)
        if late is not None:
            attempt.acts = attempt.effects(self.tables.acts)
            timeout = np.broadcast_to(np.less_equal(attempt.limit, patience), code.shape)[late]
            code[late] = np.where(timeout, node.timeout_code, node.gave_up_code)
            attempt.odd = None
        ended = asked + wait
        gone, deadline = NOBODY, group.columns.get("deadline")
        if deadline is not None:
            gone = (ended > deadline).nonzero()[0]
            if gone.size:
                ended[gone] = deadline.take(gone)
        group.columns["t"] = ended
        if self.flow.chunk.digest:
            h = group.columns["h"]
            before = h.take(absent)
            mix_many(h, self._stamp(node, attempt, gone, asked, ended, mark(node.site, number, k)))
            h[absent] = before
        self._answered(node, group, attempt, wait, gone)
        if self.flow.chunk.look is not None:
            self.flow.chunk.look.answered(node, group, k, asked, code, gone, absent)
        return self._failed(node, group, attempt), gone, code

    def _stamp(
        self, node: Request, attempt: Attempts, gone: Index, asked: Times, ended: Times, place: int
    ) -> NDArray[np.uint64]:
        """What an attempt puts into the fingerprints: when, what was answered (0: gone before it), what took effect."""
        stamp = asked << 8
        stamp ^= ended
        words = stamp.view(np.uint64)
        if attempt.acts is not None:
            shown = attempt.code << 48
            shown[gone] = 0
            shown ^= attempt.acts << 56
            words ^= shown.view(np.uint64)
            words ^= np.uint64(place)
            return words
        stamps, code = self.tables.stamps, attempt.code
        if attempt.odd is None:
            words ^= stamps.take(code)
            words ^= np.uint64(place)
        else:
            usual = int(stamps[node.codes[0]])
            words ^= np.uint64(place ^ usual)
            words[attempt.odd] ^= stamps.take(code.take(attempt.odd)) ^ np.uint64(usual)
        if gone.size:
            words[gone] ^= (code.take(gone) << 48).view(np.uint64)
        return words

    def _wait(self, attempt: Attempts, patience: Times | int) -> tuple[Times, Index | None]:
        """How long each waits, and for whom no answer came in that time."""
        answered = attempt.latency if attempt.comes is None else np.where(attempt.comes, attempt.latency, FOREVER)
        wait = answered
        if attempt.comes is not None or not isinstance(attempt.limit, int) or attempt.longest > attempt.limit:
            wait = np.minimum(answered, attempt.limit)
        if not isinstance(patience, int) or patience < FOREVER:
            wait = np.minimum(wait, patience)
        if wait is answered:
            return wait, None
        late = (answered > wait).nonzero()[0]
        return wait, late if late.size else None

    def _failed(self, node: Request, group: Group, attempt: Attempts) -> Bools:
        if node.wait is None or node.wait.check is None:
            if attempt.odd is None or self.tables.failed[node.codes[0]]:
                return self.tables.failed.take(attempt.code)
            failed = np.zeros(group.size, np.bool_)
            failed[attempt.odd] = self.tables.failed.take(attempt.code.take(attempt.odd))
            return failed
        holds = self.reader.check(node.wait.check, group, attempt.code)
        return ~holds if isinstance(holds, np.ndarray) else np.full(group.size, not holds)

    def _answers(self, node: Request, group: Group, number: int, k: int, absent: Index) -> Attempts:
        n, chunk = group.size, self.flow.chunk
        wanted = (0 if node.latency.constant else 1) | (2 if len(node.codes) > 1 else 0)
        latency: Times
        if wanted and not k:
            drawn = tuple(group.columns.pop(name, EMPTY) for name in ("lane 0", "lane 1"))
        elif wanted:
            drawn = chunk.lanes(group.users, node.site, number, k, 0, wanted)
        if node.latency.constant:
            latency = np.full(n, node.latency.low, np.int64)
            latency[absent] = 0
        else:
            latency = node.latency.values(drawn[0])
            latency[absent] = 0
            chunk.drawn(group, f"{node.name}:latency", latency)
        code = np.full(n, node.codes[0], np.int64)
        odd = NOBODY
        if len(node.codes) > 1:
            words = drawn[1]
            if node.cuts[0] < CERTAIN:
                odd = (words >= np.uint64(node.cuts[0])).nonzero()[0]
            if odd.size:
                option = np.searchsorted(np.array(node.cuts, np.uint64), words.take(odd), side="right")
                code[odd] = np.array(node.codes, np.int64).take(option)
                words[odd] += option.astype(np.uint64) << np.uint64(33)
            words[absent] = 0
            chunk.drawn(group, f"{node.name}:outcome", words)
        latency_most = node.latency.low if node.latency.constant else node.latency.most
        comes = None if all(self.plan.answers[c].came for c in node.codes) else self.tables.came.take(code)
        return Attempts(latency, code, odd, None, comes, node.limit_us, latency_most)

    def _answered(self, node: Request, group: Group, attempt: Attempts, wait: Times, gone: Index) -> None:
        """Count answers, and note them where expressions ask; ``gone``: who left before any answer. Spoils ``wait``."""
        number, needs, tally, code = node.number, self.tables.needs, self.tally, attempt.code
        if ("ans", number) in needs:
            _assign(group, ("ans", number), code.astype(np.int16), gone)
        if ("last answer",) in needs:
            _assign(group, ("last answer",), code.astype(np.int16), gone)
        if ("waited", number) in needs:
            _assign(group, ("waited", number), wait + 1, gone)
        if ("failures", number) in needs:
            _increase(group, ("failures", number), self.tables.failed.take(code), gone)
        for need in self.tables.counts[number]:
            same = [need[2] is None or a.name == need[2] for a in self.plan.answers]
            _increase(group, need, np.array(same).take(code), gone)
        if node.extract:
            shown = code
            if gone.size:
                shown = code.copy()
                shown[gone] = 0
            self._extract(node, group, shown)
        kinds = tally.answers.size
        if attempt.odd is None:
            tally.answers += np.bincount(code, minlength=kinds)
        else:
            tally.answers[node.codes[0]] += code.size - attempt.odd.size
            tally.answers += np.bincount(code.take(attempt.odd), minlength=kinds)
        if gone.size:
            tally.answers -= np.bincount(code.take(gone), minlength=kinds)
            wait[gone] = 0
        tally.histogram(number).add(wait, ignored=gone.size)

    def _extract(self, node: Request, group: Group, code: NDArray[np.int64]) -> None:
        for name, found in node.extract:
            if name not in self.tables.read:
                continue
            column = group.column("var", name)
            first = group.column("init", name) if group.has("init", name) else None
            for answer, value in found.items():
                at = (code == answer).nonzero()[0]
                if not at.size:
                    continue
                if value is not MISSING:
                    column[at] = self.tables.pool_code(name, value)
                else:
                    column[at] = 0 if first is None else first[at]


def _assign(group: Group, key: tuple[Any, ...], values: NDArray[Any], gone: Index) -> None:
    """Set a column (its array is ``values`` from now on), except for those in ``gone``."""
    if gone.size:
        before = group.columns.get(key)
        values[gone] = 0 if before is None else before.take(gone)
    group.columns[key] = values


def _increase(group: Group, key: tuple[Any, ...], by: Bools, gone: Index) -> None:
    by[gone] = False
    group.column(*key)[:] += by
