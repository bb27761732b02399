"""Capsules: written whole, read strictly, checked without any model; what is seen against what is expected."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shrinking.machine import ROOT, race
from turbulence_app.domain.capsule import Capsule
from turbulence_app.domain.errors import InputError, KnownError
from turbulence_app.formats.capsules import dump_capsule, load_capsule, parse_capsule, save_capsule
from turbulence_app.formats.redacted import redacted, restored
from turbulence_app.service import capsules, runs
from turbulence_app.service.projects import database_path
from turbulence_app.store.database import Database


@pytest.fixture(scope="module")
def kept(ran: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The capsule of the sample's planted bug."""
    path = tmp_path_factory.mktemp("kept") / "lost.json"
    with Database(database_path(ran)) as database:
        capsules.save(database, ran, "f-0001", file=path)
    return path


@pytest.fixture
def capsule(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(kept, tmp_path / kept.name))


@pytest.fixture(scope="module")
def racing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project around an application with a race, and the capsule of it."""
    root = tmp_path_factory.mktemp("race")
    shutil.copy(ROOT / "tests" / "shrinking" / "apps" / "last_one.py", root / "last_one.py")
    inputs = race(app="last_one:create_app")
    (root / "workflows").mkdir()
    flow = inputs.workflow.model_dump(mode="json", by_alias=True, exclude_unset=True)
    (root / "workflows" / "race.yaml").write_text(json.dumps(flow), encoding="utf-8")
    with Database(database_path(root)) as database:
        done = runs.run(inputs, database, project=str(root))
        path, _ = capsules.save(database, root, f"{done.manifest.run_id}/f-0001")
    return root, path


def changed(path: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_a_capsule_reads_back_equal(kept: Path, tmp_path: Path) -> None:
    capsule = load_capsule(kept)
    assert parse_capsule(dump_capsule(capsule), "x") == capsule
    assert load_capsule(save_capsule(tmp_path / "again.json", capsule)) == capsule
    assert capsule.minimal
    assert capsule.expect == "fails"
    assert [choice.address for choice in capsule.choices] == ["pay#0.0:fault1"]
    assert capsule.story[-1].endswith("BREAKS: charged_once")


def test_still_fails_as_recorded_bit_for_bit(capsule: Path) -> None:
    (done,) = capsules.check_all([capsule], root=capsule.parent)
    assert (done.seen, done.expected, done.as_expected, done.same, done.notes) == ("fails", "fails", True, True, ())


def mend(data: dict[str, Any]) -> None:
    """The payment becomes safe to repeat."""

    def walk(steps: list[dict[str, Any]]) -> None:
        for step in steps:
            if step["name"] == "pay":
                step["idempotent"] = True
            for inner in ("steps", "if_true", "if_false"):
                walk(step.get(inner, []))

    walk(data["inputs"]["workflow"]["flow"])


def test_a_mended_defect_passes_is_told_and_kept_by_update(capsule: Path, say: Callable[..., Any]) -> None:
    changed(capsule, mend)
    said = say("check-capsule", capsule)
    assert said.status == 1
    assert "passes, expected: fails" in said.out
    assert "--update" in said.out
    assert say("check-capsule", capsule, "--expect", "passes").status == 0
    assert say("check-capsule", capsule, "--update").status == 0
    again = say("check-capsule", capsule, "--json")
    assert again.status == 0
    assert again.json["capsules"][0]["expected"] == "passes"
    assert load_capsule(capsule).expect == "passes"


def test_another_engine_is_said(capsule: Path) -> None:
    changed(capsule, lambda data: data.update(engine_version=7))
    (done,) = capsules.check_all([capsule], root=capsule.parent)
    assert done.as_expected
    assert done.notes == ("made with engine version 7, this is 1",)


def test_another_trace_is_said(capsule: Path) -> None:
    changed(capsule, lambda data: data["seen"].update(digest="0" * 16))
    (done,) = capsules.check_all([capsule], root=capsule.parent)
    assert done.as_expected
    assert done.same is False
    assert "not along the recorded trace" in done.notes[0]


def test_a_folder_of_capsules_one_of_them_wrong(capsule: Path, say: Callable[..., Any]) -> None:
    (capsule.parent / "wrong.json").write_text("{", encoding="utf-8")
    said = say("check-capsule", capsule.parent)
    assert said.status == 2
    assert "1 of 2 as expected" in said.out
    assert "wrong.json:1: this is not JSON" in said.out
    assert "Traceback" not in said.out + said.err


def test_without_capsules_one_clear_line(tmp_path: Path, say: Callable[..., Any]) -> None:
    said = say("check-capsule", tmp_path)
    assert said.status == 2
    assert "there is no capsule in this folder" in said.err
    assert say("check-capsule", tmp_path / "nowhere.json").status == 2


def test_shrink_keeps_one_in_the_project(ran: Path, tmp_path: Path, say: Callable[..., Any]) -> None:
    root = Path(shutil.copytree(ran, tmp_path / "shop"))
    said = say("shrink", "f-0002", "--save", "--why", "--project", root, "--json")
    assert said.status == 0
    assert Path(said.json["capsule"]).parent == root / "capsules"
    assert {row["verdict"] for row in said.json["why"]["rows"]} >= {"necessary", "neutral"}
    assert say("check-capsule", "--project", root).status == 0


def test_no_engine_process_is_needed_for_modelled_ones(kept: Path) -> None:
    """Nor any model: the whole check runs where neither can be imported."""
    code = (
        "import sys\nfrom pathlib import Path\nclass No:\n    def find_spec(self, name, *rest):\n"
        "        if name.startswith(('llama_cpp', 'turbulence_app.assist', 'turbulence_app.llm.gateway',"
        " 'turbulence_app.llm.worker')):\n            raise ImportError(name)\n"
        "sys.meta_path.insert(0, No())\nfrom turbulence_app.service import capsules\n"
        f"(done,) = capsules.check_all([Path({str(kept)!r})], root=Path.cwd())\nsys.exit(not done.as_expected)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=kept.parent, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


# ---- applications ---------------------------------------------------------------------------------------------------


def test_a_capsule_of_an_application_is_checked_in_its_project(racing: tuple[Path, Path], say: Any) -> None:
    root, path = racing
    assert len(load_capsule(path).users) == 2
    said = say("check-capsule", "--project", root)
    assert said.status == 0
    assert "bit for bit as recorded" in said.out


def test_a_mended_application_passes_and_the_other_build_is_said(racing: tuple[Path, Path], tmp_path: Path) -> None:
    root = Path(shutil.copytree(racing[0], tmp_path / "race"))
    app = root / "last_one.py"
    app.write_text(app.read_text().replace("            await asyncio.sleep(0.3)\n", ""), encoding="utf-8")
    (done,) = capsules.check_all([root / "capsules"], root=root)
    assert done.seen == "passes"
    assert not done.as_expected
    assert any("the application changed since" in note for note in done.notes)


def test_code_that_the_project_does_not_name_is_not_run(racing: tuple[Path, Path], tmp_path: Path) -> None:
    root, path = racing
    strange = changed(
        Path(shutil.copy(path, tmp_path / "strange.json")),
        lambda data: data["inputs"]["workflow"].update(app="os:getcwd"),
    )
    (done,) = capsules.check_all([strange], root=root)
    assert done.problem is not None
    assert "'os:getcwd' is not named by this project's own files" in done.problem.message
    (alone,) = capsules.check_all([path], root=tmp_path)
    assert alone.problem is not None


def test_no_credentials_go_out_and_the_project_s_own_come_back(racing: tuple[Path, Path]) -> None:
    inputs = race()
    text = redacted(inputs).model_dump_json(by_alias=True)
    assert "of-somebody" not in text
    assert "of-somebody" not in racing[1].read_text(encoding="utf-8")
    assert restored(redacted(inputs), inputs.workflow).workflow == inputs.workflow


# ---- hostile files --------------------------------------------------------------------------------------------------

HOSTILE = [
    "", "null", "[]", "{}", "1", '"x"', "{", '{"capsule": 1}', '{"capsule": 1, "capsule": 1}', '{"capsule": true}',
    '{"capsule": 9}', '{"capsule": NaN}', '{"capsule": 1, "x": Infinity}', "[" * 100_000, '{"a":' * 50_000,
    '{"capsule": ' + "9" * 10_000 + "}", "\x00", "\ufeff{}", "&a [*a, *a]", "!!python/object:os.system {}",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(KnownError) as refused:
        parse_capsule(text, "bad.json")
    assert "bad.json" in str(refused.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(colour="red"), "colour"),
        (lambda d: d["seen"].update(invariant="nobody"), "nobody"),
        (lambda d: d.update(faults=[99]), "a fault beyond"),
        (lambda d: d.update(users=[-1]), "out of range"),
        (lambda d: d.update(users=[]), "users"),
        (lambda d: d.update(target="app"), "target app, but inputs for model"),
        (lambda d: d["choices"][0].update(address="pay"), "is not step#visit"),
        (lambda d: d["choices"][0].update(word="1"), "word"),
        (lambda d: d["fixed"].update(x=2**40), "'x' is 1099511627776"),
        (lambda d: d["inputs"].update(users=0), "users"),
        (lambda d: d["inputs"]["workflow"].pop("flow"), "flow"),
        (lambda d: d.pop("seen"), "seen"),
    ],
)
def test_a_wrong_capsule_is_a_problem_that_names_itself(capsule: Path, change: Any, words: str) -> None:
    (done,) = capsules.check_all([changed(capsule, change)], root=capsule.parent)
    assert done.problem is not None
    assert words in str(done.problem)
    assert str(capsule) in str(done.problem.where)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_mutation_ends_in_a_traceback(data: st.DataObject, kept: Path) -> None:
    """Cuts, doubles and changes of a real file: read or refused, never anything else."""
    text = kept.read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 400)))
    put = data.draw(st.sampled_from(["", "x", "null", "-1", "{", "[", '"', "1e999", text[start:end] * 2, "\\u0000"]))
    try:
        found = parse_capsule(text[:start] + put + text[end:], "mutant.json")
    except InputError:
        return
    assert isinstance(found, Capsule)


JUNK = (None, True, -1, 0, 2**31, 2**40, 2**70, 1.5, -1e308, "", "x", "{{x}}", "pay#0.0:choice", [], {}, ["x"], "not (")


def places(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(place for key, child in inner for place in places(child, (*here, key)))]


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_junk_in_any_place_is_run_or_refused(data: st.DataObject, kept: Path, tmp_path_factory: Any) -> None:
    """What still reads is run: an invariant that breaks or holds, or a problem, and never anything else."""
    document = json.loads(kept.read_text(encoding="utf-8"))
    place = data.draw(st.sampled_from([place for place in places(document) if place]))
    inside = document
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = data.draw(st.sampled_from(JUNK))
    file = tmp_path_factory.getbasetemp() / "junk.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    done = capsules.check(file, None, file.parent)
    assert (done.problem is None) == (done.seen in ("fails", "passes"))
