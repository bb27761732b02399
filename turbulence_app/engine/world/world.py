"""Worlds: an application made fresh, some people, trouble, and the rules that must hold. One seed is one world."""

from __future__ import annotations

import copy
import gc
from _thread import _count, get_ident
from collections.abc import Callable
from contextlib import ExitStack
from contextvars import Context

from turbulence_app.domain.errors import InputError
from turbulence_app.engine.draws import Draws
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world import entropy
from turbulence_app.engine.world.active import ACTIVE
from turbulence_app.engine.world.application import Application
from turbulence_app.engine.world.guards import new_threads
from turbulence_app.engine.world.loop import WorldLoop
from turbulence_app.engine.world.owner import APP, APP_SITE, APP_USER, Owner
from turbulence_app.engine.world.patches import threads_in_line
from turbulence_app.engine.world.spec import RECOVERS, Broken, Heard, WorldResult, WorldSpec, split_choices
from turbulence_app.engine.world.story import Story

__all__ = ["RECOVERS", "Broken", "Heard", "World", "WorldResult", "WorldSpec"]

YOUNG, OLD = 32, 2048
"""Worlds after which the garbage of the last ones, and all garbage, is collected."""


class World:
    """Runs worlds of one plan, one after another, in this process.

    ``place`` says where the application is imported from. Raises :class:`InputError` where it cannot be imported or
    made, where it does not start, and where it does what no world can have (see :mod:`.guards`).
    """

    def __init__(self, plan: Plan, place: AppPlace) -> None:
        workflow = plan.inputs.workflow
        if workflow.app is None:
            raise InputError(f"workflow {workflow.id} names no application", 'write app: "module:application" into it')
        self.plan = plan
        self.loop = WorldLoop()
        self._runs = 0
        self.application = self._imported(workflow.app, place)

    def _imported(self, target: str, place: AppPlace) -> Application:
        """The import, in the world's time; its random numbers are always the same."""
        self._activate(Owner(0, APP_USER, Draws(0, APP_USER, {}, False), "@import", APP, 0, 0))
        try:
            return Application(target, place)
        finally:
            self._deactivate()

    def __enter__(self) -> World:
        """Hold the application's surroundings in place for many worlds; without it each :meth:`run` does so itself.

        Garbage is then collected every few worlds, and never inside of one.
        """
        self._held = ExitStack()
        self._held.enter_context(self.application.entered())
        if gc.isenabled():
            gc.disable()
            self._held.callback(gc.enable)
        return self

    def __exit__(self, *error: object) -> None:
        self._held.close()

    def run(
        self,
        spec: WorldSpec,
        *,
        should_stop: Callable[[], bool] | None = None,
        on_visit: Callable[[Visit], bool | None] | None = None,
        heard: list[Heard] | None = None,
    ) -> WorldResult:
        """One world. ``should_stop`` is asked now and then.

        ``on_visit`` hears of every visit that ends, and ends the world by saying True; ``heard`` collects every answer
        that the application gives.
        """
        plan = copy.copy(self.plan)
        plan.seed = spec.seed
        by_user, of_app = split_choices(spec.choices)
        owner = Owner(spec.seed, APP_USER, Draws(spec.seed, APP_USER, of_app, spec.neutral), APP_SITE, APP, 0, 0)
        owner.turns = 0
        collecting, threads = gc.isenabled(), _count()
        self.loop.should_stop = should_stop
        with self.application.entered():
            self._activate(owner)
            gc.disable()
            try:
                threads_in_line()
                entropy.begin_world(spec.seed)
                story = Context().run(Story, plan, self.loop, self.application, spec, by_user, owner, on_visit)
                story.port.heard = heard
                result = Context().run(story.tell)
                left = new_threads(threads)
                if left is not None:
                    raise left
                return result
            finally:
                self._deactivate()
                self.application.settle()
                self.loop.reset()
                self._runs += 1
                if collecting:
                    gc.enable()
                elif not self._runs % YOUNG:
                    gc.collect(2 if not self._runs % OLD else 1)

    def _activate(self, owner: Owner) -> None:
        if ACTIVE.loop is not None:
            raise RuntimeError("a world runs already in this process")
        ACTIVE.loop, ACTIVE.thread, ACTIVE.application = self.loop, get_ident(), owner
        ACTIVE.skew_us = 0

    def _deactivate(self) -> None:
        ACTIVE.loop = ACTIVE.application = ACTIVE.seeded = None
        ACTIVE.skew_us = 0
