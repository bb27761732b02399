"""The worker's operations on an Ollama server: parameters in, plain JSON data out."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from turbulence_app.service import ollama
from turbulence_app.service.params import InProject

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job

Name = Annotated[str, Field(min_length=1, max_length=250)]


class OllamaPs(InProject):
    """``ollama_ps``: what the server has in memory."""


class OllamaLoad(InProject):
    """``ollama_load``: a model into the server's memory before it is needed."""

    model: Name | None = None


class OllamaUnload(InProject):
    """``ollama_unload``: a model, or all of them, out of the server's memory."""

    model: Name | None = None


class OllamaPull(InProject):
    """``ollama_pull``: have the server fetch a model. ``from_host`` is the user's consent: the host that was named to
    the user (see ``ollama_source``), who agreed that Ollama connects to it."""

    model: Name
    from_host: Name


class OllamaSource(InProject):
    """``ollama_source``: from where the server would fetch a model; nothing is connected to."""

    model: Name


def ps(ops: Operations, given: OllamaPs, _: Job) -> Any:
    """``url``, ``cloud_off``, and ``running``: name, digest, size, gpu_size, context, until of each."""
    return asdict(ollama.in_memory(ops.root(given.project)))


def load(ops: Operations, given: OllamaLoad, job: Job) -> Any:
    """``model`` and ``load_ms``."""
    return asdict(ollama.load(ops.root(given.project), given.model, job.should_stop))


def unload(ops: Operations, given: OllamaUnload, job: Job) -> Any:
    """``unloaded``: names."""
    return {"unloaded": list(ollama.unload(ops.root(given.project), given.model, job.should_stop))}


def source(_: Operations, given: OllamaSource, __: Job) -> Any:
    """``model`` and ``source``, a host."""
    return asdict(ollama.consent(given.model))


def pull(ops: Operations, given: OllamaPull, job: Job) -> Any:
    """``model``, ``source``, ``bytes``; progress (in bytes) meanwhile."""
    agreed = ollama.consent(given.model, given.from_host)
    return asdict(ollama.pull(ops.root(given.project), agreed, job.emit, job.should_stop))
