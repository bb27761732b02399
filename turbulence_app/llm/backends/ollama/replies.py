"""What a server says about models and answers, read with care: a field may be missing, new, or of another kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from turbulence_app.llm import errors
from turbulence_app.llm.backends.ollama.failures import one_line

EMBEDDERS = frozenset({"bert", "nomic-bert"})
"""Families of models that make vectors, not text."""
NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A model that the server has. ``size`` is bytes on its disk."""

    name: str
    digest: str
    size: int = 0
    family: str = ""
    parameters: str = ""
    quantisation: str = ""

    @property
    def writes(self) -> bool:
        """Whether it can be expected to write text."""
        return self.family not in EMBEDDERS


@dataclass(frozen=True, slots=True)
class Running:
    """A model in memory: bytes of it, bytes of those on a GPU, its context (tokens; 0: not said), and until when."""

    name: str
    digest: str
    size: int = 0
    gpu_size: int = 0
    context: int = 0
    until: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a model can do. ``context`` is the most tokens it was made for, 0 where the server does not say."""

    context: int
    capabilities: frozenset[str]
    remote: bool

    @property
    def thinks(self) -> bool:
        """Whether it thinks before it answers unless it is told not to."""
        return "thinking" in self.capabilities

    @property
    def writes(self) -> bool:
        """Whether it answers at all; servers before 0.6.4 do not say."""
        return not self.capabilities or "completion" in self.capabilities


@dataclass(frozen=True, slots=True)
class Counts:
    """The last line of an answer in numbers; 0 where the server does not say."""

    prompt_tokens: int
    answer_tokens: int
    prompt_ms: float
    answer_ms: float
    load_ms: float


def entries(listed: Mapping[str, Any]) -> tuple[Entry, ...]:
    """``/api/tags`` without what runs elsewhere and without what has no name or digest."""
    return tuple(_entry(m) for m in _models(listed) if not is_remote(m))


def running(listed: Mapping[str, Any]) -> tuple[Running, ...]:
    """``/api/ps``."""
    return tuple(
        Running(
            one_line(m["name"]),
            one_line(m["digest"]),
            number(m.get("size")),
            number(m.get("size_vram")),
            number(m.get("context_length")),
            text(m.get("expires_at")),
        )
        for m in _models(listed)
    )


def shown(found: Mapping[str, Any]) -> Shown:
    """``/api/show``."""
    info, able = found.get("model_info"), found.get("capabilities")
    items = info.items() if isinstance(info, dict) else ()
    context = max([number(value) for key, value in items if key.endswith(".context_length")], default=0)
    names = {one for one in able if isinstance(one, str)} if isinstance(able, list) else set()
    return Shown(context, frozenset(names), is_remote(found))


def counts(last: Mapping[str, Any]) -> Counts:
    """The last line of ``/api/chat``; its times are nanoseconds."""
    prompt_ns, answer_ns, load_ns = (
        number(last.get(key)) for key in ("prompt_eval_duration", "eval_duration", "load_duration")
    )
    return Counts(
        number(last.get("prompt_eval_count")),
        number(last.get("eval_count")),
        prompt_ns / NS_PER_MS,
        answer_ns / NS_PER_MS,
        load_ns / NS_PER_MS,
    )


def is_remote(model: Mapping[str, Any]) -> bool:
    """Whether a model (or an answer) says that the work is done on another machine."""
    return bool(model.get("remote_host") or model.get("remote_model")) or named_cloud(text(model.get("name")))


def named_cloud(name: str) -> bool:
    """Whether a name asks for a cloud model: ``gpt-oss:120b-cloud``, ``kimi:cloud``. Such a name is not even sent: the
    server would ask the cloud about it."""
    tag = name.strip().rpartition(":")[2].lower()
    return tag == "cloud" or tag.endswith("-cloud")


def number(value: object) -> int:
    """A whole number that is not negative, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else 0


def text(value: object) -> str:
    """A short text on one line, else nothing."""
    return one_line(value) if isinstance(value, str) else ""


def _models(listed: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    found = listed.get("models")
    if found is None:  # an older server without any model says null
        return ()
    if not isinstance(found, list):
        raise errors.ModelGarbageError("the Ollama server's list of models is not a list")
    named = (m for m in found if isinstance(m, dict) and isinstance(m.get("name"), str))
    return (m for m in named if m["name"] and isinstance(m.get("digest"), str))


def _entry(model: Mapping[str, Any]) -> Entry:
    details = model.get("details")
    known = details if isinstance(details, dict) else {}
    return Entry(
        one_line(model["name"]),
        one_line(model["digest"]),
        number(model.get("size")),
        text(known.get("family")),
        text(known.get("parameter_size")),
        text(known.get("quantization_level")),
    )
