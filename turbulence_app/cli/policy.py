"""``policy generate``, ``approve``, ``diff`` and ``lint``."""

from __future__ import annotations

from pathlib import Path

import click

from turbulence_app.cli import documents
from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, common
from turbulence_app.cli.demo import phrase_line
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.domain.errors import CancelledError, ExitStatus
from turbulence_app.domain.policy import Policy
from turbulence_app.insight import words
from turbulence_app.insight.disagreement import widths
from turbulence_app.insight.phrases import phrases, traced
from turbulence_app.service import generating, plain, policies, projects
from turbulence_app.service.opening import kept

WIDEST = 5
"""Numbers of a consensus that are shown as uncertain; all of them are in the policy."""
BACKENDS = ("auto", "builtin", "llamacpp", "ollama", "rules")


@click.group()
def policy() -> None:
    """Personas to policies: generate, compare, approve."""


@policy.command()
@click.option("--persona", "persona_file", metavar="F", help="A persona file, or a persona's id in the project.")
@click.option("--workflow", "workflow_file", metavar="F", help="A workflow file, or a workflow's id in the project.")
@click.option("--backend", type=click.Choice(BACKENDS), help="Who reads the words (default: the project's, or auto).")
@click.option("--model", metavar="M", help="A model's name or file.")
@click.option("--mode", type=click.Choice(("json", "logits")), help="How a language model is asked.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=42, show_default=True)
@click.option("--consensus", "times", type=click.IntRange(1, 25), default=1, metavar="K", help="Ask K times and agree.")
@click.option("--models", metavar="A,B", help="Ask several models and agree: names, files, builtin, ollama:NAME.")
@click.option("--out", type=click.Path(path_type=Path), metavar="F", help="Write there, not into the project.")
@click.option("--fresh", is_flag=True, help="Ask again, past the cache.")
@click.option(
    "--similar/--no-similar", default=None, help="Whether a kept answer may serve other wording (manual: gateway)."
)
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
    times: int,
    models: str | None,
    out: Path | None,
    fresh: bool,
    similar: bool | None,
    force: bool,
) -> int:
    """Turn a persona's words into a policy; without --persona, every persona that has none yet."""
    wanted = generating.Wanted(
        persona_file,
        workflow_file,
        backend,
        model,
        mode,
        seed=seed,
        times=times,
        models=tuple(models.split(",")) if models is not None else (),
        out=out,
        fresh=fresh,
        force=force,
        similar=similar,
    )
    with cancellable() as stop, ProgressLine(console, "compiling") as progress:
        done = generating.generate(console.root, wanted, on_event=progress, should_stop=stop.is_set)
    stopped = len(done.policies) < len(done.personas)
    if not (stopped and console.as_json):  # one document: that it was stopped
        _tell(console, done)
    if stopped:
        raise CancelledError("stopped", f"{len(done.policies)} of {len(done.personas)} policies are written")
    return ExitStatus.HOLDS


@policy.command()
@click.argument("persona", metavar="ID")
@click.option("--workflow", metavar="ID", help="Where the persona has policies for several.")
@click.option("--by", metavar="NAME", help="Who approves (default: you).")
@common
def approve(console: Console, persona: str, workflow: str | None, by: str | None) -> int:
    """The human gate: write down that somebody let this policy through."""
    folder = projects.open_project(console.root)
    with kept(folder.root) as database:
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
    old = policies.named_policy(folder, before)
    new = policies.named_policy(folder, after)
    changes = policies.diff(old, new)
    console.document({"same": not changes, "changes": [plain.change(change) for change in changes]})
    width = max((len(change.path) for change in changes), default=0)
    arrow = console.glyph("→", "->")
    for change in changes:
        console.say(f"  {change.path.ljust(width)}  {_value(change.before)} {arrow} {_value(change.after)}")
    summary = f"{len(changes)} {'value differs' if len(changes) == 1 else 'values differ'}" if changes else "the same"
    console.result(summary)
    return ExitStatus.BROKEN if changes else ExitStatus.HOLDS


@policy.command()
@click.argument("name", metavar="F")
@click.option("--persona", metavar="F", help="The persona's file, where it is not in the project.")
@click.option("--workflow", metavar="F", help="The workflow's file, where it is not in the project.")
@common
def lint(console: Console, name: str, persona: str | None, workflow: str | None) -> int:
    """Contradictions between a persona's words and a policy's numbers: F is a file, FILE#persona, or a persona of the
    project. Exit 1 if there are any."""
    folder = projects.open_project(console.root) if projects.is_project(console.root) else None
    made, found = policies.contradictions(folder, name, persona, workflow)
    console.document({"persona_id": made.persona_id, "problems": [plain.problem(one) for one in found]})
    for one in found:
        console.say(f"  {one.message}")
    count = f"{len(found)} contradiction{'' if len(found) == 1 else 's'}" if found else "nothing contradicts the words"
    console.result(f"{made.persona_id}: {count}")
    return ExitStatus.BROKEN if found else ExitStatus.HOLDS


def _tell(console: Console, done: generating.Generated) -> None:
    personas, made, written = done.personas, done.policies, done.files
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
        _uncertain(console, one)
        for note in source.notes:
            console.say(console.style(f"    note: {note}", "warn"))
    for path in written:
        console.result(f"written: {path}")
    if not personas:
        console.result("every persona has a policy already (--force compiles them again)")


def _uncertain(console: Console, made: Policy) -> None:
    """Where a consensus is wide, the widest first."""
    for found in widths(made)[:WIDEST]:
        words = f"    voters differ: {found.path}  {found.low:g} to {found.high:g}"
        console.say(console.style(words, "warn"))


def _value(value: object) -> str:
    if value is None:
        return "absent"
    return words.count(value) if isinstance(value, int) and not isinstance(value, bool) else f"{value}"
