"""``models ps``, ``load``, ``unload`` and ``pull``: an Ollama server's memory, and its downloads."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click

from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, common
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.domain.errors import ExitStatus, InputError
from turbulence_app.insight import words
from turbulence_app.service import ollama

FOR_GOOD_S = 10 * 365 * 86_400
"""A model that stays longer than that was told never to leave."""


@click.command()
@common
def ps(console: Console) -> int:
    """What the Ollama server has in memory."""
    found = ollama.in_memory(console.root)
    console.document(asdict(found))
    for one in found.running:
        share = words.share(one.gpu_size, one.size) if one.gpu_size else "none"
        context = f"context {words.count(one.context)}" if one.context else ""
        parts = (words.bytes_(one.size), f"on a GPU: {share}", context, _until(one.until, datetime.now(UTC)))
        console.result(f"{one.name}  {console.style(', '.join(part for part in parts if part), 'dim')}")
    if not found.running:
        console.result(f"nothing is loaded at {found.url}")
    if found.cloud_off is False:
        console.note("this server may use Ollama's cloud; models that do are refused here, OLLAMA_NO_CLOUD=1 ends it")
    return ExitStatus.HOLDS


@click.command()
@click.argument("model", required=False)
@common
def load(console: Console, model: str | None) -> int:
    """Load MODEL into the Ollama server's memory before it is needed (default: the one that would be used)."""
    with cancellable() as stop:
        done = ollama.load(console.root, model, stop.is_set)
    console.document(asdict(done))
    console.result(f"{done.model}: loaded in {words.milliseconds(done.load_ms)}")
    return ExitStatus.HOLDS


@click.command()
@click.argument("model", required=False)
@common
def unload(console: Console, model: str | None) -> int:
    """Take MODEL, or all models, out of the Ollama server's memory."""
    with cancellable() as stop:
        gone = ollama.unload(console.root, model, stop.is_set)
    console.document({"unloaded": list(gone)})
    console.result(f"unloaded: {', '.join(gone)}" if gone else "nothing was loaded")
    return ExitStatus.HOLDS


@click.command()
@click.argument("model")
@click.option("--let-ollama-download", is_flag=True, help="Agree that Ollama connects to the model's registry.")
@common
def pull(console: Console, model: str, let_ollama_download: bool) -> int:
    """Have Ollama fetch MODEL. This program opens no connection for it; Ollama does, if you agree."""
    agreed = ollama.consent(model)
    if not let_ollama_download:
        raise InputError(
            f"Ollama would fetch {model} from {agreed.source}, over its own network and not this program's",
            f"to agree: turbulence models pull {model} --let-ollama-download",
        )
    with cancellable() as stop, ProgressLine(console, "fetching") as progress:
        done = ollama.pull(console.root, agreed, progress, stop.is_set)
    console.document(asdict(done))
    console.result(f"{done.model}: {words.bytes_(done.bytes)} from {done.source}")
    return ExitStatus.HOLDS


def _until(moment: str, now: datetime) -> str:
    """How long a model stays, in words; nothing where the server does not say."""
    try:
        left = (datetime.fromisoformat(moment) - now).total_seconds()
    except (ValueError, TypeError):
        return ""
    if left > FOR_GOOD_S:
        return "stays"
    return f"{words.milliseconds(1000 * left)} left" if left > 0 else "leaving"
