"""The three targets in words: what each means, what it needs, and which faults it cannot do. Qt-free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from turbulence_app.domain.faults import MODEL_TARGET_FAULTS, Fault, FaultKind
from turbulence_app.domain.invariants import Target
from turbulence_app.domain.project import Project
from turbulence_app.domain.scenario import Arrivals
from turbulence_app.domain.workflow import CallStep, GrpcStep, Workflow

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class TargetWords:
    """A position of the target switch."""

    title: str
    says: str
    tip: str


TARGETS: dict[Target, TargetWords] = {
    "model": TargetWords(
        "Model",
        "Services are distributions in virtual time: nobody is asked.",
        "Simulate the services from the workflow's `model` blocks",
    ),
    "app": TargetWords(
        "App",
        "Your application, in process, on a virtual clock: races replay.",
        "Import the ASGI application of the workflow's `app` line and drive it in process",
    ),
    "http": TargetWords(
        "HTTP",
        "A live service in real time: choices are the seed's, times are not.",
        "Send real requests to loopback, or to a host on the project's list",
    ),
}

HTTP_CANNOT: dict[FaultKind, str] = {
    "crash": "a live service is not this program's to kill",
    "clock_skew": "a live service keeps its own clock",
}
"""Faults that nothing between a client and a live service can do, and why."""


def impossible(kind: FaultKind, target: Target) -> str:
    """Why a target cannot do a fault; '' where it can."""
    if target == "model" and kind not in MODEL_TARGET_FAULTS:
        return "only real code can act it out: a modelled service has no body, process or clock"
    return HTTP_CANNOT.get(kind, "") if target == "http" else ""


def possible(fault: Fault, target: Target) -> bool:
    """Whether a fault can strike on a target."""
    return not impossible(fault.kind, target)


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a target lacks, and what to write where."""

    missing: str
    mend: str
    file: str = "workflow"
    """Where the mend goes: ``workflow`` or ``project``."""

    def __str__(self) -> str:
        return f"{self.missing}: {self.mend}"


def needs(target: Target, workflow: Workflow | None, project: Project) -> list[Need]:
    """What keeps a target from running, as far as the project's files tell."""
    if workflow is None or target == "model":
        return []
    found = [
        Need(f"{step.name} is a gRPC call", "this target speaks HTTP only; run it on the model target")
        for step in workflow.steps()
        if isinstance(step, GrpcStep)
    ]
    if target == "app":
        if workflow.app is None:
            found.append(
                Need(f"workflow {workflow.id} names no application", 'add `app: "module:create_app"` to the workflow')
            )
        return found
    if project.http.sut is None:
        found += _addresses(workflow, project)
    return found


def _addresses(workflow: Workflow, project: Project) -> Iterator[Need]:
    asked = {step.service for step in workflow.steps() if isinstance(step, CallStep)}
    for name in sorted(name for name in asked if name):
        service = workflow.services.get(name)
        base = (service.base_url or (service.http.base_url if service.http else None)) if service else None
        if not base:
            yield Need(f"service {name} has no address", f'add `{name}: {{base_url: "http://127.0.0.1:8080"}}`')
            continue
        host = urlsplit(base).hostname or ""
        if host not in LOOPBACK and host not in project.http.allow_hosts:
            yield Need(
                f"{host} is not on the list", f"add `http: {{allow_hosts: [{host}]}}` to turbulence.yaml", "project"
            )
    if None in asked and len(workflow.services) != 1:
        yield Need("some steps name no service", "give them `service:`, or the workflow one service")


def arrivals_words(arrivals: Arrivals) -> str:
    """How people come, in a few words: ``open 50/s``, ``closed 200 inside``."""
    if arrivals.kind == "closed":
        return f"closed, {arrivals.concurrent or 1:,} inside"
    if arrivals.kind == "open":
        return f"open, {arrivals.rate_per_second or 50.0:g}/s"
    if arrivals.kind == "bursts":
        return f"{arrivals.size or 1:,} every {arrivals.every_seconds or 0:g} s"
    return f"curve, up to {max(rate for _, rate in arrivals.points):g}/s"
