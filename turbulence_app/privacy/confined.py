"""``python -m turbulence_app.privacy.confined MODULE``: runs a module without any network.

The confinement is in force before the module is imported; what it is stands in the environment variable
``TURBULENCE_CONFINEMENT`` (``level``, and ``closed`` or ``open``), for the module to report.
"""

from __future__ import annotations

import os
import runpy
import sys

from turbulence_app.privacy import sandbox

VARIABLE = "TURBULENCE_CONFINEMENT"


def main() -> None:
    """Confines this process and becomes the module that is named on the command line."""
    if len(sys.argv) < 2:
        sys.exit("usage: python -m turbulence_app.privacy.confined MODULE [ARGUMENTS]")
    found = sandbox.confine()
    os.environ[VARIABLE] = f"{found.level} {'closed' if found.closed else 'open'}"
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
