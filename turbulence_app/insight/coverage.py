"""Coverage: what a campaign's worlds tried of everything that the inputs have, and what slept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from turbulence_app.domain.campaign import THRESHOLDS, Coverage, CoverageItem, CoverageLevel, Dimension
from turbulence_app.domain.faults import fault_names
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.workflow import AnswerModel, BranchStep, DecideStep, GrpcStep, HttpStep, WaitStep

Counts = Mapping[str, int]
DIMENSIONS: tuple[Dimension, ...] = ("steps", "options", "branches", "faults", "invariants", "states")


def coverage(inputs: RunInputs, counts: Counts, level: CoverageLevel) -> Coverage:
    """All dimensions against the level's threshold.

    ``counts`` are added-up counts by ``dimension/name`` (a batch's ``counts``). A fault is covered where it struck and
    made a difference (if that is counted); an invariant where it was evaluated with the steps that it names reached.
    """
    return Coverage(level=level, items=tuple(_item(inputs, counts, level, dimension) for dimension in DIMENSIONS))


def _item(inputs: RunInputs, counts: Counts, level: CoverageLevel, dimension: Dimension) -> CoverageItem:
    every = dict.fromkeys(_universe(inputs, counts, dimension))
    asleep = tuple(why for name in every if (why := _asleep(counts, dimension, name)))
    total, covered = len(every), len(every) - len(asleep)
    share = covered / total if total else 1.0
    threshold = THRESHOLDS[level]
    return CoverageItem(
        dimension=dimension,
        covered=covered,
        total=total,
        share=share,
        threshold=threshold,
        passed=share >= threshold,
        asleep=asleep,
    )


def _universe(inputs: RunInputs, counts: Counts, dimension: Dimension) -> Iterator[str]:
    """Names of everything there is in a dimension, in the order of the files."""
    steps, live = list(inputs.workflow.steps()), inputs.target != "model"
    match dimension:
        case "steps":
            yield from (step.name for step in steps)
        case "options":
            for step in steps:
                if isinstance(step, DecideStep):
                    yield from (f"{step.name}={option}" for option in step.options or _weighed(inputs, step.decision))
        case "branches":
            for step in steps:
                if isinstance(step, BranchStep):
                    yield from (f"{step.name}=true", f"{step.name}=false")
        case "faults":
            names = fault_names(inputs.faults)
            yield from (n for n, fault in zip(names, inputs.faults, strict=True) if fault.kind != "quiet")
        case "invariants":
            rules = (*inputs.workflow.invariants, *inputs.invariants)
            yield from (rule.name for rule in rules if f"exercised/{rule.name}" in counts)
        case "states":
            for step in steps:
                if isinstance(step, HttpStep | WaitStep | GrpcStep) and step.model is not None:
                    answers = step.model.outcomes.items()
                    yield from (f"{step.name}: {a}" for a, given in answers if not live or _wanted(a, given))
            yield from (f"visit: {end}" for end in ("completed", "abandoned"))


def _wanted(answer: str, given: AnswerModel | float) -> bool:
    """Whether real services are to be seen giving a modelled answer: breakdowns are not theirs to show."""
    status = given.status if isinstance(given, AnswerModel) else None
    return answer not in ("error", "timeout") and (status is None or status < 500)


def _weighed(inputs: RunInputs, decision: str) -> dict[str, None]:
    """Options of a decision whose step lists none: those that the policies know."""
    policies = [member.policy.decisions.get(decision) for member in inputs.crowd]
    return dict.fromkeys(o for p in policies if p for some in (p.options, *(c.options for c in p.cases)) for o in some)


def _asleep(counts: Counts, dimension: Dimension, name: str) -> str:
    """What a report says of something that was not covered; ``""`` where it was."""
    if dimension == "invariants":
        return "" if counts.get(f"exercised/{name}") else name
    seen = counts.get(f"{dimension}/{name}", 0)
    if dimension == "faults" and seen and counts.get(f"changed/{name}") == 0:
        return f"{name} (struck {seen} times, changed nothing)"
    return "" if seen else name
