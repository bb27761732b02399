"""The command line's one entry: which commands there are, and what any error becomes."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from turbulence_app import __version__
from turbulence_app.cli import console
from turbulence_app.cli.demo import demo
from turbulence_app.cli.machine import doctor, models
from turbulence_app.cli.policy import policy
from turbulence_app.cli.projects import check, import_, init
from turbulence_app.cli.runs import replay, run, shrink, verify
from turbulence_app.domain.errors import CancelledError, ExitStatus, KnownError, MachineError
from turbulence_app.service.home import data_home
from turbulence_app.store.errors import plainly


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="Turbulence")
def turbulence() -> None:
    """Describe your users in words. Turbulence turns them into a crowd, lets the crowd loose on your workflow, and
    shows you what breaks. Without a command the window opens.

    Exit status: 0 done and holds; 1 done, and an invariant, gate or check failed; 2 the input or the call is wrong;
    3 the machine could not do it; 130 stopped.
    """


for _command in (demo, init, check, policy, run, verify, replay, shrink, models, import_, doctor):
    turbulence.add_command(_command)


def main(arguments: Sequence[str]) -> int:
    """Run a command and return its exit status; nothing but bugs of bugs gets past this."""
    as_json = "--json" in arguments
    try:
        result = turbulence.main(args=list(arguments), prog_name="turbulence", standalone_mode=False)
        return int(result or 0)
    except click.exceptions.Exit as done:
        return int(done.exit_code)
    except click.exceptions.NoArgsIsHelpError as asked:
        sys.stderr.write(asked.format_message() + "\n")
        return int(ExitStatus.INPUT)
    except click.ClickException as wrong:
        return console.usage(wrong.format_message(), as_json)
    except (KeyboardInterrupt, click.Abort):
        return console.explain(CancelledError("stopped", "what was done is kept"), as_json)
    except KnownError as error:
        return console.explain(error, as_json)
    except OSError as error:
        if os.environ.get("TURBULENCE_DEBUG"):
            raise
        return console.explain(_of_system(error), as_json)
    except Exception as error:
        if os.environ.get("TURBULENCE_DEBUG"):
            raise
        return console.explain(_bug(error, arguments), as_json)
    finally:
        console.finish()


def _of_system(error: OSError) -> MachineError:
    path = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None
    known = plainly(path or Path(), error)
    if path is None or error.strerror is None:
        return known
    return MachineError(f"{path}: {error.strerror}", "see that it can be read and written, and that there is room")


def _bug(error: Exception, arguments: Sequence[str]) -> MachineError:
    """Write a report for whoever can mend it; it stays on this machine."""
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    path = data_home() / "reports" / f"{moment}-{os.getpid()}.txt"
    text = "\n".join(
        (
            f"Turbulence {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"arguments: {list(arguments)!r}",
            "",
            "".join(traceback.format_exception(error)),
        )
    )
    headline = f"{type(error).__name__}: {error}"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    except OSError:
        return MachineError(f"a fault of the program: {headline}", "set TURBULENCE_DEBUG=1 to see where")
    return MachineError(f"a fault of the program: {headline}", f"the report {path} tells where; please send it to us")
