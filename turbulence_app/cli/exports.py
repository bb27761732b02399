"""``export``."""

from __future__ import annotations

from pathlib import Path

import click

from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, common
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.cli.stores import stored
from turbulence_app.domain.errors import ExitStatus
from turbulence_app.service import exports


@click.command()
@click.argument("kind", metavar="pytest|html|csv|junit|locust", type=click.Choice(exports.KINDS))
@click.argument("name", metavar="RUN", default="last")
@click.option("--out", metavar="F", type=click.Path(path_type=Path), help="The file (csv: the folder) to write.")
@common
def export(console: Console, kind: exports.Kind, name: str, out: Path | None) -> int:
    """A RUN for other tools: tests, a report, tables, JUnit XML for continuous integration, a Locust file.

    pytest also takes a failure (f-0001, RUN/f-0001). No export holds a path of this machine, a person's name or a
    credential.
    """
    with stored(console) as database, cancellable() as stop, ProgressLine(console, "exporting") as progress:
        done = exports.export(database, console.root, kind, name, out, on_event=progress, should_stop=stop.is_set)
    console.document(
        {"kind": done.kind, "run_id": done.run_id, "files": [str(f) for f in done.files], "notes": list(done.notes)}
    )
    for path in done.files:
        console.result(str(path))
    for note in done.notes:
        console.note(f"note: {note}")
    return ExitStatus.HOLDS
