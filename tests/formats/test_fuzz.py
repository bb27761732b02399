"""Whatever is fed to the readers: a noun or an InputError with a place, never anything else."""

# ruff: noqa: E501
from __future__ import annotations

import string

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import strategies as nouns
from turbulence_app.domain.errors import InputError
from turbulence_app.formats.folder import read_folder
from turbulence_app.formats.loader import PARSERS
from turbulence_app.formats.source import MAX_BYTES, decode
from turbulence_app.formats.tree import MAX_DEPTH, MAX_NODES, read_tree
from turbulence_app.formats.writer import dump
from turbulence_app.resources import resource_path

SHOP = resource_path("samples/shop")
VALID = {
    "workflow": (SHOP / "workflows/checkout.yaml").read_text("utf-8"),
    "scenario": (SHOP / "scenarios/lost-answers.yaml").read_text("utf-8"),
    "persona": (SHOP / "personas/impatient_shopper.yaml").read_text("utf-8"),
    "policy": (SHOP / "policies/impatient_shopper.yaml").read_text("utf-8"),
    "project": (SHOP / "turbulence.yaml").read_text("utf-8"),
}
quick = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])


def feed(text: str) -> None:
    for parse in PARSERS.values():
        try:
            parse(text, "f.yaml")
        except InputError as error:
            assert error.problems
            for problem in error.problems:
                assert problem.message
                assert problem.where is not None
                assert problem.where.line <= text.count("\n") + 2
                assert "\n" not in str(problem)
                assert len(str(problem)) < 2000


@settings(quick, max_examples=60)
@given(st.binary(max_size=300))
def test_random_bytes(data):
    try:
        feed(decode(data, "f.yaml"))
    except InputError as error:
        assert error.problem.where is not None


yamlish = st.lists(
    st.sampled_from(
        ["flow:", "id:", "a: ", "- ", "  ", "\n", "\n  ", "\n- ", "{", "}", "[", "]", ": ", ",", "&a ", "*a", "<<: ", "!!int ",
         "!!python/object:os.system ", "|\n", ">-\n", '"', "'", "?", "#", "\t", "---", "...", "name: ", "type: http", "type: ",
         "1e999", ".nan", "0x", "99999999999999999999999", "~", "true", "é", "\0", "\x07", "\ud800", "personas:", "policies:",
         "persona: ", "services:", "%YAML 1.1\n", "%TAG ! x\n", "{{ x }}", "latency_ms: ", "kind: "]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@settings(quick, max_examples=300)
@given(yamlish)
def test_text_like_yaml(text):
    feed(text)


@settings(quick, max_examples=120)
@given(st.sampled_from(sorted(VALID)), st.data())
def test_damaged_files(kind, data):
    text = VALID[kind]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 40))
        text = text[:at] + data.draw(st.text(string.printable, max_size=8) | nouns.words) + text[at + cut :]
    feed(text)


@settings(quick, max_examples=60)
@given(nouns.json_values)
def test_data_of_the_wrong_shape(value):
    for key in ("flow", "personas", "policies", "services", "faults", "decisions", "crowd", "entry"):
        feed(dump_plain({"id": "x", "workflow": "w", "persona_id": "p", key: value}))


def dump_plain(value):
    from turbulence_app.formats.emit import block

    return block(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("   \n", "empty"),
        ("[" * 100_000, "nested deeper"),
        ("{a: " * 100_000, "nested deeper"),
        ("".join("  " * i + "a:\n" for i in range(200)), "nested deeper"),
        ("- " * 10_000, "nested deeper"),
        ("a: 1\na: 2\n", "twice"),
        ("a: \t1\n\tb: 2", "tab"),
        ("a: 1\0", "NUL"),
        ("a: .nan", "not a number"),
        ("a: -.inf", "not a number"),
        ("a: 1e999", "too large"),
        ("a: " + "9" * 100_000, "too large"),
        ("a: 0x" + "f" * 100_000, "too large"),
        ("a: !!python/object/apply:os.system ['true']", "tag"),
        ("a: *b", "nothing is anchored"),
        ("a: &x [*x]", "nothing is anchored"),
        ("a: 1\n---\na: 2\n", "second document"),
        ("? [a]\n: b", "plain word"),
        ("a: {{ b }}", "plain word"),
        ("a: \ud800", "half a character"),
        ("x" * (MAX_BYTES + 1), "too large"),
        ("a: [" + "1, " * (MAX_NODES + 10) + "1]", "more than"),
        ("<<: 5", "merges mappings"),
    ],
)
def test_hostile_texts(text, words):
    with pytest.raises(InputError, match=words):
        read_tree(text, "f.yaml")


def test_a_bomb_of_aliases_costs_nothing():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    with pytest.raises(InputError, match="more than"):
        read_tree("\n".join(lines), "f.yaml")


def test_a_bomb_of_merge_keys_costs_nothing():
    lines = ["a0: &a0 {" + ", ".join(f"k{i}: [1, 2, 3]" for i in range(500)) + "}"]
    lines += [f"a{i}: &a{i} {{<<: *a0, b{i}: 1}}" for i in range(1, 2000)]
    with pytest.raises(InputError, match="more than"):
        read_tree("\n".join(lines), "f.yaml")


def test_as_deep_as_allowed():
    assert read_tree("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f.yaml").value
    with pytest.raises(InputError):
        read_tree("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "f.yaml")


@settings(quick, max_examples=30)
@given(st.dictionaries(st.sampled_from(["workflows/a.yaml", "personas/b.yml", "policies/c.json", "scenarios/d.yaml",
                                        "turbulence.yaml", "sut.yaml"]), yamlish | st.binary(max_size=60)))  # fmt: skip
def test_a_folder_of_rubbish_is_a_list_of_problems(tmp_path_factory, files):
    root = tmp_path_factory.mktemp("p")
    for name, content in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    folder = read_folder(root)
    assert all(problem.where is not None for problem in folder.problems)


@settings(quick, max_examples=25)
@given(nouns.workflows)
def test_checks_take_any_workflow(workflow):
    from turbulence_app.formats.check import check_workflow

    for problem in check_workflow(workflow, dump(workflow), "w.yaml"):
        assert problem.where is not None
        assert problem.where.line > 0
