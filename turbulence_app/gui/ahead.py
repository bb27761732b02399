"""Imports what the places need before anybody asks for them, a little at each turn of the event loop.

Half a second at once would be a window that stands still. Not on a thread: PySide makes its classes when they are first
named, and takes the process down where two threads do so at the same time.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec

LARGE = (
    "numpy", "multiprocessing.connection", "PySide6.QtOpenGLWidgets", "PySide6.QtTest", "decimal", "pydoc",
    "xml.etree.ElementTree", "importlib.resources", "colorama", "pygments.lexers.data",
)  # fmt: skip
"""What takes long of that which the places and pyqtgraph import; by itself each is quick."""
QT = ("PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets")
AT_ONCE = 60
"""Classes of Qt that are made at one turn."""


class Ahead:
    """A list of short imports, worked off by :meth:`step`."""

    def __init__(self, places: Iterable[str]) -> None:
        self._places = list(places)
        self._steps = self._all()

    def step(self) -> bool:
        """Import the next module that is not there yet; False where all are.

        One that cannot be imported is left to whoever needs it: an installed program does without parts of Qt.
        """
        for do in self._steps:
            with suppress(ImportError):
                do()
            return True
        return False

    def _all(self) -> Iterator[Callable[[], object]]:
        yield from _imports(LARGE)
        for module in QT:  # pyqtgraph names every class of Qt when it is imported
            names = dir(sys.modules[module]) if module in sys.modules else []
            for first in range(0, len(names), AT_ONCE):
                yield lambda module=module, part=names[first : first + AT_ONCE]: _name(module, part)  # type: ignore[misc]
        yield from _imports(("pyqtgraph",))
        for place in self._places:
            yield from _imports(_parts(place))


def _imports(modules: Iterable[str]) -> Iterator[Callable[[], object]]:
    for module in modules:
        if module not in sys.modules:
            yield lambda module=module: import_module(module)  # type: ignore[misc]


def _name(module: str, names: list[str]) -> None:
    for name in names:
        getattr(sys.modules[module], name, None)


def _parts(place: str) -> Iterator[str]:
    """The modules beside a place's own, from the innermost: none of them imports much by itself. Then the place."""
    package = place.rpartition(".")[0]
    spec = find_spec(package)
    found = pkgutil.walk_packages(spec.submodule_search_locations or [], f"{package}.") if spec is not None else ()
    names = sorted((one.name for one in found), key=lambda name: ("state" not in name, name))
    yield from names
    yield place
