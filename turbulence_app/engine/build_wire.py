"""What steps really send, compiled: for the targets that call services."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from turbulence_app.domain.expressions import Node as Tree
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.workflow import AnswerModel, GrpcStep, HttpStep, WaitStep
from turbulence_app.engine.names import Names
from turbulence_app.engine.templates import Template, Wire, compile_template


def compile_wire(step: HttpStep | GrpcStep | WaitStep, limit_us: int, inputs: RunInputs, names: Names) -> Wire | None:
    """The wire of a step (none for gRPC); raises :class:`InputError` for a template that cannot be read."""
    if isinstance(step, GrpcStep):
        return None

    def parse(source: str) -> Tree:
        return names.tree(source, f"step {step.name}")

    def templates(given: Mapping[str, object], lower: bool = False) -> tuple[tuple[str, Template], ...]:
        return tuple((k.lower() if lower else k, compile_template(v, parse)) for k, v in given.items())

    service = inputs.workflow.services.get(step.service or "")
    base, shared = "", {}
    if service is not None:
        base = service.base_url or (service.http.base_url if service.http else "")
        shared = {**(service.http.headers if service.http else {}), **service.headers}
    headers = dict(templates(shared, lower=True)) | dict(templates(step.headers, lower=True))
    outcomes = step.model.outcomes if step.model is not None else {}
    named = {o.status: name for name, o in outcomes.items() if isinstance(o, AnswerModel) and o.status is not None}
    return Wire(
        service=step.service or "",
        base_url=base.rstrip("/"),
        prefix=urlsplit(base).path.rstrip("/"),
        timeout_us=limit_us,
        method=step.method,
        path=compile_template(step.path, parse),
        headers=tuple(headers.items()),
        query=templates(step.query),
        json=None if step.json_ is None else compile_template(step.json_, parse),
        extract=tuple(step.extract.items()),
        names=named,
    )
