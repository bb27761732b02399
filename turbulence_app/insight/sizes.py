"""How much smaller shrinking made a failure: the same measure on both sides.

The measure is choices: draws that are not the ordinary ones. Events are no measure: where nothing else goes wrong a
visit may well take longer.
"""

from __future__ import annotations

from turbulence_app.domain.failure import Shrunk


def found(shrunk: Shrunk) -> str:
    """As the run found it: ``28 choices``."""
    return _counted(shrunk.found_choices)


def smallest(shrunk: Shrunk) -> str:
    """As small as it got: ``1 choice``."""
    return _counted(len(shrunk.choices))


def proof(shrunk: Shrunk) -> str:
    """What was shown about the choices that are left; empty where it was stopped before."""
    if not shrunk.minimal or not shrunk.choices:
        return ""
    return "leave it out and it holds" if len(shrunk.choices) == 1 else "leave any one out and it holds"


def _counted(choices: int) -> str:
    return f"{choices:,} choice{'' if choices == 1 else 's'}"
