"""``policy generate``, ``approve`` and ``diff``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from turbulence_app.cli import documents
from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, common
from turbulence_app.cli.demo import phrase_line
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.domain.errors import CancelledError, ExitStatus, InputError
from turbulence_app.domain.events import Progress
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import Workflow
from turbulence_app.formats import loader, writer
from turbulence_app.formats.folder import Folder
from turbulence_app.insight import words
from turbulence_app.insight.phrases import phrases, traced
from turbulence_app.service import inputs, plain, policies, projects
from turbulence_app.service.home import data_home
from turbulence_app.store.database import Database

BACKENDS = ("auto", "builtin", "llamacpp", "ollama", "rules")


@click.group()
def policy() -> None:
    """Personas to policies: generate, compare, approve."""


@policy.command()
@click.option("--persona", "persona_file", metavar="F", help="A persona file, or a persona's id in the project.")
@click.option("--workflow", "workflow_file", metavar="F", help="A workflow file, or a workflow's id in the project.")
@click.option("--backend", type=click.Choice(BACKENDS), help="Who reads the words (default: the project's, or auto).")
@click.option("--model", metavar="M", help="A model's name or file.")
@click.option("--mode", type=click.Choice(("json",)), help="How a language model is asked.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=42, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), metavar="F", help="Write there, not into the project.")
@click.option("--fresh", is_flag=True, help="Ask again, past the cache.")
@click.option("--force", is_flag=True, help="Also where a policy is there already.")
@common
def generate(
    console: Console,
    *,
    persona_file: str | None,
    workflow_file: str | None,
    backend: str | None,
    model: str | None,
    mode: str | None,
    seed: int,
    out: Path | None,
    fresh: bool,
    force: bool,
) -> int:
    """Turn a persona's words into a policy; without --persona, every persona that has none yet."""
    loose = _is_file(persona_file) and _is_file(workflow_file)
    folder = None if loose and not projects.is_project(console.root) else projects.open_project(console.root)
    flow = _workflow(folder, workflow_file)
    personas = _personas(folder, flow, persona_file, everybody=force or out is not None)
    database = Database(projects.database_path(folder.root)) if folder is not None else None
    try:
        with (
            cancellable() as stop,
            ProgressLine(console, "compiling") as progress,
            policies.gateway_for(data_home(), None if fresh else database) as gateway,
        ):
            made: list[Policy] = []
            for number, persona in enumerate(personas):
                if stop.is_set():
                    break
                progress(Progress(what=f"compiling {persona.title}", done=number, total=len(personas)))
                made.append(
                    policies.generate(
                        persona,
                        flow,
                        gateway=gateway,
                        backend=backend or (folder.project.models.backend if folder else "auto"),
                        model=model or (folder.project.models.model if folder else None),
                        mode=mode,
                        seed=seed,
                        on_event=progress,
                        should_stop=stop.is_set,
                    )
                )
        written: list[Path] = []
        if out is not None and made:
            writer.write_atomic(out, writer.dump(made))
            written = [out]
        elif folder is not None and database is not None and made:
            written = policies.save(folder, made, database, "generated")
        _tell(console, personas, made, written)
    finally:
        if database is not None:
            database.close()
    if len(made) < len(personas):
        raise CancelledError("stopped", f"{len(made)} of {len(personas)} policies are written")
    return ExitStatus.HOLDS


@policy.command()
@click.argument("persona", metavar="ID")
@click.option("--workflow", metavar="ID", help="Where the persona has policies for several.")
@click.option("--by", metavar="NAME", help="Who approves (default: you).")
@common
def approve(console: Console, persona: str, workflow: str | None, by: str | None) -> int:
    """The human gate: write down that somebody let this policy through."""
    folder = projects.open_project(console.root)
    with Database(projects.database_path(folder.root)) as database:
        approved = policies.approve(folder, database, persona, workflow, by)
    console.document({"policy": documents.policy(approved)})
    stamp = f"{approved.persona_id}: approved by {approved.provenance.approved_by}, {approved.provenance.approved_at}"
    console.result(stamp)
    return ExitStatus.HOLDS


@policy.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@common
def diff(console: Console, before: str, after: str) -> int:
    """What changed from A to B: policy files (FILE or FILE#persona) or personas of the project. Exit 1 if anything."""
    folder = projects.open_project(console.root) if projects.is_project(console.root) else None
    old = policies.named_policy(folder, before, loader.load_policies)
    new = policies.named_policy(folder, after, loader.load_policies)
    changes = policies.diff(old, new)
    console.document({"same": not changes, "changes": [plain.change(change) for change in changes]})
    width = max((len(change.path) for change in changes), default=0)
    arrow = console.glyph("→", "->")
    for change in changes:
        console.say(f"  {change.path.ljust(width)}  {_value(change.before)} {arrow} {_value(change.after)}")
    summary = f"{len(changes)} {'value differs' if len(changes) == 1 else 'values differ'}" if changes else "the same"
    console.result(summary)
    return ExitStatus.BROKEN if changes else ExitStatus.HOLDS


def _tell(console: Console, personas: Sequence[Persona], made: Sequence[Policy], written: Sequence[Path]) -> None:
    documented = [documents.policy(one) for one in made]
    if len(documented) == 1:
        console.document({**documented[0], "files": [str(path) for path in written]})
    else:
        console.document({"policies": documented, "files": [str(path) for path in written]})
    for persona, one in zip(personas, made, strict=False):
        said, total = traced(one)
        source = one.provenance
        how = f"{source.backend} {source.model}".strip() + f", {source.source}, {said} of {total} traced to words"
        console.say(f"{console.style(persona.title, 'bold')}  {console.style(how, 'dim')}")
        for phrase in phrases(one):
            console.say(phrase_line(console, phrase))
        for note in source.notes:
            console.say(console.style(f"    note: {note}", "warn"))
    for path in written:
        console.result(f"written: {path}")
    if not personas:
        console.result("every persona has a policy already (--force compiles them again)")


def _workflow(folder: Folder | None, name: str | None) -> Workflow:
    if name is not None and Path(name).is_file():
        return loader.load_workflow(Path(name))
    if folder is None:
        raise InputError("which workflow?", "name a file with --workflow, or work in a project")
    return inputs.choose(folder, None, name)[0]


def _personas(folder: Folder | None, flow: Workflow, name: str | None, everybody: bool) -> tuple[Persona, ...]:
    if name is not None and Path(name).is_file():
        return loader.load_personas(Path(name))
    if folder is None:
        raise InputError("which persona?", "name a file with --persona, or work in a project")
    if name is None:
        inputs.refuse_problems(folder)
        return tuple(p for p in folder.personas.values() if everybody or folder.policy(flow.id, p.id) is None)
    if name not in folder.personas:
        known = ", ".join(sorted(folder.personas)) or "none"
        raise InputError(f"no persona {name!r}", f"this project has: {known}")
    return (folder.personas[name],)


def _is_file(name: str | None) -> bool:
    return name is not None and Path(name).is_file()


def _value(value: object) -> str:
    if value is None:
        return "absent"
    return words.count(value) if isinstance(value, int) and not isinstance(value, bool) else f"{value}"
