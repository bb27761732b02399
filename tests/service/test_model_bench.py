"""The model bench: real rules and the real built-in model; scripted models for every way to fail."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from tests.llm.tiny_gguf import write
from turbulence_app.domain.bench import BenchResult
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.domain.events import BenchMeasured, Event, Progress
from turbulence_app.llm import errors
from turbulence_app.llm.backends.rules import RulesBackend
from turbulence_app.llm.ladder import Rung
from turbulence_app.service import bench_row, model_bench
from turbulence_app.service.bench_asking import Asked, Asker, Subject
from turbulence_app.service.bench_probe import Probed, probe
from turbulence_app.service.model_bench import Wanted
from turbulence_app.service.models import Model

needs_llama = pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None, reason="the extra llama is not installed"
)


def measured(home: Path, wanted: Wanted, events: list[Event] | None = None, stop_after: int = 10**9) -> Any:
    heard = [] if events is None else events
    return model_bench.bench(
        home, wanted, on_event=heard.append, should_stop=lambda: sum(e.type == "progress" for e in heard) > stop_after
    )


@pytest.fixture
def nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other process is started for comparison."""
    monkeypatch.setattr(bench_row, "probe", lambda *_, **__: Probed(why="not tried"))


def test_wrong_names_and_times_are_input_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model is called ''"):
        measured(tmp_path, Wanted(("",)))
    with pytest.raises(InputError, match="seconds"):
        Wanted(seconds=float("nan"))


class Scripted(Asker):
    """Says what the script says, person by person; nobody in particular is always answered."""

    script: list[Any] = []

    def __init__(self, *_: object) -> None:
        self.rung = Rung("llamacpp", "toy", "sha256:1", "1", "json", document=RulesBackend())
        self.load_s = 0.5
        self._left = list(self.script)

    @property
    def writes(self) -> bool:
        return True

    def ask(self, persona: Any, workflow: Any, *_: object) -> Asked:
        rules = RulesBackend().policy_document(persona, workflow)
        step = "ok" if persona.id == "neutral" or not self._left else self._left.pop(0)
        if isinstance(step, BaseException):
            raise step
        if step == "ok":
            return Asked(rules, "at_once", 1.0, None)
        return Asked(None, "failed", 1.0, None, why=step, hopeless=step == "gone")

    def close(self) -> None:
        return


def scripted(monkeypatch: pytest.MonkeyPatch, home: Path, script: list[Any], people: int = 6) -> BenchResult:
    monkeypatch.setattr(Scripted, "script", script)
    monkeypatch.setattr(bench_row, "Asker", Scripted)
    (row,) = measured(home, Wanted(("rules",), personas=people))
    return row


def test_rules_and_the_built_in_model_are_measured_and_kept(tmp_path: Path) -> None:
    events: list[Event] = []
    rows = measured(tmp_path, Wanted(("builtin", "rules"), personas=6), events)
    builtin, rules = rows
    assert [row.status for row in rows] == ["done", "done"]
    assert builtin.accuracy.share > rules.accuracy.share
    assert builtin.validity.at_once == builtin.done == 6
    assert (builtin.same.again, builtin.same.processes, builtin.same.threads) == (True, True, True)
    assert builtin.memory.measured is None or builtin.memory.measured > 30e6
    assert set(model_bench.results(tmp_path)) == set(rows)
    told = [e for e in events if isinstance(e, BenchMeasured)]
    assert [e.result.done for e in told if e.row == 1][:3] == [0, 1, 2]
    assert {e.rows for e in told} == {2}
    steps = [e for e in events if isinstance(e, Progress)]
    assert all(e.done <= e.total for e in steps)
    assert model_bench.forget(tmp_path, "builtin", builtin.digest) == 1
    assert model_bench.results(tmp_path) == (rules,)


def test_one_model_that_fails_is_a_row_and_not_the_end(tmp_path: Path, nobody_else: None) -> None:
    rows = measured(tmp_path, Wanted((str(tmp_path / "none.gguf"), "rules"), personas=2))
    assert [row.status for row in rows] == ["failed", "done"]
    assert "no such file" in rows[0].why or "not installed" in rows[0].why
    assert rows[0].mend


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model is called 'phi'"):
        measured(tmp_path, Wanted(("phi",)))


