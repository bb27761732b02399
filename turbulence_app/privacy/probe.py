"""What is in force in this process, tried out: one JSON line on standard output.

Run through the launcher (``python -m turbulence_app.privacy.confined [--loopback] turbulence_app.privacy.probe``) it
tells what the launcher's other modules get. The address that is tried is nobody's (RFC 5737), by UDP: nothing is sent.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from turbulence_app.privacy import egress, sandbox
from turbulence_app.privacy.confined import VARIABLE


def look() -> dict[str, Any]:
    """``level``; and for Python's sockets, native code and child processes, whether they were refused."""
    level, _, state = os.environ.get(VARIABLE, "").partition(" ")
    return {
        "level": level or ("python" if egress.locked() else "none"),
        "closed": state != "open" and egress.holds(),
        "python": egress.holds(),
        "native": sandbox.is_closed_to_native_code(),
        "children": sandbox.is_closed_to_children(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(look()) + "\n")
