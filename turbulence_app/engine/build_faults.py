"""Faults compiled: whom and when they may strike, how likely, and what they do, as integers."""

from __future__ import annotations

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.faults import MODEL_TARGET_FAULTS, Fault
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.quantity import Uniform
from turbulence_app.domain.workflow import IntRange
from turbulence_app.engine.names import Names
from turbulence_app.engine.nodes import CERTAIN, FOREVER, FaultPlan
from turbulence_app.engine.purposes import MAX_FAULTS
from turbulence_app.engine.quantiles import compile_quantity
from turbulence_app.engine.weights import threshold

PRESSURE = 59
"""Number of the draws of the original's latency pressure (its lane is the last of the table)."""
DOWN_US = 1_000_000
"""How long a moment of ``at_seconds`` lasts where ``down_seconds`` does not say."""
GRAY_ADD_US = 1_000_000
"""What a ``gray`` service adds where ``add_ms`` does not say."""
WORLD_FAULTS = {"app": frozenset({"crash", "clock_skew"})}
"""By target: kinds that befall the service at their moments, not single attempts."""


def compile_faults(inputs: RunInputs, names: Names) -> tuple[FaultPlan, ...]:
    """All faults of a run, in the order of their list; raises :class:`InputError` for what cannot strike."""
    if len(inputs.faults) >= MAX_FAULTS:
        raise InputError(f"{len(inputs.faults)} faults in one run", f"use at most {MAX_FAULTS - 1}")
    return tuple(_fault(number, fault, inputs, names) for number, fault in enumerate(inputs.faults))


def _fault(number: int, fault: Fault, inputs: RunInputs, names: Names) -> FaultPlan:
    if inputs.target == "model" and fault.kind not in MODEL_TARGET_FAULTS:
        known = ", ".join(sorted(MODEL_TARGET_FAULTS))
        mend = f"run it on the app or the http target, or use one of {known}"
        raise InputError(f"fault {fault.label}: {fault.kind} needs real code to act on", mend)
    personas = [i for i, m in enumerate(inputs.crowd) if m.persona == fault.persona]
    when = None if fault.when is None else names.tree(fault.when, f"fault {fault.label}")
    if fault.step is not None and fault.step not in names.steps:
        raise InputError(f"fault {fault.label}: no step is called {fault.step!r}", "name a step of the workflow")
    add = fault.add_ms if fault.add_ms is not None else fault.latency_ms
    if add is None and fault.kind == "gray":
        add = GRAY_ADD_US / 1000
    return FaultPlan(
        number,
        fault.kind,
        fault.label,
        threshold(fault.probability),
        fault.nth,
        when,
        _us(fault.from_seconds, 0),
        _us(fault.to_seconds, FOREVER),
        None if add is None else compile_quantity(add, 1000),
        FOREVER if fault.timeout_after_ms is None else fault.timeout_after_ms * 1000,
        fault.status or 500,
        None if fault.persona is None else frozenset(personas),
        moments=_moments(fault),
        skew_us=int((fault.skew_seconds or 0.0) * 1_000_000),
        keep_bytes=fault.keep_bytes,
        purpose=f"fault{number}",
    )


def _moments(fault: Fault) -> tuple[tuple[int, int], ...]:
    given = fault.at_seconds
    if given is None:
        return ()
    lasts = _us(fault.down_seconds, DOWN_US)
    starts = sorted(_us(s, 0) for s in (given if isinstance(given, tuple) else (given,)))
    return tuple((start, start + lasts) for start in starts)


def pressure(latency: IntRange | None) -> list[FaultPlan]:
    """The original's latency pressure: one more fault, always striking."""
    if latency is None:
        return []
    add = compile_quantity(Uniform(min=latency.min, max=latency.max), 1000)
    return [FaultPlan(PRESSURE, "latency", "pressure", CERTAIN, add=add, purpose=f"fault{PRESSURE}")]


def matching(
    faults: tuple[FaultPlan, ...], inputs: RunInputs, step: str, service: str | None, latency: IntRange | None
) -> list[FaultPlan]:
    """The faults that can meet attempts of a step."""
    of_world = WORLD_FAULTS.get(inputs.target, frozenset())
    found = [
        plan
        for plan, fault in zip(faults, inputs.faults, strict=True)
        if fault.step in (None, step) and fault.service in (None, service) and fault.kind not in of_world
    ]
    return found + pressure(latency)


def _us(seconds: float | None, otherwise: int) -> int:
    return otherwise if seconds is None else int(seconds * 1_000_000)
