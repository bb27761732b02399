"""Faults that befall the application itself at moments of the world: crashes and wrong clocks."""

from __future__ import annotations

from collections.abc import Iterator

from turbulence_app.engine.nodes import CERTAIN, FOREVER, FaultPlan, Plan
from turbulence_app.engine.strikes import NEVER
from turbulence_app.engine.world.active import ACTIVE
from turbulence_app.engine.world.driver import Driver
from turbulence_app.engine.world.owner import APP, APP_SITE, Owner
from turbulence_app.engine.world.port import AppPort
from turbulence_app.engine.world.service import Service

KINDS = frozenset({"crash", "clock_skew"})
DOWN_US = 1_000_000
SOMETIME_US = 60_000_000
"""A crash without a moment happens within the first minute, or within its window."""


class Accidents:
    """Draws and schedules them for one world."""

    def __init__(self, plan: Plan, port: AppPort, service: Service, owner: Owner) -> None:
        self.plan, self.port, self.service, self.owner = plan, port, service, owner
        self.over = False
        """From the liveness phase on nothing happens any more."""

    def schedule(self) -> None:
        """People begin to come now."""
        loop, origin = self.port.loop, self.port.origin
        for fault in self.plan.faults:
            if fault.kind not in KINDS or fault.number in self.port.off or fault.threshold == 0:
                continue
            for i, (start, stop) in enumerate(self._windows(fault)):
                if self._spared(fault, i) or self._quiet(start):
                    continue
                if fault.kind == "crash":
                    loop.later(origin + start, self._crash, fault, stop - start)
                else:
                    loop.later(origin + start, self._skew, fault, 1)
                    if stop < FOREVER:
                        loop.later(origin + stop, self._skew, fault, -1)

    def _windows(self, fault: FaultPlan) -> Iterator[tuple[int, int]]:
        if fault.moments:
            yield from fault.moments
        elif fault.kind == "clock_skew":
            yield fault.start_us, fault.stop_us
        else:
            stop = fault.stop_us if fault.stop_us < FOREVER else fault.start_us + SOMETIME_US
            purpose = f"{fault.purpose}_add"
            word = self.owner.draws.word(APP_SITE, APP, 0, 0, purpose)
            moment = fault.start_us + ((stop - fault.start_us) * word >> 32)
            self.owner.draws.meant(moment)
            yield moment, moment + DOWN_US

    def _spared(self, fault: FaultPlan, number: int) -> bool:
        if fault.threshold >= CERTAIN:
            return False
        draws = self.owner.draws
        hit = draws.word(APP_SITE, APP, number, 0, fault.purpose, neutral=NEVER) < fault.threshold
        draws.meant(hit)
        return not hit

    def _quiet(self, moment: int) -> bool:
        off = self.port.off
        return any(f.kind == "quiet" and f.number not in off and f.at(moment) for f in self.plan.faults)

    def _crash(self, fault: FaultPlan, down_us: int) -> None:
        service, port = self.service, self.port
        if self.over or not service.up:
            return
        inside = set(service.crash())
        port.crashers = (fault,)
        for errand in inside:
            errand.struck(fault)
            port.cut(errand)
        hit = {errand.visit.user for errand in inside}
        for visit in port.world.visits.values() if port.world is not None else ():
            present = visit.outcome is None and port.origin + visit.arrived <= port.loop.now
            if present and visit.user not in hit:
                visit.faults |= 1 << fault.number
                at = port.loop.now - port.origin - visit.arrived
                visit.note_at(at, "fault", "", 0, 0, fault.label, fault=fault.kind, number=fault.number)
        Driver(port.loop, service.restart(down_us), lambda _: None).step()

    def _skew(self, fault: FaultPlan, sign: int) -> None:
        if self.over and sign > 0:
            return
        clocks = self.port.wrong_clocks
        if sign > 0:
            clocks.append(fault)
        elif fault in clocks:
            clocks.remove(fault)
        ACTIVE.skew_us = sum(f.skew_us for f in clocks)

    def end(self) -> None:
        """No more of it: clocks are right again."""
        self.over = True
        self.port.wrong_clocks.clear()
        ACTIVE.skew_us = 0
