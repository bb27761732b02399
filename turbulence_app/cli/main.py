"""The command line's one entry: which commands there are, and what any error becomes."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from turbulence_app import __version__
from turbulence_app.cli import cancel, console
from turbulence_app.domain.errors import CancelledError, ExitStatus, InputError, KnownError, Location, MachineError

COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("demo", "demo", "The whole main job on the built-in sample, from words to breakage."),
    "init": ("projects", "init", "Make a new project: a working checkout to change into your own."),
    "check": ("projects", "check", "Strict validation and static checks, of files or a project."),
    "policy": ("policy", "policy", "Personas to policies: generate, compare, approve."),
    "run": ("runs", "run", "Let the crowd loose: a scenario, or a workflow with policies."),
    "verify": ("runs", "verify", "Compute a stored run again, and compare bit for bit."),
    "replay": ("runs", "replay", "One user of a run again, alone, with every event."),
    "campaign": ("campaign", "campaign", "Many worlds over seeds: causes, triggers, what was never tried."),
    "shrink": ("shrinking", "shrink", "The smallest visit that still breaks, each candidate really run."),
    "analyze": ("analyze", "analyze", "A failure explained; every claim is re-simulated."),
    "check-capsule": ("shrinking", "check_capsule", "Run kept failures again, without any model."),
    "proxy": ("proxy", "proxy", "A scenario's faults between others: a loopback proxy in front of a service."),
    "models": ("machine", "models", "Local models that can turn personas into policies."),
    "cache": ("cache", "cache", "Kept answers of models: statistics, and clearing."),
    "stress": ("stress", "stress", "The gateway to models under load: latency, faults, fallbacks, leaks."),
    "export": ("exports", "export", "A run for other tools: pytest, html, csv, junit, locust."),
    "import": ("imports", "import_", "Bring in what other tools wrote."),
    "drift": ("drift", "drift", "The model against the service, on the same people and draws."),
    "doctor": ("machine", "doctor", "What is installed and what works here."),
    "privacy": ("privacy", "privacy", "What is in force, what was touched, what leaves: a page to sign."),
}
"""By name: the module under ``cli``, what it is called there, and what it does. In the order of a first hour."""

FILE_ENDINGS = (".yaml", ".yml", ".json", ".har", ".csv", ".log", ".txt", ".db", ".gguf")
"""How the files end that the program reads: a first word like that is meant as a file, not as a command."""


class _Commands(click.Group):
    """Loads a command's module when the command is asked for: ``--help`` and ``--version`` are to be quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command itself. From here on work may be under way, so Ctrl-C is an exception again."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"turbulence_app.cli.{module}"), name)
        cancel.listen()
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A first word that is a path and no command names what the window was to open; it cannot, and says why."""
        if args and args[0] not in COMMANDS and _is_path(args[0]):
            raise _not_opened(args[0])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands out of the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, _, says) in COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="Turbulence")
def turbulence() -> None:
    """Describe your users in words. Turbulence turns them into a crowd, lets the crowd loose on your workflow, and
    shows you what breaks. Without a command the window opens.

    Exit status: 0 done and holds; 1 done, and an invariant, gate or check failed; 2 the input or the call is wrong;
    3 the machine could not do it; 130 stopped.
    """


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


def _is_path(word: str) -> bool:
    separators = [one for one in (os.sep, os.altsep) if one]
    return word.lower().endswith(FILE_ENDINGS) or any(one in word for one in separators) or os.path.lexists(word)


def _not_opened(word: str) -> InputError:
    if os.path.lexists(word):
        return InputError("the window opens one file or folder at a time", "without options", Location(word))
    return InputError("there is no such file or folder", "", Location(word))


def _of_system(error: OSError) -> MachineError:
    said = error.strerror or str(error)
    if isinstance(error.filename, str | bytes):
        said = f"{os.fsdecode(error.filename)}: {said}"
    return MachineError(said, "see that it can be read and written, and that there is room")


def _bug(error: Exception, arguments: Sequence[str]) -> MachineError:
    """Write a report for whoever can mend it, without personal data as far as it is found; it stays on this machine."""
    import platform
    import traceback
    from datetime import UTC, datetime

    from turbulence_app.home import private_folder
    from turbulence_app.privacy.redaction import redact
    from turbulence_app.service.home import data_home
    from turbulence_app.service.journal import journal, name_process

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
    name_process("command line")
    journal().note("error", "fault", headline, stack="".join(traceback.format_exception(error)))
    try:
        private_folder(path.parent)
        path.write_text(redact(text).text, encoding="utf-8")
        path.chmod(0o600)
    except OSError:
        return MachineError(f"a fault of the program: {headline}", "set TURBULENCE_DEBUG=1 to see where")
    return MachineError(f"a fault of the program: {headline}", f"the report {path} tells where; please send it to us")
