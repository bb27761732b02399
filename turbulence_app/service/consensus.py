"""Asking several times, or several models, and making one policy of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from turbulence_app.assist.policy import compile_policy
from turbulence_app.assist.policy_consensus import agree
from turbulence_app.domain.errors import CancelledError, InputError, MachineError
from turbulence_app.domain.events import Event, Progress
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.gateway import Gateway

MOST_VOTERS = 25
_ALONE = ("builtin", "rules")
"""Backends that always say the same, so that a second vote of theirs would only count the first one twice."""
_NAMED = ("builtin", "rules", "llamacpp", "ollama")


@dataclass(frozen=True, slots=True)
class Voter:
    """One compilation. ``variant`` is 0 for the plain question, more for other seeds or other words."""

    backend: str
    model: str | None
    mode: str | None
    seed: int
    variant: int


def voters(
    backend: str, model: str | None, mode: str | None, seed: int, times: int, models: Sequence[str]
) -> tuple[Voter, ...]:
    """Who is asked: the backend ``times`` times, or each of ``models`` so often (the built-in model and rules once).

    A model is a name or a file for ``backend`` (llama.cpp, if none was named), ``builtin``, ``rules``, or
    ``ollama:NAME``. Raises ``InputError`` for too many voters, or a model without a name.
    """
    asked = [_who(name.strip(), backend, mode) for name in models] or [(backend, model, mode)]
    found = []
    for who, what, how in dict.fromkeys(asked):
        for n in range(1 if who in _ALONE else times):
            found.append(Voter(who, what, how, min(seed + n, 2**31 - 1), n))
    if len(found) > MOST_VOTERS:
        raise InputError(f"{len(found)} voters are too many", f"at most {MOST_VOTERS}")
    return tuple(found)


def consensus(
    persona: Persona,
    workflow: Workflow,
    asked: Sequence[Voter],
    *,
    gateway: Gateway,
    budget_ms: int | None = None,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    on_vote: Callable[[Policy], None] | None = None,
) -> Policy:
    """One policy of all voters, with the ranges in which they differ; ``budget_ms`` is each voter's, ``on_vote`` sees
    the policy of each.

    A voter that cannot be had is left out and noted; if none can, its error is raised. One voter gives its own policy.
    """
    made: list[Policy] = []
    failed: list[MachineError] = []
    for number, voter in enumerate(asked):
        if should_stop and should_stop():
            raise CancelledError("stopped", f"{number} of {len(asked)} voters were asked")
        if on_event and len(asked) > 1:
            on_event(Progress(what=f"asking voter {number + 1} of {len(asked)}", done=number, total=len(asked)))
        try:
            policy = compile_policy(
                persona,
                workflow,
                gateway=gateway,
                backend=voter.backend,
                model=voter.model,
                mode=voter.mode,
                seed=voter.seed,
                variant=voter.variant,
                budget_ms=budget_ms,
                on_event=on_event,
                should_stop=should_stop,
            )
        except MachineError as error:
            failed.append(error)
            continue
        made.append(policy)
        if on_vote:
            on_vote(policy)
        if voter.backend == "auto" and policy.provenance.backend in _ALONE:
            break
    if not made:
        raise failed[0]
    return _noted(agree(made, workflow), len(asked), [f"a voter failed: {error.problem.message}" for error in failed])


def _noted(policy: Policy, wanted: int, notes: list[str]) -> Policy:
    single = policy.provenance
    if wanted > 1 and not policy.ranges and single.backend in _ALONE and "consensus of" not in " ".join(single.notes):
        notes = [*notes, f"no consensus: {single.backend} gives the same answer every time"]
    said = single.model_copy(update={"notes": (*notes, *single.notes)})
    return policy.model_copy(update={"provenance": said}) if notes else policy


def _who(name: str, backend: str, mode: str | None) -> tuple[str, str | None, str | None]:
    head, _, rest = name.partition(":")
    if not name or (head in _NAMED and ":" in name and not rest):
        raise InputError(
            "a model of the consensus has no name", "for example --models builtin,phi-3.gguf,ollama:phi3:mini"
        )
    if name in _ALONE:
        return name, None, None
    if head in ("llamacpp", "ollama") and rest:
        return head, rest, mode if head == "llamacpp" or mode != "logits" else None
    return (backend if backend in ("llamacpp", "ollama") else "llamacpp"), name, mode
