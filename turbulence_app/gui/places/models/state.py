"""The models as the place shows them: rows, words and figures out of the service's catalogue. Qt-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from turbulence_app.domain.bench import BenchResult
from turbulence_app.insight import words

Token = Literal["", "good", "warn", "bad", "dim"]
TASKS: tuple[tuple[str, str, str], ...] = (
    ("draft", "Drafts", "Compiled while you type: small and quick is enough"),
    ("policy", "Policies", "Compiled when you ask for it: take the one that reads best"),
)
"""Task, title, what it is."""
OWN = {"builtin": "Built-in model", "rules": "Rules only"}
ABSENT = {"llamacpp": "no model file", "ollama": "no Ollama server"}
BACKENDS = {"llamacpp": "llama.cpp", "ollama": "Ollama", "builtin": "built in", "rules": "rules"}


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model. ``key`` names it in this place; a row without a ``name`` only says why a backend has none."""

    backend: str
    name: str
    available: bool
    default: bool = False
    why: str = ""
    mend: str = ""
    digest: str = ""
    path: str = ""
    size_bytes: int = 0
    architecture: str = ""
    parameters: str = ""
    quantisation: str = ""
    context: int = 0
    memory_bytes: int = 0
    memory: str = ""
    state: str = ""
    licence: str = ""
    added_at: str = ""
    tasks: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Backend and name."""
        return f"{self.backend}/{self.name}"

    @property
    def title(self) -> str:
        """What a person calls it."""
        if self.backend in OWN:
            return OWN[self.backend]
        return self.name if self.there else ABSENT.get(self.backend, self.backend)

    @property
    def there(self) -> bool:
        """Whether it is a model, and not only the word that its backend has none."""
        return bool(self.name) and not (self.backend == "ollama" and not self.digest)

    @property
    def is_file(self) -> bool:
        """Whether it is on the list of GGUF files, and so can be taken off, checked and made the usual one."""
        return self.backend == "llamacpp" and bool(self.name)

    @property
    def measurable(self) -> bool:
        """Whether the bench can ask it now."""
        return self.available and self.there


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that the Ollama server has in memory, in bytes, until a moment (ISO)."""

    name: str
    size: int
    gpu_size: int = 0
    context: int = 0
    until: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """Who answers a task; ``own``: the project says so."""

    backend: str
    model: str = ""
    mode: str = ""
    own: bool = False

    @property
    def key(self) -> str:
        """Key of the model that it names; a backend alone names its usual model."""
        return f"{self.backend}/{self.model}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that the place shows, as it was told last."""

    rows: tuple[ModelRow, ...] = ()
    total: int = 0
    free: int = 0
    machine: str = ""
    routes: Mapping[str, Routing] = field(default_factory=dict)
    bench: tuple[BenchResult, ...] = ()

    def row(self, key: str) -> ModelRow | None:
        """A model by its key."""
        return next((row for row in self.rows if row.key == key), None)


def read_catalogue(reply: Mapping[str, Any]) -> Catalogue:
    """The service's answer as a catalogue."""
    memory = reply.get("memory") or {}
    routes = {
        task: Routing(one["backend"], one.get("model") or "", one.get("mode") or "", bool(one.get("own")))
        for task, one in (reply.get("routes") or {}).items()
    }
    known = ModelRow.__dataclass_fields__.keys() - {"tasks"}
    rows = [ModelRow(**{k: v for k, v in one.items() if k in known}) for one in reply.get("models", ())]
    return Catalogue(
        tuple(_with_tasks(row, rows, routes) for row in rows),
        int(memory.get("total") or 0),
        int(memory.get("available") or 0),
        str(reply.get("machine") or ""),
        routes,
        tuple(BenchResult.model_validate(one) for one in reply.get("bench", ())),
    )


def _with_tasks(row: ModelRow, rows: list[ModelRow], routes: Mapping[str, Routing]) -> ModelRow:
    tasks = tuple(task for task, route in routes.items() if answers(route, rows) == row.key)
    return ModelRow(**{**{name: getattr(row, name) for name in ModelRow.__dataclass_fields__}, "tasks": tasks})


def answers(route: Routing, rows: list[ModelRow] | tuple[ModelRow, ...]) -> str:
    """Key of the model that a route comes to now: ``auto`` is the best that is there, a backend alone its usual one."""
    usable = [row for row in rows if row.measurable]
    if route.backend != "auto":
        usable = [row for row in usable if row.backend == route.backend]
        if route.model:
            return route.key
    if not usable:
        return ""
    return next((row.key for row in usable if row.default), usable[0].key)


