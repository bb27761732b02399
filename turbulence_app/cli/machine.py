"""``models`` and ``doctor``: what is here and works."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from turbulence_app.cli.console import Console, common
from turbulence_app.cli.model_bench import bench
from turbulence_app.cli.model_route import route
from turbulence_app.cli.ollama import load, ps, pull, unload
from turbulence_app.cli.stats import stats
from turbulence_app.domain.errors import ExitStatus
from turbulence_app.insight import words
from turbulence_app.service import doctor as looking
from turbulence_app.service.home import data_home
from turbulence_app.service.models import (
    add_model,
    default_model,
    list_models,
    remove_model,
    trust_model,
    verify_model,
)


@click.group()
def models() -> None:
    """Local models that can turn personas into policies."""


models.add_command(stats)
models.add_command(ps)
models.add_command(load)
models.add_command(unload)
models.add_command(pull)


@models.command(name="list")
@common
def list_(console: Console) -> int:
    """All models, in the order in which they are tried."""
    found = list_models(data_home(), console.root)
    console.document({"models": [asdict(model) for model in found]})
    for model in found:
        sign = console.glyph("✓", "ok") if model.available else console.glyph("○", "-")
        size = words.bytes_(model.size_bytes) if model.size_bytes else ""
        memory = f"memory {words.bytes_(model.memory_bytes)}" if model.memory_bytes else ""
        memory += " (tight)" if model.memory == "tight" else ""
        parts = (model.detail, size, memory, model.state, "default" if model.default else "", model.why)
        tail = ", ".join(part for part in parts if part)
        style = "good" if model.available else "dim"
        line = f"{console.style(sign, style)} {model.backend:<9} {model.name}  {console.style(tail, 'dim')}"
        console.result(f"{model.backend} {model.name}" if console.quiet else line)
        if model.mend:
            console.say(console.style(f"            {model.mend}", "dim"))
    return ExitStatus.HOLDS


@models.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="What to call it (default: the file's name).")
@click.option("--sha256", metavar="HEX", default="", help="Refuse any other content, and trust this one.")
@common
def add(console: Console, path: Path, name: str | None, sha256: str) -> int:
    """Add a GGUF file; it is checked, and stays where it is."""
    entry = add_model(data_home(), path, name, sha256)
    console.document({"model": asdict(entry)})
    console.result(f"{entry.name}: {entry.architecture} {entry.quantisation}, {words.bytes_(entry.size_bytes)}")
    return ExitStatus.HOLDS


@models.command()
@click.argument("name")
@common
def remove(console: Console, name: str) -> int:
    """Take a model off the list; its file stays."""
    entry = remove_model(data_home(), name)
    console.document({"model": asdict(entry)})
    console.result(f"{entry.name}: off the list; the file stays at {entry.path}")
    return ExitStatus.HOLDS


@models.command()
@click.argument("name")
@common
def default(console: Console, name: str) -> int:
    """Use this model where none is named."""
    entry = default_model(data_home(), name)
    console.document({"model": asdict(entry)})
    console.result(f"{entry.name}: the default from now on")
    return ExitStatus.HOLDS


@models.command()
@click.argument("name")
@common
def trust(console: Console, name: str) -> int:
    """Vouch for a model's content, by its SHA-256; the whole file is read again first."""
    entry = trust_model(data_home(), name)
    console.document({"model": asdict(entry), "state": "verified"})
    console.result(f"{entry.name}: trusted, sha256 {entry.sha256}")
    return ExitStatus.HOLDS


@models.command()
@click.argument("name")
@common
def verify(console: Console, name: str) -> int:
    """Read a model's whole file again: is it still what was added? Exit 1 if not."""
    same = verify_model(data_home(), name)
    console.document({"name": name, "same": same})
    console.result(f"{name}: {'still what was added' if same else 'the file is gone or is another one now'}")
    return ExitStatus.HOLDS if same else ExitStatus.BROKEN


models.add_command(bench)
models.add_command(route)


@click.command()
@common
def doctor(console: Console) -> int:
    """What is installed and what works here. Exit 3 if the main job cannot be done."""
    checks = looking.examine(data_home(), console.root)
    failed = any(check.status == "fail" for check in checks)
    console.document({"ok": not failed, "checks": [asdict(check) for check in checks]})
    for check in checks:
        sign, style = {"ok": ("✓", "good"), "warn": ("○", "warn"), "fail": ("✗", "bad")}[check.status]
        mark = console.style(console.glyph(sign, check.status), style)
        console.say(f"{mark} {check.name:<16} {console.style(check.detail, 'dim')}")
        if check.mend:
            console.say(console.style(f"  {'':<16} {check.mend}", "dim"))
    if console.quiet:
        console.result("something is missing" if failed else "ok")
    return ExitStatus.MACHINE if failed else ExitStatus.HOLDS
