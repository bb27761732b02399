"""What can go wrong on the way to a model, as types: the gateway decides by type, the user reads the line.

Every type has a stable code (``reason``) for counters, notes and tests, and says two things about itself: whether
asking the same again may help (``transient``), and whether it speaks against the model's health (``trips``: a breaker
counts it).
"""

from __future__ import annotations

from turbulence_app.domain.errors import MachineError


class ModelError(MachineError):
    """A model could not answer. ``reason`` is a short code for counters and tests."""

    reason = "model"
    transient = False
    """Whether the same question may succeed a moment later."""
    trips = True
    """Whether a breaker counts it as a failure of the model."""
    retry_after: float | None = None
    """Seconds that the server asked to be left alone, where it said so."""
    answer_tokens: int = 0
    """Tokens of the answer that were written before it failed, estimated."""


class ModelAbsentError(ModelError):
    """The backend or the model is not here: not installed, not running, no such file."""

    reason = "absent"
    trips = False


class ModelFileError(ModelError):
    """The model file is missing, not GGUF, damaged or of a kind that cannot be used."""

    reason = "file"
    trips = False


class ModelBusyError(ModelError):
    """The server has too much to do; trying later may help."""

    reason = "busy"
    transient = True


class ModelTimeoutError(ModelError):
    """No whole answer before the deadline."""

    reason = "timeout"
    transient = True  # of one attempt; when the whole budget is used up there is no time to try again


class BudgetError(ModelTimeoutError):
    """The time for the whole answer is used up; nothing was (or can be) asked any more."""

    reason = "budget"
    transient = False
    trips = False


class QueueTimeoutError(BudgetError):
    """The time was used up while other requests had the model."""

    reason = "queue"


class BreakerOpenError(ModelError):
    """The model failed too often a moment ago and is left alone; ``retry_after`` says for how long."""

    reason = "breaker_open"
    trips = False


class ModelBrokenError(ModelError):
    """The connection broke, or the server failed inside (HTTP 5xx)."""

    reason = "broken"
    transient = True


class ModelCrashError(ModelError):
    """The model's process ended by itself (or had to be killed) while it worked."""

    reason = "crash"
    transient = True


class ModelGarbageError(ModelError):
    """The server or the worker said something outside its protocol, too much, or nothing at all."""

    reason = "garbage"


class PromptTooLongError(ModelError):
    """Prompt and answer do not fit into the model's context; nothing is ever cut off in silence."""

    reason = "prompt_too_long"
    trips = False


class ModelRefusedError(ModelError):
    """Refused by us: a cloud model, or a host that is not on the list."""

    reason = "refused"
    trips = False


class ModelMemoryError(ModelError):
    """The model does not fit into the memory that is free."""

    reason = "memory"
    trips = False