# -- words ----------------------------------------------------------------------------------------


def size_words(row: ModelRow) -> str:
    """``2.4 GB``; nothing where it is not known."""
    return words.bytes_(row.size_bytes) if row.size_bytes else ""


def kind_words(row: ModelRow) -> str:
    """Architecture and parameters: ``phi3 3.8B``."""
    if row.backend == "builtin":
        return "sentence encoder"
    if row.backend == "rules":
        return "no model"
    return " ".join(part for part in (row.architecture, row.parameters) if part)


def short_kind(row: ModelRow) -> str:
    """Parameters and quantisation, ``3.8B Q4_K_M``: the name mostly says the rest."""
    if row.backend in OWN:
        return "encoder" if row.backend == "builtin" else "no model"
    return " ".join(part for part in (row.parameters, row.quantisation) if part)


def tokens_words(tokens: int) -> str:
    """``4k``, ``128k``: thousands of tokens as models count them, in 1,024."""
    return f"{tokens // 1024}k" if tokens >= 1024 else str(tokens or "")


def context_words(row: ModelRow) -> str:
    """``4,096``; tokens."""
    return f"{row.context:,}" if row.context else ""


def need(row: ModelRow) -> int:
    """Bytes of memory that a model needs; 0 where nobody knows."""
    return row.memory_bytes


def fit_share(row: ModelRow, free: int) -> float:
    """Needed memory as a share of what is available; may be above 1; 0 where it is not known."""
    return need(row) / free if need(row) and free else 0.0


def fit_token(row: ModelRow, free: int) -> Token:
    """Green fits, amber tight, red does not."""
    share = fit_share(row, free)
    if not share:
        return "dim"
    if row.memory in ("no", "tight"):
        return "bad" if row.memory == "no" else "warn"
    return "bad" if share > 1 else "warn" if share > 0.8 else "good"


def fit_words(row: ModelRow, free: int) -> str:
    """How the need compares, in words."""
    if row.backend in ("builtin", "rules"):
        return "small"
    if row.backend == "ollama":
        return "server's" if row.there else ""
    if not need(row):
        return ""
    verdict = {"good": "fits", "warn": "tight", "bad": "too large"}.get(fit_token(row, free), "")
    return verdict if verdict == "too large" else f"{words.bytes_(need(row))} {verdict}".strip()


def fit_sentence(row: ModelRow, free: int, total: int) -> str:
    """The same as a sentence, for the details."""
    if row.backend == "builtin":
        return "It lives in the program's own process and takes about 130 MB."
    if row.backend == "rules":
        return "Rules need no memory to speak of."
    if row.backend == "ollama":
        return "The Ollama server loads it and decides what it leaves in memory."
    if not need(row) or not free:
        return "Not known here."
    there = (
        f"{words.bytes_(free)} of {words.bytes_(total)} are available now" if total else f"{words.bytes_(free)} free"
    )
    said = {
        "good": "It fits",
        "warn": "It is tight: other programs may be pushed out",
        "bad": "It does not fit: close other programs or take a smaller one",
    }[fit_token(row, free)]
    return f"{said}. It needs about {words.bytes_(need(row))}; {there}."


STATES: dict[str, tuple[str, Token]] = {
    "verified": ("trusted", "good"),
    "unknown": ("unknown", "dim"),
    "changed": ("changed", "bad"),
}


def state_words(row: ModelRow) -> tuple[str, Token]:
    """Whether somebody vouches for the content, and its colour."""
    if row.backend == "builtin":
        return "shipped", "good"
    if row.backend == "ollama" and row.there:
        return "server's", "dim"
    return STATES.get(row.state, ("", ""))


def ready_words(row: ModelRow) -> tuple[str, Token]:
    """``ready``, or why not."""
    return ("ready", "good") if row.available else (row.why or "not there", "warn")


def task_words(row: ModelRow) -> str:
    """Tasks that come to it: ``drafts, policies``."""
    return ", ".join(title.lower() for task, title, _ in TASKS if task in row.tasks)


def until_words(until: str, now: str) -> str:
    """``4 min`` until a moment, both ISO 8601; ``for good`` where it is years away, nothing where it cannot be read."""
    from datetime import datetime

    try:
        left = (datetime.fromisoformat(until) - datetime.fromisoformat(now)).total_seconds()
    except (ValueError, TypeError):
        return ""
    if left > 86_400 * 365:
        return "for good"
    return words.milliseconds(1000 * left) if left > 0 else "now"
