"""The model that is none, its faults and its answers."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.samples import PERSONA, WORKFLOW
from turbulence_app.assist.policy import policy_task
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.llm import errors
from turbulence_app.llm.answers import violations
from turbulence_app.llm.backends.base import Prompt
from turbulence_app.llm.grammar import to_grammar
from turbulence_app.service.stress.answers import drawn
from turbulence_app.service.stress.mock import MockModel
from turbulence_app.service.stress.settings import FAULTS, StressSettings, faults_of, spoilt

TASK = policy_task(PERSONA, WORKFLOW)
GRAMMAR = to_grammar(TASK.schema)


def prompt(seconds: float = 60.0) -> Prompt:
    return Prompt(TASK.messages, TASK.schema, GRAMMAR, 1, seconds)


def mock(*faults: str, **more: float) -> MockModel:
    return MockModel(latency_s=0.0, faults=faults, fault_rate=1.0, **more)  # type: ignore[arg-type]


@given(st.integers(0, 2**32))
def test_what_is_drawn_fits_the_schema(seed: int) -> None:
    assert violations(drawn(TASK.schema, random.Random(seed)), TASK.schema) == []


def test_its_answers_are_policies_and_the_same_for_the_same_seed() -> None:
    first, again, other = (MockModel(latency_s=0.0, seed=s).complete(prompt()).text for s in (1, 1, 2))
    assert first == again != other
    assert TASK.read(first).document is not None


@pytest.mark.parametrize("fault", ["garbage", "oversized"])
def test_spoilt_text_is_refused_by_the_validator(fault: str) -> None:
    done = mock(fault).complete(prompt())
    assert TASK.read(done.text).problems


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("dying", errors.ModelCrashError), ("refusing", errors.ModelBusyError), ("endless", errors.ModelTimeoutError)],
)
def test_other_faults_are_typed_errors(fault: str, kind: type[errors.ModelError]) -> None:
    model = mock(fault)
    with pytest.raises(kind):
        model.complete(prompt(0.02))
    assert model.injected == {fault: 1}


def test_it_hears_a_stop() -> None:
    with pytest.raises(CancelledError):
        mock("endless").complete(prompt(), should_stop=lambda: True)


@given(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True), st.floats(0, 1))
def test_a_fault_is_drawn_at_its_rate_and_only_from_the_list(draw: float, which: float, rate: float) -> None:
    kinds = tuple(FAULTS)
    found = spoilt(kinds, rate, draw, which)
    assert (found in kinds) == (draw < rate)
    assert spoilt((), rate, draw, which) == ""


def test_faults_are_named_in_one_word() -> None:
    assert faults_of("slow, dying,slow,") == ("slow", "dying")
    assert faults_of("all") == tuple(FAULTS)
    assert faults_of("") == ()


@pytest.mark.parametrize(
    ("given_settings", "says"),
    [
        ({"seconds": float("nan")}, "seconds is nan"),
        ({"hit_rate": 1.1}, "hit_rate is 1.1"),
        ({"agents": 0}, "agents is 0"),
        ({"budget_ms": -1}, "budget_ms is -1"),
        ({"faults": ("mood",)}, "no fault is called 'mood'"),
        ({"backend": "cloud"}, "no backend is called 'cloud'"),
        ({"backend": "builtin", "faults": ("slow",)}, "no faults to inject"),
    ],
)
def test_settings_that_make_no_sense_are_refused(given_settings: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        StressSettings(**given_settings)  # type: ignore[arg-type]
