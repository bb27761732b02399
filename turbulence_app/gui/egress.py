"""What the egress lock of this process recorded, in words. Says nothing where nothing is measured."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec


def state() -> tuple[str, bool, str]:
    """Text for the status line, whether it is good, and the detail; an empty text where the lock is not on."""
    if find_spec("turbulence_app.privacy.egress") is None:
        return "", True, ""
    lock = import_module("turbulence_app.privacy.egress")
    if not lock.locked():
        return "", True, ""
    attempts = list(lock.attempts())
    detail = "The egress lock is on in this process: sockets reach this machine only, anything else is refused."
    if attempts:
        return f"{len(attempts)} connections refused", False, f"{detail}\nLast refused: {attempts[-1]}"
    return "0 bytes have left this machine", True, detail