def test_three_failures_from_the_first_on_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody_else: None
) -> None:
    row = scripted(monkeypatch, tmp_path, ["timeout"] * 6)
    assert (row.status, row.why, row.done, row.validity.failed) == ("failed", "timeout", 3, 3)
    assert row.accuracy.hits == 0 < row.accuracy.of
    assert model_bench.results(tmp_path) == (row,)


def test_single_failures_are_counted_and_their_expectations_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody_else: None
) -> None:
    good = scripted(monkeypatch, tmp_path, [])
    row = scripted(monkeypatch, tmp_path, ["timeout", "timeout", "ok", "timeout"])
    assert (row.status, row.done, row.validity.failed) == ("done", 6, 3)
    assert row.accuracy.of == good.accuracy.of
    assert row.accuracy.hits <= good.accuracy.hits
    assert "timeout" in row.notes


def test_a_model_that_is_gone_is_given_up_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody_else: None
) -> None:
    row = scripted(monkeypatch, tmp_path, ["ok", "gone"])
    assert (row.status, row.why, row.done) == ("failed", "gone", 1)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (errors.ModelFileError("it is damaged", "download it again"), "it is damaged"),
        (ZeroDivisionError("oh"), "a fault of the program: ZeroDivisionError: oh"),
    ],
)
def test_whatever_is_raised_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody_else: None, fault: Exception, why: str
) -> None:
    row = scripted(monkeypatch, tmp_path, ["ok", fault])
    assert (row.status, row.why, row.done) == ("failed", why, 1)


def test_a_stop_keeps_what_was_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody_else: None) -> None:
    row = scripted(monkeypatch, tmp_path, ["ok", "ok", CancelledError("stopped")])
    assert (row.status, row.done) == ("stopped", 2)
    assert model_bench.results(tmp_path) == (row,)


def test_a_stopped_row_does_not_take_the_place_of_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody_else: None
) -> None:
    whole = scripted(monkeypatch, tmp_path, [])
    scripted(monkeypatch, tmp_path, ["ok", CancelledError("stopped")])
    assert model_bench.results(tmp_path) == (whole,)


def test_a_stop_between_models_leaves_the_rest_out(tmp_path: Path, nobody_else: None) -> None:
    rows = measured(tmp_path, Wanted(("rules", "builtin"), personas=1), stop_after=0)
    assert len(rows) == 1


def test_names_mean_models_of_the_list() -> None:
    found = [
        Model("llamacpp", "phi", True),
        Model("llamacpp", "big", False, why="the file is gone"),
        Model("ollama", "llama3:8b", True),
        Model("builtin", "minilm", True),
    ]
    every = model_bench.subjects(found, Wanted(mode="json"))
    assert every == [
        Subject("llamacpp", "phi", "json"), Subject("ollama", "llama3:8b", "json"), Subject("builtin", "minilm"),
    ]  # fmt: skip
    assert model_bench.subjects(found, Wanted(("ollama/llama3:8b",))) == [Subject("ollama", "llama3:8b")]
    assert model_bench.subjects(found, Wanted(("x.gguf",), mode="logits")) == [Subject("llamacpp", "x.gguf", "logits")]
    with pytest.raises(InputError, match="no model of rules"):
        model_bench.subjects(found, Wanted(backend="rules"))


def test_another_process_that_dies_says_why(tmp_path: Path) -> None:
    found = probe(tmp_path, Subject("llamacpp", str(tmp_path / "no.gguf")), [], threads=1, seed=1, seconds=1)
    assert found.digests == ()
    assert found.why


@needs_llama
@pytest.mark.slow
def test_a_real_gguf_is_measured(tmp_path: Path) -> None:
    model = write(tmp_path / "tiny.gguf")
    (row,) = measured(tmp_path, Wanted((str(model),), personas=1, mode="json"))
    assert (row.status, row.backend, row.mode, row.done) == ("done", "llamacpp", "json", 1)
    assert (row.same.again, row.same.processes, row.same.threads) == (True, True, True)
    assert row.spent.cpu_s is None or row.spent.cpu_s > 0
    assert row.memory.measured is None or row.memory.measured > 1e6
