"""What a place is, and which there are."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.context import Context

if TYPE_CHECKING:
    from turbulence_app.service.drafts import Draft

Handler = Callable[[], object]
Bits: TypeAlias = Generator[QWidget | None, None, "Place"]
"""A place on its way."""


@dataclass(frozen=True, slots=True)
class PlaceSpec:
    """A line of the navigation: where to find the class ``Place``, which is imported when it is first opened."""

    name: str
    title: str
    icon: str
    says: str
    foot: bool = False
    """Stands at the foot of the navigation, apart from the others."""

    @property
    def module(self) -> str:
        """Module that defines ``Place``."""
        return f"turbulence_app.gui.places.{self.name}.place"

    def exists(self) -> bool:
        """Whether the place is there; only those that are get a line."""
        return find_spec(f"turbulence_app.gui.places.{self.name}") is not None and find_spec(self.module) is not None

    def load(self, context: Context) -> Bits:
        """Import and make it, bit by bit; see :meth:`Place.bits`."""
        kind = import_module(self.module).Place
        if not issubclass(kind, Place):
            raise TypeError(f"{self.module}.Place is not a Place")
        made: Place = yield from kind.bits(context)
        made.name = self.name
        return made


SPECS: tuple[PlaceSpec, ...] = (
    PlaceSpec("personas", "Personas", "users", "Who your users are, in words and in numbers"),
    PlaceSpec("workflow", "Workflow", "workflow", "What users do, as text and as a graph"),
    PlaceSpec("run", "Run", "play", "Let the crowd loose and watch"),
    PlaceSpec("failures", "Failures", "bug", "What broke, and the smallest way to break it"),
    PlaceSpec("models", "Models", "cpu", "Which model reads your words, and how well"),
    PlaceSpec("telemetry", "Telemetry", "activity", "What models did: how long, from where, what failed"),
    PlaceSpec("log", "Log", "scroll-text", "What the program did and said, newest first"),
    PlaceSpec("settings", "Settings", "settings", "How the program looks and behaves", foot=True),
)


class Place:
    """One place of the window. ``widget`` is made in ``__init__`` and lives as long as the window."""

    name: str = ""
    """Its name in the navigation, set when it is loaded."""
    widget: QWidget
    undo_stack: QUndoStack | None = None

    def __init__(self, context: Context) -> None:
        self.context = context

    @classmethod
    def bits(cls, context: Context) -> Bits:
        """Make one in several turns of the event loop. Yields its widget as soon as that is there, to be taken in at
        once, and None where the window may live in between.

        What is put into a widget that lies in the window already is styled once; what is built outside and put in
        later is styled again at every step on its way.
        """
        made = cls(context)
        yield made.widget
        try:
            yield from made.fill()
        except GeneratorExit:  # the window closes before it was whole
            made.give_up()
            raise
        return made

    def fill(self) -> Iterator[None]:
        """Put into the widget what is still missing, one card at each turn. Nothing else is asked before it is over."""
        return iter(())

    def give_up(self) -> None:
        """It will not be whole: stop what was begun."""
        self.close()

    def actions(self) -> Mapping[str, Handler]:
        """Handlers for ids of the table in ``gui/actions.py``; an action without a handler is not shown."""
        return {}

    def enabled(self, action: str) -> bool:  # noqa: ARG002
        """Whether an action of this place can be done now (asked when menus and the palette open)."""
        return True

    def breadcrumb(self) -> str:
        """What is looked at, for the top bar."""
        return ""

    def opened(self, target: Mapping[str, Any]) -> None:
        """It comes to the front; ``target`` is what navigation asked for, often empty."""

    def target(self) -> Mapping[str, Any]:
        """What :meth:`opened` would have to be given at the next start to show what is shown now. Plain data."""
        return {}

    def left(self) -> None:
        """It goes to the back."""

    def restore(self, draft: Draft) -> None:
        """Take back what a window that was killed had not saved. Raises ``ValueError`` where it cannot be read."""

    def close(self) -> bool:
        """The window closes: keep what is unsaved, stop timers. False refuses."""
        return True
