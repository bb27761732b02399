"""A sentence that says one of a policy's numbers, for a person to put into the description. No Qt."""

from __future__ import annotations

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import ChoiceParameter, RangeParameter, Workflow
from turbulence_app.gui.places.personas.spans import quantity_at, span_of
from turbulence_app.gui.places.personas.state import said, shares_of, words

_HOW_OFTEN = ((0.9, "Almost always"), (0.65, "Usually"), (0.45, "Often"), (0.2, "Sometimes"), (0.0, "Rarely"))
_TIMES = ("never", "once", "twice")


def suggestion(policy: Policy, workflow: Workflow, path: str) -> str:
    """A plain sentence with the number that the policy has now; "" where there is nothing to say."""
    section, _, name = path.partition(".")
    if section == "decisions":
        return _decision(policy, workflow, name.split(".")[0] if name not in workflow.decisions() else name)
    if section == "retries":
        return _retries(policy, name)
    if section in ("patience", "pacing") or path == "forms.typing_ms_per_char":
        return _time(policy, path)
    if path == "forms.correction_probability":
        return f"{_often(policy.forms.correction_probability)} corrects a field of a form after filling it in."
    if path == "forms.skip_optional":
        return f"{_often(policy.forms.skip_optional)} skips form fields that are not required."
    if section == "toggles":
        return f"{_often(_toggle(policy, workflow, name))} chooses to {words(name)}."
    return _parameter(policy, workflow, name) if section == "parameters" else ""


def place_for(text: str, sentence: str) -> tuple[int, str]:
    """Where a sentence goes in a description (at the end of what is written) and how it joins it."""
    end = len(text.rstrip())
    before = text[:end]
    if not before:
        return 0, sentence
    stop = "" if before[-1] in ".!?…:;" else "."
    return end, f"{stop} {sentence}"


def _decision(policy: Policy, workflow: Workflow, name: str) -> str:
    step = workflow.decisions().get(name)
    if step is None:
        return ""
    shares = shares_of(policy, name, step.options)
    best = max(shares, key=lambda option: shares[option])
    does = (step.options.get(best) or words(best)).strip().rstrip(".")
    return f"{_often(shares[best])} {does}."


def _often(share: float) -> str:
    return next(word for least, word in _HOW_OFTEN if share >= least)


def _retries(policy: Policy, name: str) -> str:
    step = name.removeprefix("steps.") if name.startswith("steps.") else ""
    count = policy.retries.steps.get(step, policy.retries.default) if step else policy.retries.default
    what = f"when {words(step)} fails" if step else "when something fails"
    if count == 0:
        return f"Does not try again {what}."
    times = _TIMES[count] if count < len(_TIMES) else f"{count} times"
    return f"Tries again {times} {what}."


def _time(policy: Policy, path: str) -> str:
    quantity = quantity_at(policy, path)
    if quantity is None:
        if path == "patience.visit_seconds":
            return "Has all the time in the world for a visit."
        return "Waits for an answer for as long as it takes."
    span = span_of(quantity)
    if path == "patience.step_wait_seconds":
        return f"Waits {_between(span.low, span.high, 1)} for an answer before giving up."
    if path == "patience.visit_seconds":
        return f"Stays {_between(span.low, span.high, 1)} for the whole visit."
    if path == "forms.typing_ms_per_char":
        speed = (span.low + span.high) / 2
        return f"Types {'fast' if speed < 140 else 'slowly' if speed > 280 else 'at an ordinary speed'}."
    step = path.removeprefix("pacing.steps.") if path.startswith("pacing.steps.") else ""
    before = f"before {words(step)}" if step else "before each step"
    return f"Thinks for {_between(span.low, span.high, 1000)} {before}."


def _between(low: float, high: float, per_second: float) -> str:
    first, last = low / per_second, high / per_second
    unit = "seconds"
    if first >= 120:
        first, last, unit = first / 60, last / 60, "minutes"
    one, two = _round(first), _round(last)
    return f"{one} {unit}" if one == two else f"{one} to {two} {unit}"


def _round(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == round(value) else f"{value:.1g}" if value < 1 else f"{value:.1f}"


def _toggle(policy: Policy, workflow: Workflow, name: str) -> float:
    known = {toggle.name: toggle.probability for toggle in (workflow.variation.toggles if workflow.variation else ())}
    return policy.toggles.get(name, known.get(name, 0.5))


def _parameter(policy: Policy, workflow: Workflow, name: str) -> str:
    value = policy.parameters.get(name) or workflow.all_parameters().get(name)
    if isinstance(value, RangeParameter):
        amount = f"{value.min}" if value.min == value.max else f"{value.min} to {value.max}"
        return f"Has a {words(name)} of {amount}."
    if isinstance(value, ChoiceParameter):
        return f"Chooses {' or '.join(said(item) for item in value.values)} as {words(name)}."
    return ""
