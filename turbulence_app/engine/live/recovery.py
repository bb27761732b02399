"""The liveness phase of a live run: once the trouble is over, fresh people come, and none of their visits may fail."""

from __future__ import annotations

import asyncio

from turbulence_app.domain.failure import Failure
from turbulence_app.domain.run import Summary, Verdict
from turbulence_app.domain.scenario import Liveness
from turbulence_app.engine.live.port import HttpPort
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.reference import visit_user
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.spec import RECOVERS


async def recover(plan: Plan, port: HttpPort, liveness: Liveness) -> tuple[Visit, ...]:
    """Wait as long as the scenario says, then let its fresh people come together, without faults."""
    await asyncio.sleep(liveness.seconds * port.scale)
    port.at_once = True
    numbers = range(plan.users, plan.users + liveness.users)
    visits = await asyncio.gather(*(visit_user(plan, user, port, faults=frozenset()) for user in numbers))
    for visit in visits:
        await port.leave(visit)
        port.forget(visit)
    return tuple(visits)


def judged(plan: Plan, summary: Summary, fresh: tuple[Visit, ...]) -> tuple[Summary, tuple[Failure, ...]]:
    """The summary with the phase's verdict, and those for whom the service had not recovered."""
    failed = [visit for visit in fresh if visit.outcome == "failed"]
    verdict = Verdict(
        name=RECOVERS,
        kind="at_end",
        expression="outcome != 'failed'",
        says="Once the trouble is over, fresh people's visits do not fail.",
        status="broken" if failed else "holds" if fresh else "never_exercised",
        violations=len(failed),
        exercised=len(fresh),
        first_user=failed[0].user if failed else None,
    )
    failures = tuple(
        Failure(
            user=visit.user,
            persona=plan.personas[visit.persona].name,
            invariant=RECOVERS,
            step=visit.last.name if visit.last else "",
            at_us=visit.now,
            events=len(visit.events),
            message=f"the visit failed: {visit.reason.replace('_', ' ') or 'by an end step'}",
        )
        for visit in failed
    )
    return summary.model_copy(update={"verdicts": (*summary.verdicts, verdict)}), failures
