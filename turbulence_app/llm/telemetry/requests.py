"""One request on its way through the gateway, as telemetry sees it: an id, what happened, how it ended. No text."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from turbulence_app.domain.errors import CancelledError, InputError, MachineError

if TYPE_CHECKING:
    from turbulence_app.llm.telemetry.telemetry import Telemetry

_numbers = itertools.count(1)
_process = os.urandom(4).hex()


def new_id() -> str:
    """A correlation id: random by process, counted within it. It goes into events, logs and messages to workers."""
    return f"{_process}-{next(_numbers):06x}"


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a model. Times in nanoseconds, of the clock of its telemetry; ``error`` is a code or empty."""

    provider: str
    model: str
    began: int
    taken: int
    tokens_in: int = 0
    tokens_out: int = 0
    error: str = ""


@dataclass(slots=True)
class Request:
    """Under way, then finished. Used by one thread; every word is a code of ours or a model's name."""

    telemetry: Telemetry
    operation: str
    began: int
    id: str = field(default_factory=new_id)
    calls: list[Call] = field(default_factory=list)
    fallbacks: list[str] = field(default_factory=list)
    retries: int = 0
    waited: int = 0
    source: str = ""
    provider: str = ""
    model: str = ""
    error: str = ""
    taken: int = 0

    def call(self, provider: str, model: str) -> _OpenCall:
        """``with request.call("ollama", "phi3") as call:`` around one call; ``call.tokens(read, written)`` inside.

        An exception goes through and is counted under its ``reason`` (else ``cancelled`` or ``bug``).
        """
        return _OpenCall(self, provider, model)

    def retry(self, provider: str, reason: str) -> None:
        """A transient error, and the same is asked again."""
        self.retries += 1
        self.telemetry.retried(provider, reason)

    def queued(self, provider: str, seconds: float) -> None:
        """It waited for a place at the model."""
        self.waited += int(seconds * 1e9)
        self.telemetry.queued(provider, int(seconds * 1e9))

    def repaired(self, provider: str) -> None:
        """The first answer was invalid and the model was asked once more."""
        self.telemetry.repaired(provider)

    def fallback(self, reason: str) -> None:
        """Something less is taken, because of ``reason``; counted under the first one, if there is an answer at all."""
        self.fallbacks.append(reason)

    def saved(self, milliseconds: float, tokens: int) -> None:
        """The answer was made earlier; that is what it had cost then."""
        self.telemetry.saved(1e6 * milliseconds, tokens)

    def end(self, source: str, provider: str = "", model: str = "", error: str = "") -> None:
        """It has an answer from ``source``, or it ends with an ``error`` code (then ``source`` is empty). Once."""
        self.source, self.provider, self.model, self.error = source, provider, model, error
        self.telemetry.ended(self)


class _OpenCall:
    """See :meth:`Request.call`."""

    __slots__ = ("_began", "_model", "_provider", "_request", "_tokens")

    def __init__(self, request: Request, provider: str, model: str) -> None:
        self._request, self._provider, self._model = request, provider, model
        self._tokens = (0, 0)
        self._began = 0

    def tokens(self, read: int | None, written: int | None) -> None:
        """What the backend counted; None where it does not say."""
        self._tokens = (read or 0, written or 0)

    def read(self, result: object) -> None:
        """The same, out of whatever a backend answered with (``Completion``, ``Scored``)."""
        read = getattr(result, "prompt_tokens", None) or getattr(result, "tokens", None)
        self.tokens(read, getattr(result, "answer_tokens", None))

    def __enter__(self) -> _OpenCall:
        self._began = self._request.telemetry.clock()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        taken = self._request.telemetry.clock() - self._began
        code = "" if error is None else code_of(error)
        done = Call(self._provider, self._model, self._began, taken, *self._tokens, code)
        self._request.calls.append(done)
        self._request.telemetry.called(self._request.operation, done)


def code_of(error: BaseException) -> str:
    """The stable code of an error: its ``reason``, ``cancelled``, ``input``, ``machine`` or ``bug``."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, str):
        return reason
    return next((code for kind, code in _CODES if isinstance(error, kind)), "bug")


_CODES: tuple[tuple[type[BaseException], str], ...] = (
    (CancelledError, "cancelled"),
    (KeyboardInterrupt, "cancelled"),
    (InputError, "input"),
    (MachineError, "machine"),
)
Finished = Callable[[Request], object]
"""Told of every request that ended (the exporter)."""
