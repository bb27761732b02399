"""The Models place: with the real service behind it where that is quick, else with replies like the service's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from tests.gui.model_replies import MACHINE, catalogue, loaded, result, results, running
from tests.llm.tiny_gguf import write
from turbulence_app.domain.events import BenchMeasured, JobFailed, Progress
from turbulence_app.formats.loader import load_project_file
from turbulence_app.gui.places.models import bench_state, state
from turbulence_app.gui.places.models.bench_state import merged
from turbulence_app.gui.places.models.place import Place
from turbulence_app.gui.places.models.state import Routing, answers, read_catalogue
from turbulence_app.gui.widgets.intervals import Intervals
from turbulence_app.gui.window import MainWindow
from turbulence_app.insight.words import percent

WAIT = 60_000


# -- words, without a window --------------------------------------------------------------------------------------


def test_a_route_comes_to_a_model() -> None:
    rows = read_catalogue(catalogue()).rows
    assert answers(Routing("auto"), rows) == "llamacpp/phi-3-mini-4k-q4"
    assert answers(Routing("builtin"), rows) == "builtin/builtin"
    assert answers(Routing("ollama"), rows) == "ollama/llama3.2:3b"
    assert answers(Routing("llamacpp", "gone"), rows) == "llamacpp/gone"
    bare = read_catalogue(catalogue(there=False)).rows
    assert answers(Routing("auto"), bare) == "builtin/builtin"
    assert answers(Routing("ollama"), bare) == ""


def test_tasks_stand_at_the_model_that_answers_them() -> None:
    found = {row.key: state.task_words(row) for row in read_catalogue(catalogue()).rows}
    assert found["llamacpp/phi-3-mini-4k-q4"] == "policies"
    assert found["builtin/builtin"] == "drafts"
    assert found["rules/rules"] == ""


def test_memory_in_words() -> None:
    phi, llama, *_ = read_catalogue(catalogue()).rows
    free = 12_100_000_000
    assert state.fit_token(phi, free) == "good"
    assert state.fit_words(phi, free) == "4.9 GB fits"
    assert state.fit_token(llama, free) == "bad"
    assert state.fit_words(llama, free) == "too large"
    assert state.fit_share(llama, free) > 1
    assert "12.1 GB of 33.5 GB are available" in state.fit_sentence(phi, free, 33_500_000_000)
    assert state.fit_words(phi, 0) == "4.9 GB"


def test_until_when_a_model_stays() -> None:
    now = "2026-11-28T01:00:00+00:00"
    assert state.until_words("2026-11-28T01:04:00Z", now) == "4 min"
    assert state.until_words("2026-11-28T00:00:00Z", now) == "now"
    assert state.until_words("2318-01-01T00:00:00Z", now) == "for good"
    assert state.until_words("soon", now) == ""


def test_the_best_comes_first_and_what_failed_last() -> None:
    rows = bench_state.shown(reversed(results()))
    assert [bench_state.title(row) for row in rows] == [
        "built-in model", "phi-3-mini-4k-q4 · logits", "phi-3-mini-4k-q4 · json", "llama3.2:3b · json", "rules",
        "gemma-2b · json",
    ]  # fmt: skip


def test_a_new_row_takes_the_place_of_the_one_that_it_replaces() -> None:
    rows = tuple(results())
    fresh = rows[1].model_copy(update={"measured_at": "2026-11-28T02:00:00Z"})
    assert merged(rows, fresh) == (rows[0], fresh, *rows[2:])
    other = fresh.model_copy(update={"set_digest": "sha256:2"})
    assert set(merged(rows, other)) == {*rows, other}
    growing = merged(merged(rows, running()), running().model_copy(update={"done": 5}))
    assert len([row for row in growing if row.status == "running"]) == 1


def test_sameness_in_signs_and_words() -> None:
    row = result("ollama", "x", "json", 1, done=1)
    assert bench_state.same_words(row) == "· · ·"
    assert bench_state.same_token(row) == ""
    good, bad = results()[0], results()[2]
    assert (bench_state.same_words(good), bench_state.same_token(good)) == ("✓ ✓ ✓", "good")
    assert (bench_state.same_words(bad), bench_state.same_token(bad)) == ("✓ ✓ ✗", "bad")
    assert "with 1 and 2 threads: different" in bench_state.same_tip(bad)


def test_the_sheet_has_a_line_per_model_and_as_many_cells_as_heads() -> None:
    import csv
    import io

    lines = list(csv.reader(io.StringIO(bench_state.bench_csv(results()))))
    assert len(lines) == 1 + len(results())
    assert {len(line) for line in lines} == {len(bench_state.HEADS)}
    assert lines[1][:3] == ["builtin", "minilm-l6-v2-int8", "embedding"]


# -- the real service ---------------------------------------------------------------------------------------------


@pytest.fixture
def place(qtbot: QtBot, window: MainWindow) -> Place:
    window.go("models", {})
    made = window.place("models")
    assert isinstance(made, Place)
    made.ollama.watch(False)
    qtbot.waitUntil(lambda: made.presenter.loaded, timeout=WAIT)
    return made


def keys(place: Place) -> list[str]:
    return [row.key for row in place.presenter.catalogue.rows if row.there]


def test_what_ships_is_there_and_the_rest_says_what_to_do(place: Place) -> None:
    assert keys(place)[-2:] == ["builtin/builtin", "rules/rules"]
    absent = next(row for row in place.presenter.catalogue.rows if row.backend == "llamacpp" and not row.there)
    assert absent.why
    assert absent.mend
    assert place.view.details.name.full_text() == "Built-in model"
    assert place.presenter.catalogue.total > 0


def test_a_file_is_added_checked_and_taken_off_the_list(
    qtbot: QtBot, window: MainWindow, place: Place, answers: Answers, tmp_path: Path
) -> None:
    file = write(tmp_path / "tiny.gguf")
    answers.path, answers.form = file, {"name": "tiny-one"}
    assert window.commands.run("models.add")
    qtbot.waitUntil(lambda: "llamacpp/tiny-one" in keys(place), timeout=WAIT)
    assert place.presenter.key == "llamacpp/tiny-one"
    row = place.presenter.row
    assert row is not None
    assert row.default
    assert row.path == str(file)
    assert place.view.list.table.current() == row
    window.commands.run("models.verify")
    qtbot.waitUntil(lambda: not place.presenter.fetching.busy, timeout=WAIT)
    answers.yes = False
    window.commands.run("models.remove")
    assert "llamacpp/tiny-one" in keys(place)
    answers.yes = True
    window.commands.run("models.remove")
    qtbot.waitUntil(lambda: "llamacpp/tiny-one" not in keys(place), timeout=WAIT)
    assert file.exists()


def test_another_content_than_expected_is_refused(
    qtbot: QtBot, window: MainWindow, place: Place, answers: Answers, tmp_path: Path
) -> None:
    answers.form = {"name": "other", "expected": "SHA256: " + "0" * 64}
    told: list[str] = []
    place.presenter.fetching.ended.connect(lambda: told.append("ended"))
    place.presenter.add(write(tmp_path / "tiny.gguf"))
    qtbot.waitUntil(lambda: told == ["ended"], timeout=WAIT)
    assert "llamacpp/other" not in keys(place)


def test_a_dropped_file_is_asked_about_and_anything_else_is_not_added(
    window: MainWindow, place: Place, answers: Answers, tmp_path: Path
) -> None:
    answers.form = None
    for name, asked in (("notes.txt", []), ("model.gguf", ["Add model.gguf"])):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        event = QDropEvent(
            QPointF(QPoint(5, 5)), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        place.view.list.dropEvent(event)
        assert answers.asked[-1:] == asked
    assert not place.presenter.fetching.busy


def test_a_route_is_written_into_the_project(qtbot: QtBot, window: MainWindow, place: Place) -> None:
    choice = place.view.routes.choices["policy"]
    choice.setCurrentIndex(choice.findData("builtin/"))
    choice.activated.emit(choice.currentIndex())
    file = window.project.data.root / "turbulence.yaml"
    qtbot.waitUntil(lambda: load_project_file(file).models.route("policy").backend == "builtin", timeout=WAIT)
    qtbot.waitUntil(lambda: place.presenter.catalogue.routes["policy"].own, timeout=WAIT)
    assert state.task_words(place.presenter.catalogue.row("builtin/builtin")) == "drafts, policies"
    choice.setCurrentIndex(choice.findData(""))
    choice.activated.emit(choice.currentIndex())
    qtbot.waitUntil(lambda: not place.presenter.catalogue.routes["policy"].own, timeout=WAIT)


def test_a_bench_is_watched_stopped_and_kept(qtbot: QtBot, window: MainWindow, place: Place) -> None:
    place.bench.set_form(who="rules/rules", people="6")
    assert window.commands.run("bench.start")
    assert place.view.strip.pages.key() == "bench"
    assert not window.commands.can("bench.start")
    qtbot.waitUntil(lambda: not place.bench.live.busy, timeout=WAIT)
    row = place.bench.row
    assert row is not None
    assert (row.backend, row.status, row.done) == ("rules", "done", 6)
    assert place.view.bench.accuracy.chart.key() == "|".join(row.key)
    assert place.view.bench.table.current() == row
    qtbot.waitUntil(lambda: bool(place.presenter.catalogue.bench), timeout=WAIT)
    place.bench.set_form(who="builtin/builtin", people="all")
    place.bench.start()
    qtbot.waitUntil(lambda: place.bench.live.done > 2, timeout=WAIT)
    window.commands.run("bench.stop")
    assert place.bench.live.phase == "stopping"
    qtbot.waitUntil(lambda: not place.bench.live.busy, timeout=WAIT)
    stopped = next(one for one in place.bench.results if one.backend == "builtin")
    assert stopped.status == "stopped"
    assert 0 < stopped.done < stopped.personas
    assert not [one for one in place.bench.results if one.status == "running"]


# -- replies as the service makes them ----------------------------------------------------------------------------


class Bridge:
    """Remembers what was asked; a test answers when it likes."""

    def __init__(self, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.calls: dict[str, dict[str, Any]] = {}
        monkeypatch.setattr(window.bridge, "request", self.request)

    def request(self, lane: str, op: str, params: Any, **calls: Any) -> Any:
        self.asked.append((op, dict(params)))
        self.calls[op] = calls
        return type("Job", (), {"forget": lambda _self: None, "number": 0, "finished": True})()

    def ops(self) -> list[str]:
        return [op for op, _ in self.asked]


@pytest.fixture
def bridge(window: MainWindow, place: Place, monkeypatch: pytest.MonkeyPatch) -> Bridge:
    return Bridge(window, monkeypatch)


def test_ollama_fetches_nothing_without_the_word_of_a_person(
    window: MainWindow, place: Place, bridge: Bridge, answers: Answers
) -> None:
    answers.form, answers.yes = {"model": "phi3:mini"}, False
    window.commands.run("models.pull")
    assert bridge.asked[-1] == ("ollama_source", {"project": place.presenter.project(), "model": "phi3:mini"})
    bridge.calls["ollama_source"]["on_result"]({"model": "phi3:mini", "source": "registry.ollama.ai"})
    assert answers.asked[-1] == "Let Ollama fetch phi3:mini from registry.ollama.ai?"
    assert "ollama_pull" not in bridge.ops()
    answers.yes = True
    bridge.calls["ollama_source"]["on_result"]({"model": "phi3:mini", "source": "registry.ollama.ai"})
    op, params = bridge.asked[-1]
    assert (op, params["from_host"]) == ("ollama_pull", "registry.ollama.ai")
    bridge.calls["ollama_pull"]["on_events"]([Progress(what="x", done=3, total=4, rate=1.0, eta_s=1.0)])
    assert place.view.list.fetching.bar.value() == 750
    bridge.calls["ollama_pull"]["on_result"]({"model": "phi3:mini"})
    assert not place.presenter.fetching.busy


def test_what_is_in_ollamas_memory_is_unloaded_by_its_row(place: Place, bridge: Bridge) -> None:
    place.ollama.show(loaded(), "http://127.0.0.1:11434", False)
    assert place.view.ollama.cloud.text() == "its cloud is on"
    table = place.view.ollama.table
    table.selectRow(0)
    table.opened.emit(table.current())
    assert bridge.asked[-1][1]["model"] == "llama3.2:3b"
    place.ollama._not_told(JobFailed(message="no Ollama server answers", mend="start it with: ollama serve"))
    assert place.view.ollama.told.text() == "No Ollama server answers. Start it with: ollama serve"


def test_models_that_cannot_be_listed_say_so_and_can_be_asked_again(place: Place, bridge: Bridge) -> None:
    place.presenter.loaded = False
    place.presenter._not_read(JobFailed(message="the model worker was ended", mend="ask again"))
    assert place.view._stack.currentWidget() is place.view.error
    assert place.view.error.button is not None
    place.view.error.button.click()
    assert bridge.ops()[-1] == "catalogue"
    bridge.calls["catalogue"]["on_result"](catalogue())
    assert place.view._stack.currentIndex() == 0


def test_details_follow_the_chosen_row(place: Place, bridge: Bridge) -> None:
    place.presenter.show(read_catalogue(catalogue()))
    details = place.view.details
    place.view.list.table.selectRow(1)
    assert details.name.full_text() == "llama-3.1-8b-q8"
    assert details.why.text().startswith("Needs about 16.7 GB")
    assert not details.measure.isVisibleTo(details)
    place.view.list.table.selectRow(0)
    assert details.accuracy.text() == "84.4 %"
    assert details.licence.text() == "Licence, as the file says: mit"
    details.measure.click()
    op, params = bridge.asked[-1]
    assert (op, params["models"], params["backend"]) == ("bench", ["phi-3-mini-4k-q4"], "llamacpp")


def test_rows_that_come_while_it_runs_are_shown(place: Place, bridge: Bridge) -> None:
    place.presenter.show(read_catalogue(catalogue(bench=False)))
    place.bench.start()
    place.bench._events(
        [
            Progress(what="phi · logits: person 5 of 12", done=4, total=17, rate=0.1, eta_s=130.0),
            BenchMeasured(result=running(), row=2, rows=3),
        ]
    )
    assert place.view.strip.eta.full_text() == "model 2 of 3 · 6 a minute · 2 min 10 s left"
    assert place.view.bench.table.rows.rowCount() == 1
    place.bench._failed(JobFailed(message="the bench worker was ended by signal SIGKILL"))
    assert place.bench.live.phase == "error"
    assert place.view.bench.table.rows.rowCount() == 0


def test_table_and_charts_are_exported(window: MainWindow, place: Place, answers: Answers, tmp_path: Path) -> None:
    place.presenter.show(read_catalogue(catalogue()))
    window.commands.run("bench.page")
    answers.path = tmp_path / "t.csv"
    assert window.commands.run("bench.csv")
    assert MACHINE in answers.path.read_text()
    answers.path = tmp_path / "t.png"
    assert window.commands.run("bench.png")
    assert answers.path.read_bytes().startswith(b"\x89PNG")
    answers.path = tmp_path / "no" / "such" / "t.csv"
    window.commands.run("bench.csv")
    assert not answers.path.exists()


def test_a_chart_is_read_with_the_keyboard(qtbot: QtBot, theme: Any) -> None:
    chart = Intervals("Accuracy", "share", percent)
    qtbot.addWidget(chart)
    chart.set_rows(bench_state.accuracy_rows(results()))
    picked: list[str] = []
    chart.picked.connect(lambda _row: picked.append(chart.key()))
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert [key.partition("|")[0] for key in picked] == ["builtin", "llamacpp"]
    chart.set_rows(bench_state.accuracy_rows(results()[1:]))
    assert chart.key() == picked[-1]
    assert "86 of 93 expectations met" in Intervals.accessibleDescription(chart) or chart.row_count() == 4
    assert not chart.grab().isNull()


def test_words_that_are_typed_become_a_draft_and_a_compiled_policy_stays(qtbot: QtBot, window: MainWindow) -> None:
    window.go("personas", {})
    presenter = window.place("personas").presenter
    window.commands.run("personas.new")
    who = presenter.selected
    assert window.project.policy(who) is None
    qtbot.keyClicks(window.place("personas").widget.words.editor, "Never waits.")
    qtbot.waitUntil(lambda: window.project.policy(who) is not None, timeout=WAIT)
    draft = window.project.policy(who)
    assert draft is not None
    assert draft.provenance.backend == "builtin"
    mine = draft.model_copy(update={"toggles": {}, "retries": draft.retries.model_copy(update={"default": 3})})
    presenter.editing.replace("by hand", draft, mine)
    presenter.drafting.soon(who)
    assert not presenter.drafting._timer.isActive()
