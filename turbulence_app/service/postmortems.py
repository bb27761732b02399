"""A failure explained: from the simulation alone, or by a model that was asked; whatever is claimed is re-simulated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from turbulence_app.assist import postmortem as asking
from turbulence_app.assist.postmortem_rules import causes_of, claims_of, places_of, tries_of
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.events import Event, Progress
from turbulence_app.domain.failure import Failure, NearestPassing, Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.postmortem import Claim, Facts, PostMortem, TestedClaim
from turbulence_app.domain.workflow import DecideStep
from turbulence_app.engine import counterfactuals
from turbulence_app.insight import words
from turbulence_app.insight.influence import wilson
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.task import Answer
from turbulence_app.service.capsule_making import story_line
from turbulence_app.service.failures import nearest_passing, small_case, why
from turbulence_app.store.database import Database

OnEvent = Callable[[Event], None]
ShouldStop = Callable[[], bool]
FIRST_CLAIMS = 6
"""Claims that are tested where no model makes any."""


def analyze(
    database: Database,
    name: str,
    *,
    project: Path | str = "",
    gateway: Gateway | None = None,
    backend: str = "rules",
    model: str | None = None,
    seed: int = 42,
    on_event: OnEvent | None = None,
    should_stop: ShouldStop | None = None,
) -> PostMortem:
    """The post-mortem of a failure (``RUN/f-0001``, a run's first, ...). Without a ``gateway`` no model is asked.

    A model's text replaces the rules' one only where it passed the validator, and ``source`` says so. Whatever is
    claimed, by either, was re-simulated. Raises ``InputError`` (no such failure), ``CancelledError``, ``MachineError``.
    """
    began = time.perf_counter()
    stop = should_stop or (lambda: False)
    failure, inputs, small = small_case(database, name, project)
    facts = facts_of(database, name, failure, inputs, small, project, stop)
    answer = None
    if gateway is not None and backend != "rules":
        answer = asking.ask(
            facts, gateway=gateway, backend=backend, model=model, seed=seed, on_event=on_event, should_stop=stop
        )
    told = answer.document if answer is not None and _wrote(answer) else asking.without_model(facts)
    by_key = {claim.key: claim for claim in facts.claims}
    made = [(by_key[item["claim"]], str(item["because"])) for item in told["claims"] if item["claim"] in by_key]
    known = {claim.key for claim, _ in made}
    made += [(claim, "") for claim in facts.claims if claim.key not in known][: max(0, FIRST_CLAIMS - len(made))]
    tested = _tested(inputs, small, made, on_event, stop)
    wrote = answer is not None and _wrote(answer)
    return PostMortem(
        failure=failure,
        headline=told["headline"],
        happened=facts.story,
        cause=told["cause"],
        passes=facts.passes,
        look_at=facts.look_at,
        try_next=tuple(_next(inputs, failure, small)),
        claims=tuple(tested),
        confidence=told["confidence"] / 100 if wrote else None,
        source=_source(answer) if answer is not None and wrote else "simulation",
        backend=answer.backend if answer is not None and wrote else "",
        model=answer.model if answer is not None and wrote else "",
        digest=answer.digest if answer is not None and wrote else "",
        created_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        notes=tuple(_notes(answer, wrote, small)),
        elapsed_ms=(time.perf_counter() - began) * 1000,
    )


def facts_of(
    database: Database,
    name: str,
    failure: Failure,
    inputs: RunInputs,
    small: Shrunk,
    project: Path | str,
    stop: ShouldStop,
) -> Facts:
    """All that a post-mortem may speak of."""
    beside = _beside(database, name, project)
    rules = {rule.name: rule for rule in (*inputs.workflow.invariants, *inputs.invariants)}
    rule = rules.get(failure.invariant)
    story = tuple(
        story_line(
            event.at_us, event.data.get("user") if len(small.users) > 1 else None, event.step, words.event(event)
        )
        for event in small.story
    )
    return Facts(
        failure=failure,
        says=(rule.says or rule.expression) if rule is not None else "",
        story=story,
        choices=tuple(choice.meaning for choice in small.choices),
        faults=small.faults,
        proof=small.proof,
        passes=_passes(beside),
        suppressors=tuple(_suppressors(database, name, inputs, project, stop)),
        look_at=tuple(places_of(inputs, small)),
        causes=tuple(causes_of(small)),
        claims=claims_of(inputs, small),
        names=tuple(sorted(_names(inputs))),
    )


def _beside(database: Database, name: str, project: Path | str) -> NearestPassing | None:
    try:
        return nearest_passing(database, name, project=project)
    except InputError:
        return None


def _passes(beside: NearestPassing | None) -> str:
    if beside is None:
        return ""
    if beside.left_out:
        return f"It passes without one thing: {beside.left_out}."
    return f"User {beside.passing.user} of the run goes the same way for longest, and it holds."


def _suppressors(
    database: Database, name: str, inputs: RunInputs, project: Path | str, stop: ShouldStop
) -> Iterator[str]:
    if inputs.target != "model":
        return
    for row in why(database, name, project=project, should_stop=stop).rows:
        if row.verdict == "suppressor":
            yield f"{row.meaning}: without it {row.failed} of {row.of} worlds fail"


def _names(inputs: RunInputs) -> Iterator[str]:
    yield from (step.name for step in inputs.workflow.steps())
    for step in inputs.workflow.steps():
        if isinstance(step, DecideStep):
            yield step.decision
            yield from step.options
    yield from (fault.label for fault in inputs.faults)
    yield from (str(fault.kind) for fault in inputs.faults)
    yield from (member.persona for member in inputs.crowd)
    yield from (rule.name for rule in (*inputs.workflow.invariants, *inputs.invariants))
    yield from (inputs.workflow.id, inputs.scenario)


def _tested(
    inputs: RunInputs, small: Shrunk, made: list[tuple[Claim, str]], on_event: OnEvent | None, stop: ShouldStop
) -> list[TestedClaim]:
    if inputs.target != "model":
        return [
            TestedClaim(claim=claim, because=because, verdict="not_testable", detail=_NOT_HERE[inputs.target])
            for claim, because in made
        ]
    if on_event is not None:
        on_event(Progress(what="re-simulating claims", done=0, total=len(made)))
    base, found = counterfactuals.judge(inputs, small, tuple(claim for claim, _ in made), stop)
    return [_verdict(claim, because, base, found.get(claim.key)) for claim, because in made]


_NOT_HERE = {
    "app": "claims are re-simulated on the model target; `why` and `shrink` run this application's own worlds",
    "http": "a live service cannot be run again with one thing changed",
}


def _verdict(
    claim: Claim, because: str, base: counterfactuals.Outcome, found: counterfactuals.Outcome | None
) -> TestedClaim:
    if found is None or not found.of:
        detail = "there is nothing of that name to change in this run" if found is None else "stopped"
        return TestedClaim(claim=claim, because=because, verdict="not_testable", detail=detail)
    low, high = wilson(found.failed, found.of)
    base_low, base_high = wilson(base.failed, base.of)
    trend = "rarer" if high < base_low else "more often" if low > base_high else "as often"
    numbers = f"{base.failed} of {base.of} worlds break as it is, {found.failed} of {found.of} {claim.says}"
    visit = "the same visit still breaks" if found.breaks else "the same visit holds"
    detail = f"{visit}; {numbers}: {trend}"
    return TestedClaim(
        claim=claim, because=because, verdict="refuted" if found.breaks else "confirmed", detail=detail,
        failed=found.failed, of=found.of, base_failed=base.failed, low=low, high=high, trend=trend,
    )  # fmt: skip


def _next(inputs: RunInputs, failure: Failure, small: Shrunk) -> Iterator[str]:
    yield from tries_of(inputs, small)
    name = f"{failure.run_id}/{failure.failure_id or failure.user}"
    if not small.minimal:
        yield f"Shrink it to the end first: turbulence shrink {name}"
    yield f"Keep it as a regression test: turbulence shrink {name} --save"


def _wrote(answer: Answer) -> bool:
    """Whether a language model's own words are in it: rules and the built-in model write none."""
    return answer.backend in ("llamacpp", "ollama") and not any("was not used" in note for note in answer.notes)


def _source(answer: Answer) -> Literal["model", "cache"]:
    return "cache" if answer.source in ("cache", "similar") else "model"


def _notes(answer: Answer | None, wrote: bool, small: Shrunk) -> Iterator[str]:
    if answer is not None:
        yield from answer.notes
        if not wrote and answer.backend in ("builtin", "rules"):
            yield "no language model is here that could write: this is the simulation's own account"
    yield from small.notes


def markdown(found: PostMortem) -> str:
    """The post-mortem as text for an issue, its source in the first lines."""
    failure = found.failure
    signs = {"confirmed": "✓ confirmed", "refuted": "✗ refuted", "not_testable": "– not testable"}
    lines = [f"# {found.headline}", "", f"*{source_words(found)}*", ""]
    lines += [f"`{failure.run_id}/{failure.failure_id or failure.user}` · user {failure.user} · {failure.persona}", ""]
    lines += ["## Cause", "", found.cause, ""]
    if found.passes:
        lines += [found.passes, ""]
    lines += ["## What happened", "", "```", *found.happened, "```", ""]
    for title, items in (("What to look at", found.look_at), ("What to try", found.try_next)):
        if items:
            lines += [f"## {title}", "", *(f"- {item}" for item in items), ""]
    lines += ["## Claims, re-simulated", ""]
    for one in found.claims:
        because = f" ({one.because})" if one.because else ""
        lines.append(f"- **{signs[one.verdict]}**: it holds {one.claim.says}{because}. {one.detail}")
    if found.notes:
        lines += ["", *(f"> {note}" for note in found.notes)]
    return "\n".join(lines).rstrip() + "\n"


def source_words(found: PostMortem) -> str:
    """Whose words these are."""
    if found.source == "simulation":
        return "From the simulation alone"
    sure = f", confidence {found.confidence:.0%}" if found.confidence is not None else ""
    kept = " (kept answer)" if found.source == "cache" else ""
    return f"Suggestion by {found.model or found.backend}{kept}{sure}; the invariant decides"
