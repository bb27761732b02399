"""Editing a scenario's file: the comments stay, what is wrong is said, and nothing wrong is written."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.errors import InputError
from turbulence_app.formats.folder import read_folder
from turbulence_app.formats.loader import parse_scenario
from turbulence_app.formats.scenario_text import ListedFault, edit_scenario
from turbulence_app.resources import resource_path
from turbulence_app.service import scenarios

TEXT = """\
# what it is for
id: bad-day            # the name
workflow: checkout
target: model
users: 100
faults:
  # the slow part
  - {kind: latency, service: shop, probability: 0.03, add_ms: 900}   # now and then
  - kind: response_lost
    step: pay          # only there
    probability: 0.006
  # calm
  - {kind: quiet, from_seconds: 10, to_seconds: 20}
seed: 7                # last
"""
OLD = [dict(fault.plain()) for fault in parse_scenario(TEXT, "s.yaml").faults]
NEW = {"kind": "error_status", "step": "pay", "status": 503, "probability": 0.5}


def listed(*parts):
    return [ListedFault(OLD[part], part) if isinstance(part, int) else ListedFault(part) for part in parts]


def faults(text):
    return [fault.plain() for fault in parse_scenario(text, "s.yaml").faults]


def test_nothing_changed_is_the_same_text():
    assert edit_scenario(TEXT, "s.yaml", {}, listed(0, 1, 2)) == TEXT
    assert edit_scenario(TEXT, "s.yaml", {}) == TEXT


def test_one_number_changed_is_one_number_changed():
    edited = edit_scenario(TEXT, "s.yaml", {}, [*listed(0), ListedFault({**OLD[1], "probability": 0.1}, 1), *listed(2)])
    assert edited == TEXT.replace("0.006", "0.1")


def test_faults_move_with_their_comments():
    edited = edit_scenario(TEXT, "s.yaml", {}, listed(2, 0, 1))
    assert faults(edited) == [OLD[2], OLD[0], OLD[1]]
    lines = edited.splitlines()
    assert lines[lines.index("  # calm") + 1].startswith("  - {kind: quiet")
    assert "# the slow part" in edited
    assert "# now and then" in edited
    assert edited.endswith("seed: 7                # last\n")


def test_a_fault_that_goes_takes_its_comment_along():
    edited = edit_scenario(TEXT, "s.yaml", {}, listed(1, 2))
    assert faults(edited) == [OLD[1], OLD[2]]
    assert "slow part" not in edited


def test_values_change_and_go():
    edited = edit_scenario(TEXT, "s.yaml", {"users": 5, "target": "app", "stop": {"first_failures": 3}})
    found = parse_scenario(edited, "s.yaml")
    assert (found.users, found.target, found.stop.first_failures) == (5, "app", 3)
    assert "# the name" in edited
    assert parse_scenario(edit_scenario(TEXT, "s.yaml", {"seed": None}), "s.yaml").seed == 42


@pytest.mark.parametrize("start", ["faults: []\n", "", "faults: [{kind: quiet}]\n"])
def test_a_list_in_brackets_or_none_is_written_as_lines(start):
    text = f"id: s\nworkflow: w\n{start}seed: 3   # why\n"
    edited = edit_scenario(text, "s.yaml", {}, [ListedFault(NEW), ListedFault(OLD[0])])
    assert faults(edited) == [NEW, OLD[0]]
    assert "# why" in edited
    assert faults(edit_scenario(edited, "s.yaml", {}, [])) == []


@given(st.lists(st.one_of(st.integers(0, 2), st.just(NEW)), max_size=6))
def test_any_order_reads_back_as_written(order):
    wanted = listed(*order)
    seen: set[int] = set()
    unique = [one for one in wanted if one.origin is None or not (one.origin in seen or seen.add(one.origin))]
    edited = edit_scenario(TEXT, "s.yaml", {}, unique)
    assert faults(edited) == [dict(one.data) for one in unique]
    assert "# last" in edited


@pytest.fixture
def shop(tmp_path):
    return shutil.copytree(resource_path("samples/shop"), tmp_path / "shop")


def test_a_try_writes_nothing_and_says_what_the_reader_says(shop):
    folder = read_folder(shop)
    path = scenarios.scenario_path(folder, "lost-answers")
    before = path.read_text("utf-8")
    done = scenarios.edit(folder, "lost-answers", {}, [ListedFault({"kind": "latency"})], write=True)
    assert done.scenario is None
    assert not done.written
    assert "add_ms" in done.errors[0].message
    done = scenarios.edit(folder, "lost-answers", {}, [ListedFault({"kind": "reorder", "step": "nowhere"})], write=True)
    assert {"the model target cannot do the fault 'reorder'", "no step is called 'nowhere'"} == {
        problem.message for problem in done.errors
    }
    assert path.read_text("utf-8") == before


def test_an_edit_is_written_and_taken_back(shop):
    folder = read_folder(shop)
    path = scenarios.scenario_path(folder, "lost-answers")
    before = path.read_text("utf-8")
    kept = [ListedFault(fault.plain(), n) for n, fault in enumerate(folder.scenarios["lost-answers"].faults)]
    done = scenarios.edit(folder, "lost-answers", {}, [*kept, ListedFault(NEW)], write=True)
    assert done.written
    assert done.before == before
    assert "# the effect happened, the answer did not" in path.read_text("utf-8")
    scenarios.save(read_folder(shop), done.before, "lost-answers")
    assert path.read_text("utf-8") == before
    with pytest.raises(InputError, match="workflow"):
        scenarios.save(folder, "id: lost-answers\nworkflow: gone\n", "lost-answers")
    with pytest.raises(InputError, match="no scenario"):
        scenarios.edit(folder, "other", {})
