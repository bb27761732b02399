"""Reads the list by pages, writes tags, notes, names and pins, moves lines aside and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.domain.history import HistoryLine
from turbulence_app.gui.context import Context
from turbulence_app.gui.lately import Lately
from turbulence_app.gui.places.run.history.state import KEPT_PAGES, PAGE, Filters, Pages, read_page

TYPING_MS = 180
"""After the last key of a search until it is asked."""


class HistoryPresenter(QObject):
    """``listed``: another list; ``page_came``: more of it was read; ``edited``: rows whose words changed."""

    listed = Signal()
    page_came = Signal(int)
    edited = Signal(list)
    tags_changed = Signal()
    state_changed = Signal()
    """Loading, failed, or other lines were moved aside."""
    selection_changed = Signal()
    compare_wanted = Signal(str, str)

    def __init__(self, context: Context, now: Callable[[], datetime] = lambda: datetime.now().astimezone()) -> None:
        super().__init__(context.hub)
        self._context = context
        self.now = now
        self.filters = Filters()
        self.pages = Pages()
        self.loading = False
        self.error = ""
        self.selected: tuple[str, ...] = ()
        self.tags: tuple[str, ...] = ()
        self.aside: list[tuple[str, ...]] = []
        """What was moved aside since the program began, the last one last."""
        self._known: dict[str, HistoryLine] = Lately(KEPT_PAGES * PAGE)
        self._generation = 0
        self._asked: set[int] = set()
        self._looking = False
        self._stale = True
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.refresh)
        context.hub.run_finished.connect(lambda _: self._something_new())
        context.hub.run_started.connect(lambda _: self._something_new())
        context.project.changed.connect(self._other_project)

    # -- reading ----------------------------------------------------------------------------------

    def look(self, looking: bool) -> None:
        """Somebody looks at the list, or does not; what nobody looks at is not read."""
        self._looking = looking
        if looking and self._stale:
            self.refresh()

    def _something_new(self) -> None:
        self._stale = True
        if self._looking:
            self.refresh()

    def _other_project(self) -> None:
        self.filters, self.pages, self.selected, self.aside = Filters(), Pages(), (), []
        self._known.clear()
        self.listed.emit()
        self.selection_changed.emit()
        self._something_new()

    def refresh(self) -> None:
        """Read the list again from its beginning."""
        self._typing.stop()
        if not self._context.project.loaded:
            return
        self._generation += 1
        self._asked.clear()
        self.loading, self._stale = True, False
        self.state_changed.emit()
        self.want(0)
        self._ask_tags()

    def want(self, number: int) -> None:
        """A page is looked at that was not read yet."""
        if number in self._asked:
            return
        self._asked.add(number)
        generation = self._generation
        query = self.filters.query(number, self.now()).model_dump(mode="json")
        self._context.bridge.request(
            "live",
            "history",
            {"project": self._project(), "query": query},
            on_result=lambda reply: self._came(generation, reply),
            on_error=lambda error: self._failed(generation, error),
        )

    def asked(self) -> dict[str, Any]:
        """The project and the filters, for whoever writes all of the list."""
        query = self.filters.query(0, self.now()).model_dump(mode="json")
        return {"project": self._project(), "query": query}

    def _came(self, generation: int, reply: Any) -> None:
        if generation != self._generation:
            return
        page = read_page(reply)
        first = self.loading
        if first:
            self.pages = Pages()
        number = self.pages.put(page)
        self._known.update((line.id, line) for line in page.lines)
        self.loading, self.error = False, ""
        if first:
            self.listed.emit()
            self.selection_changed.emit()
        else:
            self.page_came.emit(number)
        self.state_changed.emit()

    def _failed(self, generation: int, error: JobFailed) -> None:
        if generation == self._generation:
            self.loading = False
            self.error = error.message + (f" ({error.mend})" if error.mend else "")
            self._stale = True
            self.state_changed.emit()

    def _ask_tags(self) -> None:
        self._context.bridge.request(
            "live", "history_tags", {"project": self._project()}, on_result=self._tags_came, on_error=lambda _: None
        )

    def _tags_came(self, reply: Any) -> None:
        found = tuple(str(item["tag"]) for item in reply["tags"])
        if found != self.tags:
            self.tags = found
            self.tags_changed.emit()

    def _project(self) -> str:
        return str(self._context.project.data.root)

    # -- narrowing --------------------------------------------------------------------------------

    def narrow(self, **filters: Any) -> None:
        """Other filters or another order."""
        now = replace(self.filters, **filters)
        if now == self.filters:
            return
        typed = now.words != self.filters.words
        self.filters = now
        if typed:
            self._typing.start()
        else:
            self.refresh()

    def clear(self) -> None:
        """Everything again, in the order that is chosen."""
        self.narrow(**dict.fromkeys(("words", "kind", "verdict", "target", "persona", "tag", "age"), ""))
        self.refresh()

    def sort_by(self, key: str) -> None:
        """Sort by a column; once more turns it round."""
        again = self.filters.sort == key
        self.narrow(sort=key, descending=not self.filters.descending if again else key != "scenario")

    # -- choosing ---------------------------------------------------------------------------------

    def choose(self, ids: Sequence[str]) -> None:
        """These lines are looked at."""
        if tuple(ids) != self.selected:
            self.selected = tuple(ids)
            self.selection_changed.emit()

    @property
    def chosen(self) -> list[HistoryLine]:
        """The lines that are looked at, newest first as far as they are known."""
        return [line for key in self.selected if (line := self._known.get(key)) is not None]

    # -- writing ----------------------------------------------------------------------------------

    def edit(self, ids: Sequence[str], **words: Any) -> None:
        """Write about lines: ``name``, ``notes``, ``pinned``, ``add`` and ``drop`` (tags)."""
        if not ids:
            return
        moved = "pinned" in words
        self._context.bridge.request(
            "live",
            "edit_history",
            {"project": self._project(), "ids": list(ids), **words},
            on_result=lambda reply: self._edited(reply, moved),
            on_error=self._not_written,
        )

    def _edited(self, reply: Any, moved: bool) -> None:
        lines = [HistoryLine.model_validate(item) for item in reply["lines"]]
        self._take(lines)
        self._ask_tags()
        if moved:
            self.refresh()

    def _take(self, lines: Iterable[HistoryLine]) -> None:
        found = list(lines)
        self._known.update((line.id, line) for line in found)
        self.edited.emit(self.pages.replace(found))
        self.selection_changed.emit()

    def _not_written(self, error: JobFailed) -> None:
        self._context.notices.show(f"Not saved: {error.message}", "bad")

    # -- moving aside -----------------------------------------------------------------------------

    def remove(self, ids: Sequence[str]) -> None:
        """Move lines aside; they can be brought back until the program closes."""
        if ids:
            self._context.bridge.request(
                "live",
                "remove_history",
                {"project": self._project(), "ids": list(ids)},
                on_result=self._removed,
                on_error=self._not_written,
            )

    def _removed(self, reply: Any) -> None:
        gone = tuple(str(key) for key in reply["ids"])
        if not gone:
            self._context.notices.show("It is still running: stop it first.", "warn")
            return
        self.aside.append(gone)
        self.selected = tuple(key for key in self.selected if key not in gone)
        what = gone[0] if len(gone) == 1 else f"{len(gone)} lines"
        self._context.notices.show(
            f"{what} deleted. Undo brings it back until you close.", "info", "Undo", self.bring_back
        )
        self.selection_changed.emit()
        self.refresh()

    def bring_back(self) -> None:
        """Bring back what was moved aside last."""
        if self.aside:
            ids = self.aside.pop()
            self._context.bridge.request(
                "live",
                "restore_history",
                {"project": self._project(), "ids": list(ids)},
                on_result=lambda _: self.refresh(),
                on_error=self._not_written,
            )
            self.state_changed.emit()

    # -- going on ---------------------------------------------------------------------------------

    def open(self, line: HistoryLine) -> None:
        """Its numbers in front."""
        target = {"campaign_id": line.id} if line.kind == "campaign" else {"run_id": line.id}
        self._context.navigation.go("run", **target)

    def failures(self, line: HistoryLine) -> None:
        """What broke in it."""
        target = {"campaign_id": line.id} if line.kind == "campaign" else {"run_id": line.id}
        self._context.navigation.go("failures", **target)

    def compare(self, ids: Sequence[str], first: str = "before") -> None:
        """Two runs beside each other, the older one first; one alone against the one that ``first`` says."""
        runs = sorted((line for line in map(self._known.get, ids) if line and line.kind == "run"), key=_order)
        if len(runs) == 2:
            self.compare_wanted.emit(runs[0].id, runs[1].id)
        elif len(runs) == 1:
            self.compare_wanted.emit(first, runs[0].id)

    def close(self) -> None:
        """The window closes."""
        self._typing.stop()


def _order(line: HistoryLine) -> tuple[str, str]:
    return line.created_at, line.id
