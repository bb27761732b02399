"""The JSON documents of the commands (a contract: keys are added, not changed)."""

from __future__ import annotations

from typing import Any

from turbulence_app.domain.events import RunFinished
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.run import RunManifest, Summary
from turbulence_app.service import plain
from turbulence_app.service.demo import Demo


def summary(value: Summary) -> dict[str, Any]:
    """What was measured, with shares beside the counts; times in milliseconds."""
    return {
        "users": value.users,
        "completed": value.completed,
        "abandoned": value.abandoned,
        "failed": value.failed,
        "completion": value.completion,
        "requests": value.requests,
        "funnel": [plain.noun(step) for step in value.funnel],
        "personas": [plain.noun(persona) for persona in value.personas],
        "latency_ms": {step.step: plain.noun(step.latency) for step in value.funnel if step.latency is not None},
        "time_to_complete_ms": plain.noun(value.time_to_complete),
        "time_to_leave_ms": plain.noun(value.time_to_leave),
        "faults": [plain.noun(fault) for fault in value.faults],
        "invariants": [plain.noun(verdict) for verdict in value.verdicts],
        "holds": value.holds,
        "driver_lag_ms": plain.noun(value.driver_lag) if value.driver_lag is not None else None,
        "notes": list(value.notes),
    }


def manifest(value: RunManifest) -> dict[str, Any]:
    """What a run was made from."""
    return plain.noun(value)


def run(finished: RunFinished) -> dict[str, Any]:
    """A finished (or cancelled) run."""
    return {
        "run_id": finished.manifest.run_id,
        "digest": finished.manifest.digest,
        "status": finished.manifest.status,
        **summary(finished.summary),
        "manifest": manifest(finished.manifest),
        "failures": [plain.noun(failure) for failure in finished.failures],
    }


def policy(value: Policy) -> dict[str, Any]:
    """A policy as files have it, with its provenance and evidence."""
    return {**value.plain(), "provenance": plain.noun(value.provenance)}


def shrunk(value: Shrunk) -> dict[str, Any]:
    """The smallest reproduction. ``size_found`` and ``size_shrunk`` count choices: draws out of the ordinary."""
    return {**_sizes(value), **plain.noun(value)}


def _sizes(value: Shrunk) -> dict[str, Any]:
    return {
        "size_found": value.found_choices,
        "size_shrunk": len(value.choices),
        "size_unit": "choices",
        "events_found": value.found_events,
        "events_shrunk": value.events,
        "events_told": len(value.story),
    }


def failure(found: Failure, smallest: Shrunk) -> dict[str, Any]:
    """A failure with its sizes, the choices that make it, and its story."""
    return {
        **plain.noun(found),
        **_sizes(smallest),
        "minimal": smallest.minimal,
        "candidates": smallest.candidates,
        "choices": [plain.noun(choice) for choice in smallest.choices],
        "story": [plain.noun(event) for event in smallest.story],
    }


def demo(value: Demo) -> dict[str, Any]:
    """Everything that the demonstration shows."""
    found = None
    if value.failure is not None and value.shrunk is not None and value.replayed is not None:
        verdict = value.replayed
        found = {
            **failure(value.failure, value.shrunk),
            "replay": {
                "verdict": "reproduced" if verdict.reproduced else "not reproduced",
                "user_same": verdict.user_same,
                "user_breaks": verdict.user_breaks,
                "smallest_breaks": verdict.smallest_breaks,
                "smallest_same": verdict.smallest_same,
            },
        }
    measured = run(value.finished)
    failures = measured.pop("failures")
    return {
        "project": str(value.root),
        "workflow": value.workflow.id,
        "policies": [policy(one) for one in value.policies],
        **measured,
        "failures_found": len(failures),
        "failure": found,
    }
