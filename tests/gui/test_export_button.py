"""Every chart and every table can be kept: as PNG, as SVG of real vectors, as CSV that reads back."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.gui.csv_table import Table, csv_text, write_whole
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.places.personas.crowd import StepBars
from turbulence_app.gui.widgets.charts import SeriesChart
from turbulence_app.gui.widgets.choosable import RowsChart
from turbulence_app.gui.widgets.columns import Columns
from turbulence_app.gui.widgets.doubts import SpanBars
from turbulence_app.gui.widgets.export_button import ExportButton, stem
from turbulence_app.gui.widgets.funnel import FunnelView
from turbulence_app.gui.widgets.graph import GraphView
from turbulence_app.gui.widgets.ranges import RangeView
from turbulence_app.gui.widgets.suggestion_list import SuggestionList
from turbulence_app.gui.window import MainWindow

CHARTS = (SeriesChart, FunnelView, RangeView, RowsChart, Columns, StepBars, GraphView, QAbstractItemView)
SVG = "{http://www.w3.org/2000/svg}"
CELLS = st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none())


# -- tables ---------------------------------------------------------------------------------------


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1)))
def test_a_table_reads_back_cell_by_cell(rows: list[list[object]]) -> None:
    back = read(csv_text(Table(tuple(f"c{n}" for n in range(len(rows[0]))), rows)))
    assert len(back) == 1 + len(rows)
    for row, cells in zip(rows, back[1:], strict=True):
        for value, cell in zip(row, cells, strict=True):
            if isinstance(value, str):
                assert cell in (value, f"'{value}")
            elif isinstance(value, float) and not math.isfinite(value):
                assert cell == ""
            elif isinstance(value, int | float) and not isinstance(value, bool):
                assert float(cell) == float(value)


@given(st.sampled_from("=+-@\t\r\n"), st.text())
def test_nothing_is_left_for_a_spreadsheet_to_calculate(first: str, rest: str) -> None:
    (cell,) = read(csv_text(Table(("c",), [[first + rest]])))[1]
    assert not cell.startswith(("=", "@", "\t", "\r", "\n"))
    assert not cell.startswith(("+", "-")) or float(cell.rstrip(" %").replace(",", "")) is not None


def test_lines_end_as_the_standard_says() -> None:
    assert csv_text(Table(("a", "b"), [[1, 'x"y'], [-2.5, "z,\r\n"]])) == 'a,b\r\n1,"x""y"\r\n-2.5,"z,\r\n"\r\n'


def test_a_large_table_comes_in_pieces() -> None:
    table = Table(("n",), ((n,) for n in range(10_001)))
    assert len(read(csv_text(table))) == 10_002


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "kept.csv"
    write_whole(file, (b"old",))
    assert file.stat().st_mode & 0o777 == 0o600

    def breaks() -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "no space left")

    with pytest.raises(OSError, match="no space"):
        write_whole(file, breaks())
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_names_of_files_are_plain() -> None:
    assert stem("Step latency p50 · p95, ms") == "step-latency-p50-p95-ms"
    assert stem("…") == "turbulence"


# -- pictures -------------------------------------------------------------------------------------


def shown_charts(root: QWidget) -> list[QWidget]:
    """Charts and tables of a place, without the lists that combo boxes drop down."""

    def dropped(widget: QWidget) -> bool:
        parent = widget.parentWidget()
        return parent is not None and (isinstance(parent, QComboBox) or dropped(parent))

    def inner(widget: QWidget) -> bool:
        parent = widget.parentWidget()
        return parent is not None and (isinstance(parent, CHARTS) or inner(parent))

    found = [widget for widget in root.findChildren(QWidget) if isinstance(widget, CHARTS)]
    found = [w for w in found if w.accessibleName() != "Matching commands"]  # what is searched is no table
    apart = SpanBars | SuggestionList
    return [w for w in found if not dropped(w) and not inner(w) and not isinstance(w, apart)]


@pytest.mark.parametrize("place", [spec.name for spec in SPECS if spec.exists()])
def test_every_chart_and_table_has_its_button(window: MainWindow, place: str) -> None:
    root = window.place(place).widget
    covered = [page for button in root.findChildren(ExportButton) for page in button.covers()]
    bare = [
        f"{type(chart).__name__} {chart.accessibleName()!r}"
        for chart in shown_charts(root)
        if not any(page is chart or page.isAncestorOf(chart) for page in covered)
    ]
    assert not bare, f"no export button: {bare}"


@pytest.mark.parametrize("place", [spec.name for spec in SPECS if spec.exists()])
def test_every_entry_writes_a_file_that_opens(
    qtbot: QtBot, window: MainWindow, answers: Answers, tmp_path: Path, place: str
) -> None:
    window.go(place, {})
    for number, button in enumerate(window.place(place).widget.findChildren(ExportButton)):
        stem_ = tmp_path / f"{place}-{number}"
        for act, suffix in ((button.save_png, ".png"), (button.save_svg, ".svg"), (button.save_csv, ".csv")):
            answers.path = stem_.with_suffix(suffix)
            act()
            if button.whole is not None and suffix == ".csv":
                qtbot.waitUntil(answers.path.is_file, timeout=30_000)
            assert answers.path.is_file(), (button.name(), suffix)
        picture = QImage(str(stem_.with_suffix(".png")))
        assert picture.width() == 2 * button.plate().size().width()
        check_svg(stem_.with_suffix(".svg"), button)
        rows = read(stem_.with_suffix(".csv").read_bytes().decode())
        columns = len(rows[0]) if button.whole is not None else len(button.table().columns)
        assert all(len(row) == columns for row in rows)
        assert button.name()
        assert button.accessibleName()


def check_svg(file: Path, button: ExportButton) -> None:
    """Vectors and words, no bitmap of them; only lists have small icons."""
    root = ElementTree.fromstring(file.read_bytes())
    assert any(e.tag in (f"{SVG}path", f"{SVG}rect", f"{SVG}polyline", f"{SVG}text") for e in root.iter())
    words = " ".join("".join(e.itertext()) for e in root.iter(f"{SVG}text"))
    assert button.name().split()[0].lower() in words.lower(), (button.name(), words)
    if not isinstance(button.subject(), QAbstractItemView):
        # a step's icon is a picture of its own; nothing else is
        bitmaps = [
            e for e in root.iter(f"{SVG}image") if max(float(e.get(side, 0)) for side in ("width", "height")) > 64
        ]
        assert not bitmaps, button.name()


def test_the_menu_has_an_entry_for_each_way(window: MainWindow) -> None:
    button = window.place("personas").widget.findChildren(ExportButton)[0]
    menu = button.menu_of()
    assert [a.text() for a in menu.actions() if not a.isSeparator()] == [
        "Copy the picture", "Copy the table", "PNG picture…", "SVG drawing…", "CSV table…",
    ]  # fmt: skip
    menu.deleteLater()


def test_copying_fills_the_clipboard(window: MainWindow) -> None:
    view = window.place("personas").widget
    button = next(b for b in view.findChildren(ExportButton) if b.picture is view.preview.funnel)
    button.copy_picture()
    assert not QGuiApplication.clipboard().image().isNull()
    button.copy_table()
    assert len(read(QGuiApplication.clipboard().text())) == 1 + len(view.preview.funnel.rows())


def test_a_place_that_cannot_be_written_is_said_in_a_line(
    window: MainWindow, answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    button = window.place("personas").widget.findChildren(ExportButton)[0]
    told: list[str] = []
    monkeypatch.setattr(type(window.context.notices), "show", lambda _self, text, *_, **__: told.append(text))
    answers.path = tmp_path / "nowhere" / "x.csv"
    button.save_csv()
    assert len(told) == 1
    assert told[0].startswith("Not exported: x.csv: No such file")


def test_what_is_not_here_cannot_be_copied(window: MainWindow) -> None:
    menu = window.place("log").view.export.menu_of()
    assert "Copy the table" not in [action.text() for action in menu.actions()]
    menu.deleteLater()
