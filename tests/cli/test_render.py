"""What the tables say of faults and failures, and say once."""

from turbulence_app.cli import live, render
from turbulence_app.cli.console import Console
from turbulence_app.domain.expressions import parse
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.run import FaultStats, Summary
from turbulence_app.engine.explain import explain


def test_a_fault_without_effect_is_told_once() -> None:
    faults = (
        FaultStats(label="slow", kind="latency", struck=10, users=3, changed=0),
        FaultStats(label="lost", kind="response_lost"),
    )
    notes = ("slow struck 10 times and changed nothing", "lost never struck", "the clock went backwards")
    summary = Summary(faults=faults, notes=notes)
    told = [*live.remarks(Console(), summary), *live.faults(Console(), summary)]
    assert sum("slow" in line for line in told) == 1
    assert sum("lost" in line for line in told) == 1
    assert any("the clock went backwards" in line for line in told)


def test_failures_say_what_was_seen_where_that_is_known() -> None:
    seen = Failure(failure_id="f-0001", user=1, persona="a", invariant="once", message="effects('pay') is 2, not <= 1")
    other = Failure(failure_id="f-0002", user=2, persona="a", invariant="once")
    lines = list(render.failures(Console(), (seen, other)))
    assert len(lines) == 4
    assert lines[2].strip() == "effects('pay') is 2, not <= 1"


def test_a_guard_against_null_is_not_told() -> None:
    rule = parse("x == null or x >= 2").root
    values = {"x": 1}
    assert explain(rule, lambda leaf: values[leaf.name]) == "x is 1, not >= 2"
    assert explain(parse("x == null").root, lambda leaf: values[leaf.name]) == "x is 1, not == null"
