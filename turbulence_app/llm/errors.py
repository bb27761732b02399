"""What can go wrong on the way to a model, as types: the gateway decides by type, the user reads the line."""

from __future__ import annotations

from turbulence_app.domain.errors import MachineError


class ModelError(MachineError):
    """A model could not answer. ``reason`` is a short code for counters and tests."""

    reason = "model"


class ModelAbsentError(ModelError):
    """The backend or the model is not here: not installed, not running, no such file."""

    reason = "absent"


class ModelFileError(ModelError):
    """The model file is missing, not GGUF, damaged or of a kind that cannot be used."""

    reason = "file"


class ModelBusyError(ModelError):
    """The server has too much to do; trying later may help."""

    reason = "busy"


class ModelTimeoutError(ModelError):
    """No whole answer before the deadline."""

    reason = "timeout"


class ModelCrashError(ModelError):
    """The model's process ended by itself (or had to be killed) while it worked."""

    reason = "crash"


class ModelGarbageError(ModelError):
    """The server or the worker said something outside its protocol, too much, or nothing at all."""

    reason = "garbage"


class PromptTooLongError(ModelError):
    """Prompt and answer do not fit into the model's context; nothing is ever cut off in silence."""

    reason = "prompt_too_long"


class ModelRefusedError(ModelError):
    """Refused by us: a cloud model, or a host that is not on the list."""

    reason = "refused"
