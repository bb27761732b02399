"""What a campaign sees in a vectorised batch: who broke what under which faults, and how close the others came."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.batch import Hit
from turbulence_app.domain.campaign import NearMiss
from turbulence_app.domain.faults import fault_names
from turbulence_app.engine.campaign.margins import margins, watched
from turbulence_app.engine.campaign.seeds import Slice
from turbulence_app.engine.group import Group, Index
from turbulence_app.engine.nodes import Plan, Rule
from turbulence_app.engine.reader import Reader

Found = tuple[int, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


class Lookout:
    """A :class:`~turbulence_app.engine.watch.Watch` over one batch: user u is one of world ``u // people``.

    ``near`` keeps margins, too (which costs an evaluation per question).
    """

    def __init__(self, plan: Plan, part: Slice, people: int, *, near: bool) -> None:
        self.plan, self.part, self.people = plan, part, people
        self._found: list[Found] = []
        """(rule, users, last steps, clocks, faults so far) of those who broke it."""
        watch = near and {i for i, rule in enumerate(plan.rules) if watched(rule)}
        self._closest = {i: np.full(part.worlds, np.inf) for i in watch or ()}

    # ---- while it runs ------------------------------------------------------------------------------------------

    def asked(self, i: int, rule: Rule, group: Group, reader: Reader) -> None:
        """Keep the least margin of each world."""
        closest = self._closest.get(i)
        if closest is None or rule.tree is None or not group.size:
            return
        found = margins(rule.tree, lambda leaf: reader.leaf(leaf, group), group.size)
        worlds = self._world(group.users)
        starts = np.concatenate([[0], (worlds[1:] != worlds[:-1]).nonzero()[0] + 1])
        least = np.minimum.reduceat(found, starts)
        at = worlds[starts]
        closest[at] = np.minimum(closest[at], least)

    def broken(self, i: int, group: Group, at: Index) -> None:
        """Keep who broke a rule, where, when, and what had struck them."""
        users = group.users.take(at).view(np.int64)
        faults = group.column("faults").take(at) if group.has("faults") else np.zeros(at.size, np.int64)
        self._found.append((i, users, group.lasts().take(at), group.t.take(at), faults))

    def _world(self, users: NDArray[np.uint64]) -> NDArray[np.int64]:
        return users.view(np.int64) // self.people

    # ---- afterwards ---------------------------------------------------------------------------------------------

    def hits(self, seed: int) -> tuple[Hit, ...]:
        """Failures by cause, the first world of each first."""
        causes: dict[tuple[int, int, int], list[tuple[NDArray[np.int64], NDArray[np.int64]]]] = {}
        for i, users, steps, clocks, faults in self._found:
            keys = np.stack([steps, faults])
            for step, mask in np.unique(keys, axis=1).T.tolist():
                same = (steps == step) & (faults == mask)
                causes.setdefault((i, step, mask), []).append((users[same], clocks[same]))
        made = [self._hit(seed, *cause, found) for cause, found in causes.items()]
        return tuple(sorted(made, key=lambda hit: (hit.user, hit.cause)))

    def _hit(
        self, seed: int, i: int, step: int, mask: int, found: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
    ) -> Hit:
        users, clocks = np.concatenate([u for u, _ in found]), np.concatenate([c for _, c in found])
        first = int(users.argmin())
        names = fault_names(self.plan.inputs.faults)
        rule = self.plan.rules[i]
        return Hit(
            invariant=rule.name,
            step=self.plan.nodes[step].name if step >= 0 else "",
            faults=tuple(sorted(name for j, name in enumerate(names) if mask >> j & 1)),
            message=f"{rule.expression} holds" if rule.kind == "never" else f"{rule.expression} does not hold",
            worlds=int(np.unique(users // self.people).size),
            users=int(users.size),
            first_world=self.part.first + int(users[first]) // self.people,
            seed=seed,
            user=int(users[first]),
            at_us=int(clocks[first]),
        )

    def failing(self) -> tuple[int, dict[str, int]]:
        """Worlds in which anything broke, and in which each rule did."""
        by_rule: dict[str, set[int]] = {}
        for i, users, *_ in self._found:
            by_rule.setdefault(self.plan.rules[i].name, set()).update((users // self.people).tolist())
        return len(set().union(*by_rule.values())), {name: len(worlds) for name, worlds in sorted(by_rule.items())}

    def near(self) -> tuple[NearMiss, ...]:
        """Per rule, the worlds in which it held by the least."""
        found = []
        for i, closest in self._closest.items():
            held = np.where(np.isfinite(closest) & (closest >= 0), closest, np.inf)
            for j, users, *_ in self._found:
                if i == j:
                    held[users // self.people] = np.inf
            least = float(held.min())
            if np.isfinite(least):
                at = (held == least).nonzero()[0]
                world = self.part.first + int(at[0])
                found.append(
                    NearMiss(invariant=self.plan.rules[i].name, distance=least, world=world, worlds=int(at.size))
                )
        return tuple(found)
