"""Static checks of a scenario's faults: whom they name, when they strike, and whether the target can do them."""

from __future__ import annotations

from turbulence_app.domain.faults import HTTP_TARGET_FAULTS, MODEL_TARGET_FAULTS, Fault
from turbulence_app.domain.scenario import Scenario
from turbulence_app.domain.workflow import GrpcStep, HttpStep, WaitStep
from turbulence_app.formats.check_expressions import Vocabulary, check_expression
from turbulence_app.formats.check_places import Findings
from turbulence_app.formats.folder import Folder
from turbulence_app.formats.shape import Path

REQUESTS = (HttpStep, WaitStep, GrpcStep)
_OWN = {
    "status": ("error_status",),
    "skew_seconds": ("clock_skew",),
    "keep_bytes": ("truncated_body",),
    "timeout_after_ms": ("timeout",),
    "add_ms": ("latency", "gray"),
}
"""Fields that mean something for some kinds only."""


def check_fault(
    fault: Fault, path: Path, words: Vocabulary, found: Findings, *, scenario: Scenario, folder: Folder
) -> None:
    """Note what is wrong with one fault of a scenario."""
    if scenario.target == "model" and fault.kind not in MODEL_TARGET_FAULTS:
        mend = "it can on the app and http targets; here use one of " + ", ".join(sorted(MODEL_TARGET_FAULTS))
        found.add((*path, "kind"), f"the model target cannot do the fault {fault.kind!r}", mend)
    if scenario.target == "http" and fault.kind not in HTTP_TARGET_FAULTS:
        mend = "Turbulence does not run that service: use the app target"
        found.add((*path, "kind"), f"a live service cannot be struck by {fault.kind!r}", mend)
    if fault.step is not None and fault.step not in words.steps:
        found.unknown((*path, "step"), "step", fault.step, list(words.steps))
    elif fault.step is not None and not isinstance(words.steps[fault.step], REQUESTS):
        kind = words.steps[fault.step].type
        message = f"a {kind} step makes no request, so {fault.kind!r} can never strike {fault.step!r}"
        found.add((*path, "step"), message, "name an http step", "warning")
    if fault.service is not None and words.services and fault.service not in words.services:
        found.unknown((*path, "service"), "service", fault.service, sorted(words.services))
    if fault.persona is not None and fault.persona not in folder.personas:
        found.unknown((*path, "persona"), "persona", fault.persona, list(folder.personas))
    if fault.when is not None:
        check_expression(fault.when, (*path, "when"), words, found)
    _check_fields(fault, path, found)
    _check_times(fault, path, found, drawn=scenario.target == "app")


def _check_fields(fault: Fault, path: Path, found: Findings) -> None:
    if fault.probability == 0 and fault.kind != "quiet":
        found.add((*path, "probability"), f"{fault.label} never strikes", "raise its probability", "warning")
    if fault.kind == "clock_skew" and not fault.skew_seconds:
        found.add(path, "a clock_skew without skew_seconds moves no clock", "say by how much: skew_seconds: 3600")
    for field, kinds in _OWN.items():
        if getattr(fault, field) is not None and fault.kind not in kinds:
            message = f"{field} means nothing for the fault {fault.kind!r}"
            found.add((*path, field), message, f"it is for {' and '.join(kinds)}", "warning")


def _check_times(fault: Fault, path: Path, found: Findings, *, drawn: bool) -> None:
    """``drawn``: the target draws the moment of a crash that has none."""
    windowed = fault.from_seconds is not None or fault.to_seconds is not None
    if fault.kind == "crash" and fault.at_seconds is None and not drawn:
        found.add(path, "a crash without at_seconds never happens", "say when: at_seconds: [30, 90]")
    elif fault.kind == "quiet" and not windowed and fault.at_seconds is None:
        message = "a quiet time without from_seconds and to_seconds silences every fault"
        found.add(path, message, "give it a window", "warning")
    elif fault.kind == "partition" and not windowed and fault.at_seconds is None and fault.probability == 1:
        message = "a partition without a window lasts for ever: nobody gets an answer"
        found.add(path, message, "give it from_seconds and to_seconds, or at_seconds", "warning")
    if fault.down_seconds is not None and fault.at_seconds is None:
        found.add((*path, "down_seconds"), "down_seconds means nothing without at_seconds", "say when", "warning")
