from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.resources import resource_path
from turbulence_app.service.inputs import build_inputs
from turbulence_app.service.ops import Operations
from turbulence_app.service.people_files import read_people, write_people
from turbulence_app.service.projects import open_project
from turbulence_app.service.sensitivity import effects, sensitivity
from turbulence_app.service.worker import Job

ORIGINAL = Path(__file__).parents[1] / "conformance" / "original"
USERS = 1000


@pytest.fixture(scope="module")
def one() -> RunInputs:
    inputs = build_inputs(open_project(resource_path("samples/shop")))
    member = next(member for member in inputs.crowd if member.persona == "impatient_shopper")
    return RunInputs(workflow=inputs.workflow, crowd=(member.model_copy(update={"weight": 1.0}),), users=USERS)


def test_what_moves_completion_most_comes_first_and_again_the_same(one: RunInputs) -> None:
    told: list[Any] = []
    found = sensitivity(one, USERS, on_event=told.append)
    assert [s.width for s in found.swings] == sorted((s.width for s in found.swings), reverse=True)
    assert told
    assert told[0].total == 2 * len(found.swings)
    first = found.swings[0]
    assert first.width > 0.02
    leaves = next(s for s in found.swings if s.path == "decisions.before_paying.options.leave")
    assert leaves.below.difference > 0 > leaves.above.difference, "who leaves less completes more"
    assert sensitivity(one, USERS) == found


def test_a_stop_ends_it_between_two_numbers(one: RunInputs) -> None:
    asked = iter([False, False, True])
    with pytest.raises(CancelledError):
        sensitivity(one, USERS, should_stop=lambda: next(asked))


def test_effects_say_what_each_change_does(one: RunInputs) -> None:
    now = one.crowd[0].policy
    before = now.model_copy(
        update={
            "decisions": {**now.decisions, "before_paying": now.decisions["before_paying"].model_copy(
                update={"options": {"pay": 1.0, "leave": 0.0}})},
            "forms": now.forms.model_copy(update={"correction_probability": 0.07}),
        }
    )  # fmt: skip
    found = effects(one, before, USERS)
    assert [effect.part for effect in found] == ["decisions.before_paying", "forms.correction_probability"]
    assert found[0].shift.difference < 0, "leaving again costs completion"
    assert found[0].shift.low <= found[0].shift.difference <= found[0].shift.high
    assert effects(one, now, USERS) == ()


def test_a_crowd_of_several_is_refused(one: RunInputs) -> None:
    two = one.model_copy(update={"crowd": one.crowd * 2})
    with pytest.raises(InputError):
        sensitivity(two, USERS)


def test_the_operations_answer_plain_data(one: RunInputs) -> None:
    operations = Operations()
    inputs = one.model_dump(mode="json", by_alias=True)
    found = operations.handle("sensitivity", {"inputs": inputs, "users": 200}, Job(1, "sensitivity", {}))
    assert found["swings"][0].keys() == {"path", "part", "low", "high", "below", "above", "guessed"}
    before = one.crowd[0].policy.model_dump(mode="json", by_alias=True)
    again = operations.handle("effects", {"inputs": inputs, "users": 200, "before": before}, Job(2, "effects", {}))
    assert again == {"effects": []}
    operations.close()


def test_people_come_back_as_they_went_out(tmp_path: Path) -> None:
    folder = open_project(resource_path("samples/shop"))
    personas, policies = tuple(folder.personas.values()), tuple(folder.policies.values())
    write_people(tmp_path / "all.yaml", personas, policies)
    found = read_people([tmp_path / "all.yaml"])
    assert (found.personas, found.policies, found.problems) == (personas, policies, ())
    write_people(tmp_path / "one.yaml", personas[:1], ())
    assert read_people([tmp_path / "one.yaml"]).personas == personas[:1]
    write_people(tmp_path / "none.yaml", (), ())
    assert read_people([tmp_path / "none.yaml"]).personas == ()


def test_several_files_of_several_kinds_and_a_broken_one(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("personas: [{id: 7!}]\n", "utf-8")
    (tmp_path / "other.yaml").write_text("flow: []\nid: x\n", "utf-8")
    paths = [ORIGINAL / "personas.yaml", tmp_path / "broken.yaml", ORIGINAL / "policies.yaml", tmp_path / "other.yaml",
             tmp_path / "gone.yaml"]  # fmt: skip
    found = read_people(paths)
    assert found.personas
    assert found.policies
    assert len(found.problems) == 3
    assert all(problem.where is not None and problem.mend for problem in found.problems)


def test_who_stands_in_two_files_comes_once_and_it_is_said(tmp_path: Path) -> None:
    for name, weight in (("a", 1), ("b", 2)):
        (tmp_path / f"{name}.yaml").write_text(f"personas: [{{id: ann, weight: {weight}}}]\n", "utf-8")
    found = read_people([tmp_path / "a.yaml", tmp_path / "b.yaml"])
    assert [persona.weight for persona in found.personas] == [2]
    assert found.notes == ("Ann stands in several files; the one in b.yaml counts.",)
