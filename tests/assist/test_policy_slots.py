"""The slots of a policy question hold everything that its words depend on: equal slots, equal words."""

from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.llm.samples import PERSONA, WORKFLOW
from turbulence_app.assist.policy import policy_task
from turbulence_app.assist.policy_slots import policy_slots
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.cache import canonical

WORDS = st.sampled_from(["another", "never", "leave", "7", "pay", "address", "A café", "{{ sku }}", "completed", ""])
NUMBERS = st.sampled_from([0, 1, 2, 3.5, 99])


def leaves(value, path=()):
    """Paths to every scalar in plain data."""
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [found for i, inner in enumerate(value) for found in leaves(inner, (*path, i))]
    return [path]


PLAIN = WORKFLOW.plain()
PATHS = leaves(PLAIN)


def changed(path, word, number):
    """The sample workflow with one scalar replaced; None where that is no workflow."""
    plain = copy.deepcopy(PLAIN)
    at = plain
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = word if isinstance(at[path[-1]], str) else number
    try:
        return Workflow.model_validate(plain)
    except ValidationError:
        return None


def words(persona, workflow):
    """Everything that a language model may be shown, in either mode, and the schema of its answer."""
    task = policy_task(persona, workflow)
    poll = task.poll()
    return [task.messages, task.schema, poll.stem, poll.nobody, poll.about(persona.description)]


@given(st.sampled_from(PATHS), WORDS, NUMBERS)
def test_a_workflow_that_changes_the_words_changes_the_slots(path, word, number):
    workflow = changed(path, word, number)
    if workflow is None or words(PERSONA, workflow) == words(PERSONA, WORKFLOW):
        return
    one, other = policy_slots(PERSONA, workflow), policy_slots(PERSONA, WORKFLOW)
    assert canonical(one.deciding()) != canonical(other.deciding())
    assert canonical(one.strict()) != canonical(other.strict()), "no part of a workflow is free text"


@given(
    st.text(max_size=30),
    st.text(max_size=60),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers() | st.floats() | st.dates(), max_size=2),
)
def test_a_persona_that_changes_the_words_changes_the_slots(name, description, hints):
    persona = Persona(id="impatient_shopper", name=name, description=description, hints=hints)
    one, other = policy_slots(persona, WORKFLOW), policy_slots(PERSONA, WORKFLOW)
    if policy_task(persona, WORKFLOW).messages != policy_task(PERSONA, WORKFLOW).messages:
        assert canonical(one.deciding()) != canonical(other.deciding())
    assert (canonical(one.strict()) == canonical(other.strict())) == (
        persona.title == PERSONA.title and persona.hints == PERSONA.hints
    )


def test_what_no_model_is_told_is_not_in_the_slots():
    plain = copy.deepcopy(PLAIN)
    plain["flow"][0]["path"] = "/elsewhere"
    moved = Workflow.model_validate(plain)
    assert canonical(policy_slots(PERSONA, moved).deciding()) == canonical(policy_slots(PERSONA, WORKFLOW).deciding())
    renamed = PERSONA.model_copy(update={"id": "somebody", "weight": 3.0})
    assert policy_slots(renamed, WORKFLOW) == policy_slots(PERSONA, WORKFLOW)


def test_the_order_in_which_options_stand_is_part_of_the_question():
    plain = copy.deepcopy(PLAIN)
    step = next(step for step in plain["flow"] if step.get("decision") == "browse_next")
    step["options"] = dict(reversed(step["options"].items()))
    turned = Workflow.model_validate(plain)
    assert canonical(policy_slots(PERSONA, turned).deciding()) != canonical(policy_slots(PERSONA, WORKFLOW).deciding())
