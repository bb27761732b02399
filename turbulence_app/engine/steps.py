"""Decisions, forms, pauses and assertions of many users, and the draws and clocks that all steps share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.group import Group, Index
from turbulence_app.engine.mixing import mark, mix_many
from turbulence_app.engine.nodes import Choose, Fill, PlanNode, Verify
from turbulence_app.engine.purposes import PURPOSES
from turbulence_app.engine.quantiles import Sampler

if TYPE_CHECKING:
    from turbulence_app.engine.crowd import Flow

STASH = ("lane 0", "lane 1", "lane 2", "lane 3")


class Steps:
    """Runs the steps that ask no service, for groups of one persona."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.chunk, self.plan, self.persona = flow, flow.chunk, flow.plan, flow.persona
        self.tally, self.tables, self.reader = flow.tally, flow.tables, flow.reader

    def draw(self, node: PlanNode, group: Group, number: int, attempt: int, purpose: str) -> NDArray[np.uint64]:
        """One lane for everybody, as raw words (not yet in the sums)."""
        block, lane = PURPOSES[purpose]
        ready = group.columns.pop(STASH[lane], None) if not block and not attempt else None
        if ready is not None:
            return ready
        return self.chunk.lanes(group.users, node.site, number, attempt, block, 1 << lane)[lane]

    def stash(self, node: PlanNode, group: Group, number: int, wanted: int) -> None:
        """Draw several lanes of a step's first block at once; each is taken by the first draw that asks for it.

        They lie among the columns, so that they shrink with the group. Every stashed lane must be drawn in the step.
        """
        if wanted:
            drawn = self.chunk.lanes(group.users, node.site, number, 0, 0, wanted)
            for lane in range(4):
                if wanted >> lane & 1:
                    group.columns[STASH[lane]] = drawn[lane]

    def sample(
        self, sampler: Sampler, node: PlanNode, group: Group, number: int, attempt: int, purpose: str,
        absent: Index | None = None,
    ) -> NDArray[np.int64] | int:  # fmt: skip
        """Durations in microseconds; a constant is one number. Those of ``absent`` are 0 and count as not drawn."""
        if sampler.constant:
            return sampler.low
        took = sampler.values(self.draw(node, group, number, attempt, purpose))
        if absent is not None:
            took[absent] = 0
        self.chunk.drawn(group, f"{node.name}:{purpose}", took)
        return took

    def think(self, sampler: Sampler, node: PlanNode, group: Group, number: int) -> Group:
        """Let think time pass; returns those whose patience for the visit lasts."""
        if sampler.constant and not sampler.low:
            return group
        group.columns["t"] += self.sample(sampler, node, group, number, 0, "think")
        return self.impatient(group)

    def late(self, sampler: Sampler, node: PlanNode, group: Group, number: int) -> Index:
        """Let think time pass; returns whose patience for the visit is over, still in the group."""
        if not sampler.constant or sampler.low:
            group.columns["t"] += self.sample(sampler, node, group, number, 0, "think")
        deadline = group.columns.get("deadline")
        return np.zeros(0, np.intp) if deadline is None else (group.t > deadline).nonzero()[0]

    def impatient(self, group: Group) -> Group:
        """End the visits whose patience is over; returns the others."""
        if "deadline" not in group.columns:
            return group
        over = (group.t > group.columns["deadline"]).nonzero()[0]
        if not over.size:
            return group
        ended, rest, _ = group.part(over, self.tables.kept)
        ended.columns["t"] = ended.columns["deadline"]
        self.flow.finish(ended, "abandoned", "visit_patience")
        return rest

    def stir(self, group: Group, value: int | NDArray[np.uint64]) -> None:
        """Mix the clocks and ``value`` into the fingerprints."""
        if self.chunk.digest:
            spread = np.uint64(value & (1 << 64) - 1) if isinstance(value, int) else value
            mix_many(group.columns["h"], group.t.view(np.uint64) ^ spread)

    def choose(self, node: Choose, group: Group, number: int) -> None:
        """Everybody decides."""
        words = self.draw(node, group, number, 0, "choice")
        option = pick(words, node.cuts[self.persona])
        undecided: NDArray[np.bool_] | None = None
        for when, cuts in node.cases[self.persona]:
            holds = self.reader.truth(when, group)
            if holds is False:
                continue
            mask = np.full(group.size, True) if holds is True else holds
            mask = mask if undecided is None else mask & undecided
            index = mask.nonzero()[0]
            option[index] = pick(words.take(index), cuts)
            undecided = ~mask if undecided is None else undecided & ~mask
        self.tally.options[node.number] += _counts(option, len(node.options))
        if self.chunk.look is not None:
            self.chunk.look.chose(node, group, option)
        if node.output in self.tables.read:
            codes = self.tables.option_codes(node)
            group.columns["var", node.output] = codes.take(option)
        if self.chunk.digest:
            shifted = option.astype(np.uint64)
            shifted <<= np.uint64(33)
            words += shifted
            self.chunk.drawn(group, f"{node.name}:choice", words)
            shifted <<= np.uint64(52 - 33)
            shifted ^= np.uint64(mark(node.site, number, 0))
            self.stir(group, shifted)

    def fill(self, node: Fill, group: Group, number: int) -> Group:
        """Everybody fills in a form; returns those whose patience lasts."""
        persona = self.persona
        group = self.think(node.think[persona], node, group, number)
        if not group.size:
            return group
        typing, correction, skip = node.typing[persona], node.correction[persona], node.skip[persona]
        for i, field in enumerate(node.fields):
            wanted = (0 if typing.constant else 1) | (2 if correction else 0) | (0 if field.required else 8)
            if not wanted:
                group.columns["t"] += typing.low * field.chars
                continue
            rate, wrong, _, skipped = self.chunk.lanes(group.users, node.site, number, i, 0, wanted)
            spent = typing.values(rate) if not typing.constant else np.full(group.size, typing.low, np.int64)
            types: NDArray[np.bool_] | None = None
            if not field.required:
                types = skipped >= np.uint64(skip)
                self.chunk.drawn(group, f"{node.name}:skip", skipped)
            if not typing.constant:
                self._drawn_where(group, f"{node.name}:typing", spent, types)
            spent *= field.chars
            if correction:
                self._drawn_where(group, f"{node.name}:correction", wrong, types)
                at = (wrong < np.uint64(correction)).nonzero()[0]
                spent[at] += spent[at] >> 1
            if types is not None:
                spent *= types
            group.columns["t"] += spent
        group = self.impatient(group)
        self.stir(group, mark(node.site, number, 0))
        return group

    def _drawn_where(self, group: Group, key: str, words: NDArray[Any], mask: NDArray[np.bool_] | None) -> None:
        self.chunk.drawn(group, key, words if mask is None else words * mask)

    def verify(self, node: Verify, group: Group, number: int) -> Group:
        """An assertion on the last answers; returns those whose visits go on."""
        holds = self.reader.check(node.check, group)
        mask = np.full(group.size, holds) if isinstance(holds, bool) else holds
        self.stir(group, (mask.astype(np.uint64) << np.uint64(52)) ^ np.uint64(mark(node.site, number, 0)))
        failed = ~mask
        self.flow.outcome_of_step(node, group, failed)
        if ("failed", node.number) in self.tables.needs:
            group.columns["failed", node.number] = failed.copy()
        if failed.any():
            group.column("assertion failed")[:] |= failed
            if self.plan.stop_on_assertion:
                ended, group, _ = group.part(failed.nonzero()[0], self.tables.kept)
                self.flow.finish(ended, "failed", "assertion_failed")
        self.flow.rules.check(group, node.number)
        return group


def _counts(option: NDArray[Any], options: int) -> NDArray[np.int64]:
    """How many took each option; comparing bytes is quicker than counting words while there are few."""
    if options > 8:
        return np.bincount(option, minlength=options)
    return np.array([np.count_nonzero(option == i) for i in range(options)])


def pick(words: NDArray[np.uint64], cuts: tuple[int, ...]) -> NDArray[Any]:
    """The number of the option in whose interval each word lies."""
    if len(cuts) > 12:
        return np.searchsorted(np.array(cuts, np.uint64), words, side="right")
    bounds = cuts if cuts[-1] < 1 << 32 else cuts[:-1]
    option = np.zeros(words.size, np.uint8)
    for cut in bounds:
        option += words >= np.uint64(cut) if cut < 1 << 32 else np.False_
    return option
