"""Counting a world while it runs: visits one by one, each forgotten once it is counted, so that memory stays small."""

from __future__ import annotations

from collections import Counter

from turbulence_app.domain.failure import Failure
from turbulence_app.domain.run import ChunkDigest, Summary, Verdict
from turbulence_app.engine.collect import Collector
from turbulence_app.engine.group import BLOCK
from turbulence_app.engine.live.fingerprints import Fingerprints
from turbulence_app.engine.mixing import MASK64
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.spec import RECOVERS, WorldResult


def slim(visit: Visit) -> None:
    """Forget how a finished visit went; what rules may still ask of it stays."""
    visit.events.clear()
    visit.path.clear()
    visit.moments.clear()
    visit.draws.forget()


class Counting:
    """The summary, the failures and the digest blocks of one world."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.collector = Collector(plan)
        self._sums: dict[int, Counter[str]] = {}
        self._broken: dict[int, int] = {}
        """How many of a visit's broken rules are counted."""

    def add(self, visit: Visit) -> None:
        """Count a visit that has ended, and forget it."""
        self.collector.add(visit)
        self._broken[visit.user] = len(visit.broken)
        sums = self._sums.setdefault(visit.user // BLOCK * BLOCK, Counter())
        for name, _, _, purpose, word, _, _ in visit.draws.made:
            kind = "turn" if purpose.startswith("turn") else purpose
            sums[f"{name}:{kind}"] = (sums[f"{name}:{kind}"] + word) & (MASK64 >> 1)
        slim(visit)

    def finish(self, result: WorldResult) -> None:
        """Count what came to light after visits had ended: late effects, and the rules about the world as a whole."""
        counted = [visit for visit in result.visits if visit.user in self._broken]
        for visit in counted:
            for name in list(visit.broken)[self._broken[visit.user] :]:
                self.collector.end_of_world(name, visit, visit.messages.get(name, ""))
        if counted:
            last = max(counted, key=lambda v: (v.arrived + v.now, v.user))
            for verdict in result.verdicts:
                if not verdict.holds:
                    self.collector.end_of_world(verdict.rule.name, last, verdict.message)

    def blocks(self, result: WorldResult) -> tuple[ChunkDigest, ...]:
        """The digest blocks of the visits that ended, with the sums of their draws."""
        prints = Fingerprints(max(self.plan.users, 1))
        for visit in result.visits:
            if visit.user in self._broken:
                prints.add(visit.user, visit.fingerprint)
        sums = self._sums
        return tuple(b.model_copy(update={"steps": dict(sorted(sums[b.first_user].items()))}) for b in prints.blocks())


def judged(plan: Plan, result: WorldResult, collector: Collector) -> tuple[Summary, tuple[Failure, ...]]:
    """The summary with the liveness phase's verdict, and all failures."""
    summary, failures = collector.summary(result.notes), collector.failures()
    if result.recovered is None:
        return summary, failures
    late = [broken for broken in result.broken if broken.invariant == RECOVERS]
    fresh = {visit.user: visit for visit in result.fresh}
    failures = (
        *failures,
        *(
            Failure(
                user=b.user or 0, persona=plan.personas[fresh[b.user or 0].persona].name, invariant=RECOVERS,
                step=b.step, at_us=fresh[b.user or 0].now, events=b.events, message=b.message,
            )
            for b in late
        ),
    )  # fmt: skip
    verdict = Verdict(
        name=RECOVERS,
        kind="at_end",
        expression="outcome != 'failed'",
        says="Once the trouble is over, fresh people's visits do not fail.",
        status="holds" if result.recovered else "broken",
        violations=len(late),
        exercised=len(result.fresh),
        first_user=late[0].user if late else None,
    )
    return summary.model_copy(update={"verdicts": (*summary.verdicts, verdict)}), failures
