"""The one button that every chart and table has in its head: copy it, or keep it as PNG, SVG or CSV."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QStackedWidget, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.csv_table import Table, lines, write_whole
from turbulence_app.gui.places.exporting import written
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import IconButton, SectionLabel
from turbulence_app.gui.widgets.export_picture import Plate, drawing, image, png, svg, unwrapped
from turbulence_app.gui.widgets.export_writing import Whole, Writing

__all__ = ["ExportButton", "Table", "Whole", "model_table"]

Words = str | Callable[[], str]


@runtime_checkable
class Tabled(Protocol):
    """A chart that tells its own numbers."""

    def table(self) -> Table:
        """Headings and rows."""
        ...


class ExportButton(IconButton):
    """``picture`` is what is drawn: a chart, a table, or a stack of which the page in front counts.

    ``table`` gives the numbers behind it; left out, the chart is asked for its ``table()`` and a list for its model.
    ``source`` says where the numbers come from (run, seed, digest) and stands below the picture. ``whole``: the worker
    writes the CSV file, because not all of the table is here.
    """

    def __init__(
        self,
        context: Context,
        name: Words,
        picture: QWidget,
        table: Callable[[], Table] | None = None,
        *,
        source: Words = "",
        whole: Whole | None = None,
    ) -> None:
        super().__init__("download", f"Export: {_words(name) or 'what is shown'}", clicked=self.open_menu)
        self._context, self._name, self._table, self._source = context, name, table, source
        self.whole, self.writing = whole, False
        """Whether the worker writes a table just now."""
        self.picture = picture
        self.setProperty("fit", "small")

    def name(self) -> str:
        """What is exported, in words."""
        return _words(self._name) or self.subject().accessibleName()

    def subject(self) -> QWidget:
        """The chart or table in front."""
        here: QWidget = self.picture
        while isinstance(here, QStackedWidget) and (front := here.currentWidget()) is not None:
            here = front
        return unwrapped(here)

    def covers(self) -> Iterator[QWidget]:
        """Everything that this button can export."""
        yield from _pages(self.picture)

    def plate(self) -> Plate:
        """The picture with its words; a chart that has its own title needs no second one."""
        subject, name = self.subject(), self.name()
        own = any(label.accessibleName() == name for label in subject.findChildren(SectionLabel))
        return Plate(subject, "" if own else name, _words(self._source))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Not in the picture of the chart in whose head it stands."""
        if not drawing():
            super().paintEvent(event)

    def table(self) -> Table:
        """The numbers behind the picture."""
        if self._table is not None:
            return self._table()
        return table_of(self.subject())

    def menu_of(self) -> QMenu:
        """The ways to keep it."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for icon, words, act in (
            ("copy", "Copy the picture", self.copy_picture),
            ("list", "Copy the table", self.copy_table),
            ("", "", None),
            ("image", "PNG picture…", self.save_png),
            ("image", "SVG drawing…", self.save_svg),
            ("hash", "CSV table…", self.save_csv),
        ):
            if act is None:
                menu.addSeparator()
                continue
            if act == self.copy_table and self.whole is not None:
                continue  # what is not here cannot be copied
            entry = menu.addAction(Theme.current().icon(icon, "text", 15), words)
            entry.triggered.connect(lambda *_, act=act: act())
        return menu

    def open_menu(self) -> None:
        """Below the button."""
        self.menu_of().popup(self.mapToGlobal(self.rect().bottomLeft()))

    # -- keeping ----------------------------------------------------------------------------------

    def copy_picture(self) -> None:
        """The picture for pasting elsewhere."""
        QGuiApplication.clipboard().setImage(image(self.plate()))
        self._context.notices.show(f"Picture copied: {self.name()}", "good")

    def copy_table(self) -> None:
        """The table for pasting elsewhere."""
        QGuiApplication.clipboard().setText("".join(lines(self.table())))
        self._context.notices.show(f"Table copied: {self.name()}", "good")

    def save_png(self) -> None:
        """Ask for a file and write the picture."""
        self._save("PNG picture", ".png", "PNG pictures (*.png)", lambda: (png(self.plate()),))

    def save_svg(self) -> None:
        """Ask for a file and write the drawing."""
        self._save("SVG drawing", ".svg", "SVG drawings (*.svg)", lambda: (svg(self.plate()),))

    def save_csv(self) -> None:
        """Ask for a file and write the table, or have it written."""
        if self.whole is not None:
            self._have_written(self.whole)
            return
        self._save("CSV table", ".csv", "CSV tables (*.csv)", lambda: (t.encode() for t in lines(self.table())))

    def _have_written(self, whole: Whole) -> None:
        path = self._path("CSV table", ".csv", "CSV tables (*.csv)")
        if path is not None and not self.writing:
            self.writing = True
            Writing(self._context, whole, self.name(), path, self).ended.connect(self._written)

    def _written(self) -> None:
        self.writing = False

    def _path(self, what: str, suffix: str, filters: str) -> Path | None:
        path = self._context.dialogs.save_file(f"Export as {what}: {self.name()}", stem(self.name()) + suffix, filters)
        return path if path is None or path.suffix else path.with_suffix(suffix)

    def _save(self, what: str, suffix: str, filters: str, pieces: Callable[[], Iterable[bytes]]) -> None:
        path = self._path(what, suffix, filters)
        if path is None:
            return
        try:
            write_whole(path, pieces())
        except OSError as error:
            self._context.notices.show(f"Not exported: {path.name}: {error.strerror or error}", "bad")
            return
        written(self._context, "Exported", str(path), Path(path))


def stem(name: str) -> str:
    """A file's name from words: lower case, joined by hyphens."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))[:60] or "turbulence"


def table_of(widget: QWidget) -> Table:
    """The numbers of a chart, or the rows of a list."""
    if isinstance(widget, Tabled):
        return widget.table()
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        return model_table(widget.model())
    within = next((child for child in widget.findChildren(QWidget) if _has_table(child)), None)
    return table_of(within) if within is not None else Table((), ())


def model_table(model: QAbstractItemModel) -> Table:
    """What a model shows, in words, as far as it is there."""
    # a list's columnCount is private in C++: it has one
    columns = range(1 if isinstance(model, QAbstractListModel) else model.columnCount(QModelIndex()))
    horizontal = Qt.Orientation.Horizontal
    headings = tuple(str(model.headerData(n, horizontal) or f"column {n + 1}") for n in columns)

    def rows() -> Iterator[Sequence[object]]:
        for row in range(model.rowCount(QModelIndex())):
            yield [model.index(row, column).data() for column in columns]

    return Table(headings, rows())


def _has_table(widget: QWidget) -> bool:
    return isinstance(widget, Tabled | QAbstractItemView)


def _pages(widget: QWidget) -> Iterator[QWidget]:
    if isinstance(widget, QStackedWidget):
        for page in (widget.widget(place) for place in range(widget.count())):
            if page is not None:
                yield from _pages(page)
    else:
        yield unwrapped(widget)


def _words(words: Words) -> str:
    return words() if callable(words) else words
