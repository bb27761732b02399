"""Swarm testing: each batch switches a random subset of faults, personas and options off.

Groce, Zhang, Eide, Chen, Regehr: "Swarm Testing" (ISSTA 2012): features that are always there hide failures from each
other; leaving each out with probability 1/2 finds more of them than any one tuned mix.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from turbulence_app.domain.campaign import Expansion, FeatureKind
from turbulence_app.domain.faults import fault_names
from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.policy import Case, DecisionPolicy, Policy
from turbulence_app.engine.campaign.seeds import coin

EVERYTHING = 1 << 29
"""Below this (1/8 of all words) a batch has everything."""
HALF = 1 << 31


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that can be switched off. ``group``: of those with one name, one always stays on ("": no need)."""

    kind: FeatureKind
    name: str
    group: str = ""

    @property
    def key(self) -> str:
        """As expansions name it."""
        return f"{self.kind}:{self.name}"


def features(inputs: RunInputs) -> tuple[Feature, ...]:
    """Everything of the inputs that can be switched off; quiet periods cannot, and a single persona cannot."""
    found = [
        Feature("fault", name)
        for name, fault in zip(fault_names(inputs.faults), inputs.faults, strict=True)
        if fault.kind != "quiet"
    ]
    crowd = [member.persona for member in inputs.crowd if member.weight > 0]
    if len(crowd) > 1:
        found += [Feature("persona", persona, "@crowd") for persona in crowd]
    for decision in inputs.workflow.decisions():
        taken = _options(inputs.crowd, decision)
        if len(taken) > 1:
            found += [Feature("option", f"{decision}={option}", decision) for option in taken]
    return tuple(found)


def _options(crowd: Iterable[Member], decision: str) -> list[str]:
    """Options that somebody may take, in the order of the policies."""
    weights = [w for member in crowd for w in _distributions(member.policy.decisions.get(decision))]
    return list(dict.fromkeys(option for some in weights for option, weight in some.items() if weight > 0))


def _distributions(decision: DecisionPolicy | None) -> list[Mapping[str, float]]:
    return [] if decision is None else [decision.options, *(case.options for case in decision.cases)]


def expand(inputs: RunInputs, seed: int, batch: int) -> Expansion:
    """The subset that a campaign's seed gives to a batch."""
    every = features(inputs)
    if coin(seed, batch, 0) < EVERYTHING:
        return Expansion(on=tuple(f.key for f in every))
    on = {f.key for i, f in enumerate(every) if coin(seed, batch, i + 2) >= HALF}
    for group in dict.fromkeys(f.group for f in every if f.group):
        members = [f for f in every if f.group == group]
        if not any(f.key in on for f in members):
            word = coin(seed, batch, len(every) + 2 + every.index(members[0]))
            on.add(members[len(members) * word >> 32].key)
    return Expansion(on=tuple(f.key for f in every if f.key in on), off=tuple(f.key for f in every if f.key not in on))


def switched(inputs: RunInputs, expansion: Expansion) -> RunInputs:
    """The inputs with what is off taken out: faults never strike, personas and options weigh nothing.

    Everything keeps its place, so that no draw of anything else moves.
    """
    off = frozenset(expansion.off)
    if not off:
        return inputs
    names = fault_names(inputs.faults)
    faults = tuple(
        fault.model_copy(update={"probability": 0.0}) if f"fault:{name}" in off else fault
        for name, fault in zip(names, inputs.faults, strict=True)
    )
    on = {name: [o for o in _options(inputs.crowd, name) if f"option:{name}={o}" not in off] for name in _decided(off)}
    crowd = tuple(
        member.model_copy(
            update={
                "weight": 0.0 if f"persona:{member.persona}" in off else member.weight,
                "policy": _without(member.policy, on),
            }
        )
        for member in inputs.crowd
    )
    return inputs.model_copy(update={"faults": faults, "crowd": crowd})


def _decided(off: Iterable[str]) -> list[str]:
    """Decisions that lost an option."""
    options = (key.removeprefix("option:") for key in sorted(off) if key.startswith("option:"))
    return list(dict.fromkeys(option.partition("=")[0] for option in options))


def _without(policy: Policy, on: Mapping[str, list[str]]) -> Policy:
    decisions = {
        name: _weighed(decision, on[name]) if name in on else decision for name, decision in policy.decisions.items()
    }
    return policy.model_copy(update={"decisions": decisions})


def _weighed(decision: DecisionPolicy, on: list[str]) -> DecisionPolicy:
    cases = tuple(Case(when=case.when, options=_left(case.options, on)) for case in decision.cases)
    return DecisionPolicy(options=_left(decision.options, on), cases=cases)


def _left(weights: Mapping[str, float], on: list[str]) -> dict[str, float]:
    """Weights of the options that are on; who wanted only others takes any of them."""
    left = {option: weight if option in on else 0.0 for option, weight in weights.items()}
    return left if any(left.values()) else {**left, **dict.fromkeys(on, 1.0)}
