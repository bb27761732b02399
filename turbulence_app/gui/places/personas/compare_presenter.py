"""The comparison's page: whom to ask, both policies, and what of them a person takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.domain.policy import Policy
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas import edits
from turbulence_app.gui.places.personas.approval import Approval
from turbulence_app.gui.places.personas.changes_state import part_title
from turbulence_app.gui.places.personas.compare_state import (
    APPROVED,
    NOW,
    CompareRow,
    Source,
    rows_of,
    sources_of,
    usual,
)
from turbulence_app.gui.places.personas.compare_view import CompareView
from turbulence_app.gui.places.personas.comparing import Comparing
from turbulence_app.gui.places.personas.editing import Editing
from turbulence_app.insight.parts import part_of


class ComparePresenter(QObject):
    """Between the page and the two sides. ``opened`` and ``closed`` turn the place's pages."""

    opened = Signal()
    closed = Signal()

    def __init__(
        self,
        context: Context,
        view: CompareView,
        approval: Approval,
        editing: Editing,
        selected: Callable[[], str],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._context, self._view, self._approval, self._editing = context, view, approval, editing
        self._selected = selected
        self._persona = ""
        self.comparing = Comparing(context, self)
        self.comparing.changed.connect(self._changed)
        view.left_page.connect(self.leave)
        view.started.connect(self.start)
        view.stopped.connect(self.comparing.stop)
        view.taken.connect(self.take)
        view.may_take(self._may_take)
        for place, side in enumerate(view.sides):
            side.again.connect(lambda place=place: self._ask(place))
            side.taken.connect(lambda place=place: self.take_all(place))
            side.chosen.connect(lambda place=place: self._choose(place))

    def open(self) -> None:
        """Show the page for the chosen persona."""
        project, name = self._context.project, self._selected()
        persona = project.data.personas.get(name)
        if persona is None or project.workflow is None:
            return
        if name != self._persona:
            self._persona = name
            self.comparing.clear()
        self._view.show_subject(persona.title, project.workflow.id)
        self.opened.emit()
        self._context.bridge.request("model", "models", {}, on_result=self._listed, on_error=self._unlisted)
        self._offer([{"backend": name, "name": name, "available": True} for name in ("builtin", "rules")])
        self._changed(0)
        self._changed(1)
        self._view.compile.setFocus()

    def leave(self) -> None:
        """Back to the persona; what is under way is given up."""
        self.comparing.stop()
        self.closed.emit()

    def start(self) -> None:
        """Both sides, whatever they have already."""
        for place in (0, 1):
            self._ask(place)

    def refresh(self) -> None:
        """The policy as it is has changed."""
        self._show_rows()

    def take(self, path: str, place: int) -> None:
        """One number of a side."""
        policy, other = self._now(), self.comparing.sides[place].policy
        if policy is not None and other is not None:
            self._editing.replace(f"taking {part_title(path).lower()}", policy, edits.adopt(policy, other, path))

    def take_all(self, place: int) -> None:
        """The whole policy of a side."""
        side = self.comparing.sides[place]
        if side.policy is not None and side.source is not None:
            self._editing.replace(f"taking the policy of {side.source.title}", self._now(), side.policy)
            self._context.notices.show(f"Taken: the policy of {side.source.title}. Look at it, then approve.", "good")

    def close(self) -> None:
        """Nothing more is awaited."""
        self.comparing.close()

    def _listed(self, reply: Any) -> None:
        self._offer(reply.get("models", []) if isinstance(reply, Mapping) else [])

    def _unlisted(self, error: JobFailed) -> None:
        self._context.notices.show(f"Models cannot be listed: {error.message}", "warn")

    def _offer(self, listed: list[Any]) -> None:
        approved = self._approval.of(self._persona)
        sources = sources_of(listed, now=self._now() is not None, approved=approved is not None)
        for side, place in zip(self._view.sides, usual(sources), strict=True):
            side.offer(sources, place)

    def _choose(self, place: int) -> None:
        """Another source: one that needs no model is there at once."""
        source = self._view.sides[place].current()
        if source is not None and not source.backend:
            self._ask(place)

    def _ask(self, place: int) -> None:
        project, source = self._context.project, self._view.sides[place].current()
        persona = project.data.personas.get(self._persona)
        if source is None or persona is None or project.workflow is None:
            return
        if source.backend:
            self.comparing.ask(place, source, persona, project.workflow)
        elif (policy := self._there(source)) is not None:
            self.comparing.have(place, source, policy)

    def _there(self, source: Source) -> Policy | None:
        return {NOW: self._now(), APPROVED: self._approval.of(self._persona)}.get(source.key)

    def _changed(self, place: int) -> None:
        self._view.sides[place].show_side(self.comparing.sides[place])
        self._view.show_busy(self.comparing.busy)
        self._show_rows()

    def _show_rows(self) -> None:
        workflow = self._context.project.workflow
        left, right = self.comparing.sides
        titles = tuple(side.source.title if side.source is not None else "" for side in (left, right))
        rows: tuple[CompareRow, ...] = ()
        if workflow is not None and (left.policy is not None or right.policy is not None):
            rows = rows_of(left.policy, right.policy, self._now(), workflow)
        self._view.show_rows(rows, (titles[0], titles[1]))

    def _may_take(self, row: CompareRow, place: int) -> bool:
        now, other = self._now(), self.comparing.sides[place].policy
        return now is not None and other is not None and part_of(now, row.path) != part_of(other, row.path)

    def _now(self) -> Policy | None:
        return self._context.project.policy(self._persona)
