"""OpenAPI 3 documents as a workflow that runs: operations, examples, links, a journey through them.

What a document cannot say (who the people are, how long answers take, how often something fails) gets a neutral
stand-in that the notes name; everything else comes from the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from turbulence_app.domain.invariants import Invariant
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import DecisionPolicy, Pacing, Patience, Policy, Provenance
from turbulence_app.domain.quantity import Percentiles
from turbulence_app.domain.scenario import Scenario
from turbulence_app.domain.services import Service
from turbulence_app.domain.workflow import HttpStep, Workflow
from turbulence_app.formats.documents import Document, load_document
from turbulence_app.formats.imported import Imported
from turbulence_app.formats.loader import identifier_of
from turbulence_app.formats.names import clean
from turbulence_app.formats.openapi_calls import Calls
from turbulence_app.formats.openapi_flow import Flow
from turbulence_app.formats.openapi_links import links_of
from turbulence_app.formats.openapi_read import Operation, Reader
from turbulence_app.formats.openapi_resources import resources_of
from turbulence_app.formats.openapi_security import Security
from turbulence_app.formats.writer import dump

SERVICE = "api"
BASE = "http://127.0.0.1:8000"
THINK = Percentiles(p50=2000, p95=8000)
MAX_STEPS = 1000
MAX_TEXT = 2_000_000
"""Characters of a workflow: half of what is read, because people add to it."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a document is read: the workflow's id, what the app target imports, the paths (by their beginnings) that
    are wanted, and where the document was fetched from, for relative servers."""

    name: str | None = None
    app: str | None = None
    only: tuple[str, ...] = ()
    origin: str = ""


DEFAULTS = Options()


def import_openapi(path: Path | str, options: Options = DEFAULTS) -> Imported:
    """The document in a file.

    Raises:
        InputError: not an OpenAPI 3 document; with the line.
    """
    return of_document(load_document(path), options)


def of_document(document: Document, options: Options = DEFAULTS) -> Imported:
    """As :func:`import_openapi`, of a document that is read already."""
    reader = Reader(document)
    info, _ = reader.follow(reader.root.get("info"))
    title = clean(info.get("title"))
    wanted = options.name or identifier_of(title or Path(document.file).stem)
    operations = [o for o in reader.operations() if o.path.startswith(options.only or "/") and _fit(reader, o)]
    if not operations:
        document.fail("no operation of the document can be carried over", "; ".join(reader.notes[:3]), ("paths",))
    calls = Calls(reader, SERVICE, Security(reader, identifier_of(wanted)[:30]), links_of(reader, operations))
    flow = Flow(calls, resources_of(operations)).steps()
    workflow = Workflow(
        id=wanted,
        description=title or f"Imported from {Path(document.file).name}.",
        services={SERVICE: Service(base_url=_base(reader, options.origin), timeout_seconds=30)},
        app=options.app,
        parameters=calls.parameters,
        flow=tuple(flow),
        invariants=_invariants(),
        max_steps=MAX_STEPS,
    )
    if len(dump(workflow)) > MAX_TEXT:
        mend = "import a part of it: --only /orders --only /customers"
        document.fail("the journey through the whole document is too large for a workflow", mend, ("paths",))
    _say_the_rest(reader, workflow)
    person = f"{wanted[:80]}_user"
    policy = _policy(person, workflow)
    return Imported(
        workflow,
        (workflow,),
        None,
        (Persona(id=person, name=f"User of {title or wanted}", description="Anybody who uses the service."),),
        (policy,),
        tuple(reader.notes),
        (Scenario(id=wanted, description=workflow.description, workflow=wanted, crowd={person: 1}, users=1000),),
        f"Imported from {clean(Path(document.file).name)}, OpenAPI {clean(reader.root.get('openapi'))}.\n"
        "Latencies and the shares of answers are stand-ins; `turbulence import log` puts measured ones in their place.",
    )


def _fit(reader: Reader, operation: Operation) -> bool:
    what = f"{operation.method} {clean(operation.path)[:80]}"
    if operation.deprecated:
        reader.note(f"{what} is deprecated and was left out.")
        return False
    if operation.other_body:
        reader.note(f"{what} takes a body of {operation.other_body}, which steps cannot send; it was left out.")
        return False
    return True


def _base(reader: Reader, origin: str) -> str:
    """The first server's address, its variables at their defaults."""
    servers = reader.root.get("servers")
    listed = [s for s in servers if isinstance(s, dict)] if isinstance(servers, list) else []
    url = clean(listed[0].get("url")) if listed else ""
    variables = listed[0].get("variables") if listed else None
    for key, value in variables.items() if isinstance(variables, dict) else ():
        default = value.get("default") if isinstance(value, dict) else None
        url = url.replace(f"{{{key}}}", clean(str(default)) if default is not None else "")
    if len(listed) > 1:
        reader.note(f"The document names {len(listed)} servers; the first one is used: {url}")
    try:
        full = url if urlsplit(url).scheme in ("http", "https") else urljoin((origin or BASE) + "/", url.lstrip("/"))
        host = urlsplit(full).hostname or ""
    except ValueError:
        full, host = origin or BASE, "127.0.0.1"
        reader.note("The server's address cannot be read; this computer's port 8000 is written instead.")
    full = full.rstrip("/")
    if not origin and full.startswith(BASE) and not url.startswith(BASE):
        reader.note(f"The document does not say where the service runs; {full} is written into 'services'.")
    elif host not in ("127.0.0.1", "localhost", "::1"):
        reader.note(
            f"The service runs on {host}; the http target only talks to this computer until that host stands under "
            "http: allow_hosts in turbulence.yaml."
        )
    return full


def _invariants() -> tuple[Invariant, ...]:
    says = "It is possible to get through."
    return (Invariant(name="somebody_completes", sometimes="outcome == 'completed'", says=says),)


def _policy(person: str, workflow: Workflow) -> Policy:
    """Nobody in particular: every option as likely as the others."""
    decisions = {
        name: DecisionPolicy(options=dict.fromkeys(step.options, 1.0)) for name, step in workflow.decisions().items()
    }
    source = Provenance(backend="rules", source="rules", notes=("neutral: nothing is known of these people",))
    return Policy(
        persona_id=person,
        workflow=workflow.id,
        decisions=decisions,
        patience=Patience(step_wait_seconds=30),
        pacing=Pacing(think_ms=THINK),
        provenance=source,
    )


def _say_the_rest(reader: Reader, workflow: Workflow) -> None:
    root: dict[str, Any] = reader.root
    if root.get("webhooks"):
        reader.note("Webhooks were left out: they are calls of the service, not of a person.")
    steps = [s for s in workflow.steps() if isinstance(s, HttpStep)]
    reader.note(
        f"{len(steps)} requests: latencies (100 ms at the median, 1 s at the 99th percentile) and the shares of "
        "documented answers are stand-ins; `turbulence import log` fits them to a recording of the service."
    )
    if workflow.app is None:
        reader.note("For the app target write 'app: module:attribute' into the workflow (or import again with --app).")
