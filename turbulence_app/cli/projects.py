"""``init`` and ``check``: a project's files."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from turbulence_app.cli.console import Console, called, common, error_lines
from turbulence_app.domain.errors import ExitStatus, Problem
from turbulence_app.insight import words
from turbulence_app.service import files, plain, projects

_TEMPLATES = "shop: modelled services (default) · fastapi-shop: a real application · blank: one small form."


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--template", default="shop", metavar="NAME", help=_TEMPLATES)
@common
def init(console: Console, directory: Path, template: str) -> int:
    """Make a new project in DIR: a working checkout to change into your own."""
    root = directory.expanduser().absolute()
    made = projects.init_project(root, template)
    console.document({"root": str(root), "files": [str(path.relative_to(root)) for path in made]})
    if console.quiet:
        console.result(str(root))
    console.say(f"{console.style(str(root), 'bold')}: {words.count(len(made))} files")
    for path in made:
        console.say(console.style(f"  {path.relative_to(root)}", "dim"))
    console.say(f"Next: {called()} run --project {shlex.quote(str(directory))}")
    return ExitStatus.HOLDS


@click.command()
@click.argument("names", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@common
def check(console: Console, names: tuple[Path, ...]) -> int:
    """Strict validation and static checks, of FILEs, folders or the project. Exit 2 where something cannot run."""
    problems: list[Problem] = []
    looked = 0
    for name in names or (console.root,):
        if not names or (name.is_dir() and projects.is_project(name)):
            folder = projects.open_project(name.absolute())
            problems += files.check_folder(folder)
            looked += len(set(folder.files.values()))
        else:
            problems += files.check_file(name)
            looked += 1
    errors = [problem for problem in problems if problem.severity == "error"]
    console.document({"ok": not errors, "files": looked, "problems": [plain.problem(problem) for problem in problems]})
    _tell(console, problems, looked)
    return ExitStatus.INPUT if errors else ExitStatus.HOLDS


def _tell(console: Console, problems: list[Problem], looked: int) -> None:
    errors = sum(problem.severity == "error" for problem in problems)
    ordered = sorted(problems, key=lambda problem: problem.severity != "error")
    for line in error_lines(tuple(ordered), most=200):
        console.say(line)
    counted = f"{looked} {'file' if looked == 1 else 'files'}"
    verdict = f"{errors} to mend" if errors else "nothing to mend"
    warned = len(problems) - errors
    tail = f", {warned} to look at" if warned else ""
    if console.quiet:
        console.result(f"{counted}: {verdict}{tail}")
    console.say(console.style(f"{counted}: {verdict}{tail}", "bad" if errors else "good"))
