"""Writing: in one step, private where it must be, and without touching a person's comments."""

from __future__ import annotations

import os
import stat
import sys

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import strategies as nouns
from turbulence_app.domain.errors import KnownError, MachineError
from turbulence_app.domain.policy import DecisionPolicy, Patience, Policy
from turbulence_app.formats.loader import load_personas, load_policies, parse_policies
from turbulence_app.formats.writer import dump, replaced, save_persona, save_policies, write_atomic

COMMENTED = """# our policies
policies:
  # in a hurry
  - persona_id: a   # the first
    workflow: w
    decisions:
      go: {options: {yes: 0.7, no: 0.3}}   # from her words
      pay:
        options: {retry: 1}
        cases: [{when: "failures('p') > 1", options: {leave: 1.0}}]  # gives up
    retries: {default: 0, steps: {p: 1}}
  - persona_id: b
    workflow: w
# the end
"""


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_changed_number_changes_its_characters_only(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(COMMENTED, "utf-8")
    first, _ = load_policies(path)
    decisions = {**first.decisions, "go": DecisionPolicy(options={"yes": 0.65, "no": 0.3})}
    save_policies(path, [first.model_copy(update={"decisions": decisions})])
    assert path.read_text("utf-8") == COMMENTED.replace("0.7", "0.65")


def test_comments_survive_new_and_removed_keys(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(COMMENTED, "utf-8")
    first, second = load_policies(path)
    changed = first.model_copy(update={"retries": Policy(persona_id="x").retries, "toggles": {"t": 0.5}})
    third = Policy(persona_id="c", workflow="w", patience=Patience(visit_seconds=9.0))
    save_policies(path, [changed, third])
    assert load_policies(path) == (changed, second, third)
    text = path.read_text("utf-8")
    for comment in ("# our policies", "# in a hurry", "# the first", "# from her words", "# gives up", "# the end"):
        assert comment in text


@settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(
    st.lists(nouns.policies, min_size=1, max_size=3, unique_by=lambda p: (p.persona_id, p.workflow)),
    nouns.policies,
    st.data(),
)
def test_saving_changes_one_entry_and_no_other(present, new, data):
    keys = [(p.persona_id, p.workflow or "") for p in present]
    if data.draw(st.booleans()):
        new = new.model_copy(update={"persona_id": present[0].persona_id, "workflow": present[0].workflow})
    text = replaced(dump(present), "p.yaml", [new], parse_policies, lambda p: (p.persona_id, p.workflow or ""))
    wanted = list(present)
    key = (new.persona_id, new.workflow or "")
    if key in keys:
        wanted[keys.index(key)] = new
    else:
        wanted.append(new)
    assert parse_policies(text, "p.yaml") == tuple(wanted)


def test_the_short_form_of_a_persona_stays_short(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text('persona:\n  name: "Anna B"   # hers\n  description: |\n    One.\n    Two.\n  weight: 5\n', "utf-8")
    (anna,) = load_personas(path)
    save_persona(path, anna.model_copy(update={"weight": 7.5, "description": "One.\nThree.\n"}))
    text = 'persona:\n  name: "Anna B"   # hers\n  description: |\n    One.\n    Three.\n  weight: 7.5\n'
    assert path.read_text("utf-8") == text


def test_a_renamed_persona_keeps_its_id(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("persona: {name: Anna}\n", "utf-8")
    (anna,) = load_personas(path)
    save_persona(path, anna.model_copy(update={"name": "Berta"}))
    (found,) = load_personas(path)
    assert (found.id, found.name) == ("anna", "Berta")


def test_new_files(tmp_path):
    save_policies(tmp_path / "deep" / "p.yaml", [Policy(persona_id="a")])
    write_atomic(tmp_path / ".turbulence" / "x.yaml", "a: 1\n")
    assert load_policies(tmp_path / "deep" / "p.yaml") == (Policy(persona_id="a"),)
    assert mode(tmp_path / ".turbulence" / "x.yaml") == 0o600
    assert mode(tmp_path / "deep" / "p.yaml") & 0o400
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["p.yaml"]


def test_a_link_stays_a_link_and_rights_stay(tmp_path):
    (tmp_path / "real.yaml").write_text("a: 1\n")
    (tmp_path / "real.yaml").chmod(0o640)
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    write_atomic(tmp_path / "link.yaml", "a: 2\n")
    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "real.yaml").read_text() == "a: 2\n"
    assert mode(tmp_path / "real.yaml") == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are POSIX's")
def test_what_is_no_file_stays_what_it_is(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(MachineError, match="cannot write"):
            write_atomic(tmp_path / name, "a: 1\n")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "loop", "pipe"]


def test_a_failed_write_leaves_the_old_text(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")
    with pytest.raises(KnownError):
        write_atomic(path, "\ud800")
    with pytest.raises(MachineError):
        write_atomic(path / "below", "x")
    assert path.read_text() == "a: 1\n"
    assert [p.name for p in tmp_path.iterdir()] == ["a.yaml"]


def test_a_broken_file_is_not_overwritten(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("policies: [", "utf-8")
    with pytest.raises(KnownError):
        save_policies(path, [Policy(persona_id="a")])
    assert path.read_text("utf-8") == "policies: ["


def test_an_option_leaves_its_line_and_nothing_else(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(COMMENTED, "utf-8")
    first, _ = load_policies(path)
    decisions = {**first.decisions, "go": DecisionPolicy(options={"no": 0.3})}
    save_policies(path, [first.model_copy(update={"decisions": decisions})])
    assert path.read_text("utf-8") == COMMENTED.replace("yes: 0.7, ", "")
