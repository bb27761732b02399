"""What the egress lock of this process recorded, in words. Says nothing where nothing is measured."""

from __future__ import annotations

from turbulence_app.insight.words import many
from turbulence_app.privacy import egress


def state() -> tuple[str, bool, str]:
    """Text for the status line, whether it is good, and the detail; an empty text where the lock is not on."""
    if not egress.locked():
        return "", True, ""
    detail = "The egress lock is on: sockets of this program reach this machine only, anything else is refused."
    allowed, refused = egress.allowed(), egress.refused()
    if allowed:
        return (
            f"network: {many(len(allowed), 'host')} on your list",
            False,
            f"{detail}\nOn your list: {', '.join(allowed)}",
        )
    if refused:
        last = egress.attempts()[-1]
        return (
            f"{many(refused, 'connection')} refused",
            False,
            f"{detail}\nLast: {last.event} to {last.target} at {last.at}",
        )
    return "0 bytes have left this machine", True, detail
