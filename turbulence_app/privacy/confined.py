"""``python -m turbulence_app.privacy.confined [--loopback] [--allow HOST]... MODULE``: runs a module without a network.

Without an option the process gets no network at all, from the kernel where it can be had. ``--loopback`` leaves it
this machine (and the hosts that are allowed) behind the egress lock, as the program itself has it. Either is in force,
and the ledger kept, before the module is imported; what it is stands in the environment variable
``TURBULENCE_CONFINEMENT`` (``level``, and ``closed`` or ``open``), for the module to report.
"""

from __future__ import annotations

import os
import runpy
import sys

from turbulence_app.privacy import egress, ledger, sandbox

VARIABLE = "TURBULENCE_CONFINEMENT"
USAGE = "usage: python -m turbulence_app.privacy.confined [--loopback] [--allow HOST]... MODULE [ARGUMENTS]"
PROCESSES = {
    "turbulence_app.llm.worker": "model worker",
    "turbulence_app.engine.worker": "engine worker",
    "turbulence_app.engine.campaign.worker": "campaign worker",
    "turbulence_app.engine.world.host": "application's process",
    "turbulence_app.privacy.probe": "self-test",
}
"""What the ledger calls them."""


def main() -> None:
    """Confines this process and becomes the module that is named on the command line."""
    arguments = sys.argv[1:]
    loopback, hosts = False, list[str]()
    while arguments and arguments[0].startswith("--"):
        option = arguments.pop(0)
        if option == "--loopback":
            loopback = True
        elif option == "--allow" and arguments:
            hosts.append(arguments.pop(0))
        else:
            sys.exit(USAGE)
    if not arguments:
        sys.exit(USAGE)
    found = _behind_the_lock(hosts) if loopback or hosts else sandbox.confine()
    os.environ[VARIABLE] = f"{found.level} {'closed' if found.closed else 'open'}"
    ledger.start(PROCESSES.get(arguments[0], arguments[0]))
    sys.argv = arguments
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _behind_the_lock(hosts: list[str]) -> sandbox.Confinement:
    egress.lock(hosts)
    return sandbox.Confinement("python", closed=egress.holds(), reason="this machine and the allowed hosts are needed")


if __name__ == "__main__":
    main()
