"""Every refusal is one line: file, line, what, and the mend."""

# ruff: noqa: E501
from __future__ import annotations

import os

import pytest

from turbulence_app.domain.errors import InputError
from turbulence_app.formats import loader
from turbulence_app.formats.source import MAX_BYTES, read_text

FLOW = "flow: [{name: a, type: end}]\n"


def problems(kind: str, text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        loader.PARSERS[kind](text, "f.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("kind", "text", "line"),
    [
        ("workflow", "id: w\nflwo: 1\n" + FLOW, "f.yaml:2: unknown key 'flwo' (did you mean 'flow'?)"),
        ("workflow", "id: w\n", "f.yaml:1: the key 'flow' is missing (add 'flow: …')"),
        ("workflow", "id: a/b\n" + FLOW, "f.yaml:1: 'a/b' cannot be a name (names hold letters, "
         "digits, '_', '-', '.' and blanks inside, at most 100)"),
        ("workflow", "id: w\nflow:\n  - {name: a, type: htpp}", "f.yaml:3: unknown type 'htpp' in 'a' (did you mean 'http'?)"),
        ("workflow", "id: w\nflow:\n  - {name: a}", "f.yaml:3: the key 'type' is missing in 'a' (add one of: http, wait, "
         "assert, grpc, decide, form, think, branch, repeat, end)"),
        ("workflow", "id: w\nflow:\n  - name: a\n    type: http\n    model:\n      latency_ms: quick\n",
         "f.yaml:6: 'latency_ms' cannot be the text 'quick' in 'a' (write a number, {min, max}, {p50, p95}, "
         "{kind: exponential, mean}, {kind: lognormal, median, p95} or {kind: table, values})"),
        ("workflow", "id: w\nflow:\n  - {name: a, type: think, time_ms: {kind: exponetial, mean: 5}}",
         "f.yaml:3: 'time_ms' has the unknown kind 'exponetial' in 'a' (did you mean 'exponential'?)"),
        ("workflow", "id: w\nflow:\n  - {name: a, type: think, time_ms: {p50: 9, p95: 5}}",
         "f.yaml:3: percentiles must rise: p50 <= p95 <= p99 in 'a'"),
        ("workflow", "id: w\nflow:\n  - {name: a, type: think, time_ms: -4}",
         "f.yaml:3: 'time_ms' is -4 in 'a' (write a number of at least 0)"),
        ("workflow", "id: w\nflow: []\n", "f.yaml:2: 'flow' is empty or too short (give at least 1)"),
        ("workflow", "id: w\nmax_steps: '5'\n" + FLOW, "f.yaml:2: 'max_steps' cannot be the text '5' (write a whole number)"),
        ("workflow", "id: w\nmax_steps: true\n" + FLOW, "f.yaml:2: 'max_steps' cannot be true (write a whole number)"),
        ("workflow", "id: w\nservices: {a/b: {}}\n" + FLOW, "f.yaml:2: 'a/b' cannot be a name (names hold "
         "letters, digits, '_', '-', '.' and blanks inside, at most 100)"),
        ("workflow", "id: w\nid: v\n" + FLOW, "f.yaml:2: the key 'id' is given twice (first in line 1) (keep one of them)"),
        ("workflow", "id: w\nworkflow: v\n", "f.yaml:2: this is a scenario, not a workflow (a workflow has 'flow'; put "
         "scenarios into the folder scenarios/)"),
        ("scenario", "id: w\n" + FLOW, "f.yaml:2: this is a workflow, not a scenario (a scenario names its workflow; put this "
         "file into the folder workflows/)"),
        ("scenario", "id: s\nworkflow: w\nfaults:\n- {kind: crsh}",
         "f.yaml:4: 'kind' cannot be 'crsh' (did you mean 'crash'?)"),
        ("scenario", "id: s\nworkflow: w\nfaults:\n- {kind: timeout, probability: 1.5}",
         "f.yaml:4: 'probability' is 1.5 (write a number of at most 1)"),
        ("scenario", "id: s\nworkflow: w\ntarget: modle", "f.yaml:3: 'target' cannot be 'modle' (did you mean 'model'?)"),
        ("policy", "policies:\n- persona_id: a\n  decisions: {x: {options: {a: -1}}}",
         "f.yaml:3: 'a' is -1 in 'a' (write a number of at least 0)"),
        ("policy", "policies:\n- 5", "f.yaml:2: this is not a policy (write it as 'policies: [{…}]' or as 'key: value' lines)"),
        ("persona", "persona: {name: A}\ngenerated_policy: {}\n", "f.yaml:2: unknown key 'generated_policy' beside 'persona' "
         "(remove it; 'turbulence policy generate' writes a policy into policies/)"),
        ("project", "run: {users: 0}", "f.yaml:1: 'users' is 0 (write a number of at least 1)"),
        ("project", "- a", "f.yaml:1: this is not project settings (write 'key: value' lines)"),
        ("project", "a: b: c", "f.yaml:1: a second colon in one line, or a line indented too far (quote text that holds ': ')"),
        ("project", "run:\n\tusers: 5", "f.yaml:2: a tab is used for indentation (indent with spaces)"),
    ],
)  # fmt: skip
def test_one_clear_line(kind, text, line):
    assert problems(kind, text) == [line]


def test_all_problems_in_the_order_of_the_file():
    text = "id: w\nfoo: 1\nflow:\n  - {name: a, type: htp}\n  - {name: b, type: think, time_ms: {min: 5, max: 1}}\nbar: 2\n"
    assert [p.split(":")[1] for p in problems("workflow", text)] == ["2", "4", "5", "6"]


def test_habits_of_the_originals_yaml_are_understood():
    text = "id: w\nstop_when: {any_action_fails: yes}\nmax_steps: 1_000\ndescription:\n" + FLOW
    workflow = loader.parse_workflow(text, "f.yaml")
    assert workflow.stop_when.any_action_fails
    assert workflow.max_steps == 1000
    assert workflow.description == ""


def test_words_that_look_like_truth_stay_words():
    text = "persona_id: a\ndecisions: {coupon: {options: {yes: 1, no: 2}}}"
    (policy,) = loader.parse_policies(text, "f.yaml")
    assert policy.decisions["coupon"].options == {"yes": 1, "no": 2}


@pytest.mark.parametrize(
    "text",
    [
        "persona:\n  name: Impatient Shopper\n",
        "name: Impatient Shopper\n",
        "id: impatient_shopper\nname: Impatient Shopper\n",
        "- {name: Impatient Shopper}\n",
        "personas: [{name: Impatient Shopper}]\n",
        '{"personas": [{"name": "Impatient Shopper"}]}',
    ],
)
def test_every_form_of_a_persona(text):
    (persona,) = loader.parse_personas(text, "p.yaml")
    assert (persona.id, persona.name) == ("impatient_shopper", "Impatient Shopper")


def test_places_that_are_not_files(tmp_path):
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "large").write_bytes(b"x" * (MAX_BYTES + 1))
    (tmp_path / "latin").write_bytes(b"a: 1\nb: \xe9\n")
    os.mkfifo(tmp_path / "pipe")
    cases = {".": "folder", "dangling": "link", "nowhere": "no such file", "large": "too large", "latin": "UTF-8",
             "pipe": "regular", "a\0b": "cannot be read"}  # fmt: skip
    for name, words in cases.items():
        with pytest.raises(InputError, match=words):
            read_text(tmp_path / name)
    with pytest.raises(InputError, match="latin:2"):
        read_text(tmp_path / "latin")


def test_a_byte_order_mark_is_no_text(tmp_path):
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfa: 1")
    assert read_text(tmp_path / "a") == "a: 1"
