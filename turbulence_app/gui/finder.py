"""What the command palette finds: commands, people, workflows, projects, runs, failures, settings, the manual."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from turbulence_app.gui.fuzzy import Hay, needle, score
from turbulence_app.gui.manual import read_pages
from turbulence_app.gui.widgets.palette import Entry
from turbulence_app.resources import resource_root
from turbulence_app.settings.table import GROUPS, SETTINGS

if TYPE_CHECKING:
    from turbulence_app.gui.window import MainWindow

LATELY = 8
"""How many of the things used last stand first in an empty palette."""
BONUS = 12
"""What having been used lately is worth among things that are found equally well."""
MOST = 200
"""Lines of the palette; nobody reads more."""
FEW_RUNS = 200
KEPT = "palette/lately"


@cache
def _pages() -> tuple[tuple[str, str, str, str], ...]:
    """Headings of the manual: page, anchor, title, page's title."""
    pages = read_pages(resource_root() / "manual")
    return tuple((page.name, h.anchor, h.title, page.title) for page in pages for h in page.headings if h.level <= 2)


class Finder(QObject):
    """Lines of the palette for a query. Lines are gathered once each time the palette opens."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._more: list[Entry] | None = None
        kept = window.context.settings.value(KEPT, [])
        self.lately: list[str] = [str(key) for key in kept] if isinstance(kept, list) else []

    def remember(self, key: str) -> None:
        """A line was used: it stands first from now on."""
        self.lately = [key, *(one for one in self.lately if one != key)][: 4 * LATELY]
        self._window.context.settings.setValue(KEPT, self.lately)

    def find(self, query: str) -> list[Entry]:
        """The best lines for a query, best first; for none, what was used lately and every command."""
        wanted = needle(query)
        commands = self._window.commands.entries()
        if not wanted:
            self._more = None
            return self._lately(commands)
        if self._more is None:
            self._more = list(self._gathered())
        rank = {key: BONUS - min(place, BONUS - 1) for place, key in enumerate(self.lately)}
        scored = []
        for order, entry in enumerate([*commands, *self._more]):
            if found := score(wanted, entry.hay):
                found = (
                    found // 3 if entry.where.startswith("Manual") else found
                )  # what does it comes before what tells
                scored.append((-found - rank.get(entry.key, 0), order, entry))
        scored.sort(key=lambda line: line[:2])
        return [entry for *_, entry in scored[:MOST]]

    def _lately(self, commands: list[Entry]) -> list[Entry]:
        by_key = {entry.key: entry for entry in commands}
        first = [by_key[key] for key in self.lately if key in by_key][:LATELY]
        return [*first, *(entry for entry in commands if entry not in first)]

    # -- what there is besides commands -----------------------------------------------------------

    def _gathered(self) -> Iterator[Entry]:
        yield from self._people()
        yield from self._projects()
        yield from self._runs()
        yield from self._failures()
        go = self._window.go
        for setting in SETTINGS:
            words = f"setting {GROUPS.get(setting.group, '')} {setting.says} {setting.synonyms}"
            run = partial(go, "settings", {"key": setting.key})
            yield _entry(setting.title, "Setting", "settings", run, f"setting {setting.key}", words)
        for name, anchor, title, page in _pages():
            run = partial(self._window.menus.show_page, name, anchor)
            where = "Manual" if title == page else f"Manual · {page}"
            yield _entry(title, where, "book-open", run, f"manual {name}#{anchor}", "help manual how to")

    def _people(self) -> Iterator[Entry]:
        project, go = self._window.project, self._window.go
        for persona in project.data.personas.values():
            run = partial(go, "personas", {"persona": persona.id})
            yield _entry(persona.title, "Persona", "user-round", run, f"persona {persona.id}", f"persona {persona.id}")
        for name in project.data.workflows:
            yield _entry(name, "Workflow", "workflow", partial(project.choose_workflow, name), f"workflow {name}")

    def _projects(self) -> Iterator[Entry]:
        here, open_ = self._window.project.data.root, self._window.session.open
        for one in self._window.memory.recent:
            if one.there and one.root != here:
                yield _entry(one.name, "Project", "folder-open", partial(open_, one.root), f"project {one.root}")

    def _runs(self) -> Iterator[Entry]:
        place = self._window.places.made_places.get("run")
        for past in (getattr(place, "presenter", None) and place.presenter.history[:FEW_RUNS]) or ():  # type: ignore[union-attr]
            manifest = past.manifest
            what = manifest.scenario or manifest.workflow
            words = f"run {what} seed {manifest.seed} {manifest.created_at[:10]} {manifest.status}"
            run = partial(self._window.go, "run", {"run_id": manifest.run_id})
            yield _entry(f"{manifest.run_id} · {what}", "Run", "play", run, f"run {manifest.run_id}", words)

    def _failures(self) -> Iterator[Entry]:
        place = self._window.places.made_places.get("failures")
        for group in (getattr(place, "presenter", None) and place.presenter.groups) or ():  # type: ignore[union-attr]
            run = partial(self._window.go, "failures", {"invariant": group.invariant})
            words = f"failure broken invariant {group.where} {group.persona}"
            yield _entry(f"{group.invariant} · {group.size:,}", "Failure", "bug", run, "", words)


def _entry(title: str, where: str, icon: str, run: object, key: str, other: str = "") -> Entry:
    assert callable(run)
    return Entry(title, where, icon, "", run, key, Hay.of(title, f"{where} {other}"))
