"""A post-mortem without any model: from the minimal case, its story, the proof, and who passes beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from turbulence_app.domain.failure import Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.postmortem import MOST_CLAIMS, Claim
from turbulence_app.domain.trace import TraceEvent
from turbulence_app.domain.workflow import CallStep, DecideStep, HttpStep


def causes_of(small: Shrunk) -> Iterator[str]:
    """What the pattern of the story says, most telling first."""
    acts = Counter(event.step for event in small.story if event.kind == "effect")
    lost = [event for event in small.story if event.kind == "fault"]
    gave_up = [event for event in small.story if event.kind in ("give_up", "step_failed")]
    for step, count in acts.items():
        if count > 1:
            way = _after(small.story, step)
            yield (
                f"The service behind {step} acts {count} times for one person: the answer to the first request"
                f" {'is lost' if lost else 'does not come in time'}, {way}, and nothing recognises the repetition."
            )
    if not any(count > 1 for count in acts.values()) and gave_up:
        yield f"Somebody gives up at {gave_up[0].step}, and what the flow does then breaks {small.failure.invariant}."
    if len(small.users) > 1:
        yield f"It takes {len(small.users)} people at once: their steps interleave in a way that breaks it."
    if small.choices:
        told = "; ".join(choice.meaning for choice in small.choices[:4])
        yield f"All it takes out of the ordinary: {told}. Take any of it away and it holds."
    elif not small.faults:
        yield "Nothing has to go out of the ordinary: it breaks by itself on this way through the flow."


def places_of(inputs: RunInputs, small: Shrunk) -> Iterator[str]:
    """What to look at."""
    steps = {step.name: step for step in inputs.workflow.steps()}
    acts = Counter(event.step for event in small.story if event.kind == "effect")
    for name, count in acts.items():
        step = steps.get(name)
        if count > 1 and isinstance(step, CallStep):
            yield f"{name}: does {step.method} {step.path} know a request that it has already acted on?"
    acted = False
    for event in small.story:
        acted = acted or event.kind == "effect"
        if event.kind == "decide" and acted:
            yield f"{event.step}: what people are offered after a step that may have acted ({event.detail})"
            break
    for event in small.story:
        if event.kind == "give_up":
            yield f"{event.step}: how long people wait, against how slowly it answers"
            break
    for label in small.faults:
        yield f"fault {label}: the only trouble that is needed"
    if not acts and small.failure.step:
        yield f"{small.failure.step}: where {small.failure.invariant} breaks"


def claims_of(inputs: RunInputs, small: Shrunk) -> tuple[Claim, ...]:
    """Everything that can be claimed about this failure, what is likeliest to matter first; each at most once."""
    return tuple(dict.fromkeys(_claims(inputs, small)))[:MOST_CLAIMS]


def tries_of(inputs: RunInputs, small: Shrunk) -> Iterator[str]:
    """What to try."""
    steps = {step.name: step for step in inputs.workflow.steps()}
    acts = Counter(event.step for event in small.story if event.kind == "effect")
    for name, count in acts.items():
        step = steps.get(name)
        if count > 1 and isinstance(step, HttpStep) and not step.idempotent:
            yield f"Let {name} know a repeated request (an idempotency key); `idempotent: true` models that."
    if any(event.kind == "give_up" for event in small.story) and any(count > 1 for count in acts.values()):
        yield "Before anything is tried again, ask whether it was done: a lost answer is not a failed request."
    if small.faults and inputs.scenario:
        yield f"Does it break in other ways, too: turbulence campaign {inputs.scenario} --swarm"


def _claims(inputs: RunInputs, small: Shrunk) -> Iterator[Claim]:
    slow = list(dict.fromkeys(event.step for event in small.story if event.kind in ("give_up", "request")))
    gives_up = [event.step for event in small.story if event.kind == "give_up"]
    choices = list(_choices(inputs, small))
    for label in small.faults:
        yield Claim(kind="without_fault", subject=label)
    yield from choices[:2]
    policy = next((m.policy for m in inputs.crowd if m.persona == small.failure.persona), None)
    for name in slow:
        if policy is not None and policy.retries.steps.get(name, policy.retries.default):
            yield Claim(kind="without_retry", subject=name)
    yield Claim(kind="double_patience", subject=small.failure.persona)
    for name in dict.fromkeys((*gives_up, *slow)):
        yield Claim(kind="half_latency", subject=name)
    yield from choices[2:]


def _choices(inputs: RunInputs, small: Shrunk) -> Iterator[Claim]:
    """Other ways at the decisions of the story, the last one first."""
    decisions = {step.name: step for step in inputs.workflow.steps() if isinstance(step, DecideStep)}
    for event in small.story[::-1]:
        step = decisions.get(event.step)
        if event.kind == "decide" and step is not None:
            for option in [name for name in step.options if name != event.detail][:2]:
                yield Claim(kind="always_option", subject=step.decision, option=option)


def _after(story: tuple[TraceEvent, ...], step: str) -> str:
    """How it came to the repetition."""
    first = next(i for i, event in enumerate(story) if event.kind == "effect" and event.step == step)
    told = [event for event in story[first:] if event.kind in ("decide", "retry")]
    if not told:
        return "the step is done again"
    return (
        f"the person decides to {told[0].detail.replace('_', ' ')}" if told[0].kind == "decide" else "it is tried again"
    )
