"""What is written reads back equal, for every noun and every awkward text."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import strategies as nouns
from turbulence_app.domain.workflow import AssertStep, Expectation, Workflow
from turbulence_app.formats import loader
from turbulence_app.formats.emit import block
from turbulence_app.formats.tree import read_tree
from turbulence_app.formats.writer import dump

many = settings(
    phases=[Phase.explicit, Phase.generate], max_examples=40, deadline=None, suppress_health_check=list(HealthCheck)
)


@many
@given(nouns.workflows)
def test_workflow(workflow):
    assert loader.parse_workflow(dump(workflow), "w.yaml") == workflow


@many
@given(nouns.scenarios)
def test_scenario(scenario):
    assert loader.parse_scenario(dump(scenario), "s.yaml") == scenario


@many
@given(nouns.personas)
def test_persona(persona):
    assert loader.parse_personas(dump(persona), "p.yaml") == (persona,)


@many
@given(st.lists(nouns.personas, min_size=1, max_size=3))
def test_personas(personas):
    assert loader.parse_personas(dump(personas), "p.yaml") == tuple(personas)


@many
@given(st.lists(nouns.policies, min_size=1, max_size=2))
def test_policies(policies):
    assert loader.parse_policies(dump(policies), "p.yaml") == tuple(policies)


@many
@given(nouns.projects)
def test_project(project):
    text = dump(project)
    assert loader.parse_project_file(text if text != "{}\n" else "name: ''", "t.yaml") == project


@many
@given(nouns.suts)
def test_sut(sut):
    assert loader.parse_sut(dump(sut), "sut.yaml") == sut


@settings(max_examples=200, deadline=None)
@given(nouns.json_values)
def test_any_value_survives(value):
    assert read_tree(block({"x": value}), "x.yaml").value == {"x": value}


@settings(max_examples=200, deadline=None)
@given(nouns.words)
def test_any_text_survives_in_every_position(text):
    value = {text or "k": {"a": [text, {text or "k": text}], "b": text}, "l": [[text]]}
    assert read_tree(block(value), "x.yaml").value == value


def test_expecting_null_is_not_expecting_nothing():
    step = AssertStep(name="a", type="assert", expect=Expectation(jsonpath="$.a", equals=None))
    read = loader.parse_workflow(dump(Workflow(id="w", flow=(step,))), "w.yaml").flow[0]
    assert isinstance(read, AssertStep)
    assert "equals" in read.expect.model_fields_set


def test_assumptions_stay_marked_as_assumptions():
    text = "persona_id: a\nevidence: {patience.step_wait_seconds: null}\n"
    (policy,) = loader.parse_policies(text, "p.yaml")
    assert policy.evidence == {"patience.step_wait_seconds": None}
    assert loader.parse_policies(dump(policy), "p.yaml") == (policy,)


def test_long_texts_are_literal_blocks():
    (persona,) = loader.parse_personas("id: a\ndescription: |\n  One.\n  Two.\n", "p.yaml")
    assert dump(persona) == "id: a\ndescription: |\n  One.\n  Two.\n"
