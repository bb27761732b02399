"""A loopback proxy for one service of a project, with a scenario's faults in it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.workflow import CallStep
from turbulence_app.formats.folder import Folder
from turbulence_app.service.inputs import Overrides, build_inputs
from turbulence_app.service.live import Live, permitted, place_of


@dataclass(frozen=True, slots=True)
class Proxied:
    """What a proxy did; ``faults``: label, kind, how often it struck."""

    requests: int
    forwarded: int
    unreachable: int
    faults: tuple[tuple[str, str, int], ...]
    left_out: tuple[str, ...]


def serve(
    folder: Folder,
    scenario: str | None,
    *,
    service: str | None,
    port: int,
    seed: int | None,
    said: Live,
    seconds: float | None,
    ready: Callable[[int, str], None],
    should_stop: Callable[[], bool],
) -> Proxied:
    """Serve until ``should_stop`` or for ``seconds``; ``ready`` hears the port and whom it stands in front of.

    Raises ``InputError`` for a service that is not there or may not be asked, ``MachineError`` for a port in use.
    """
    import asyncio

    from turbulence_app.engine.live.environment import names_asked
    from turbulence_app.engine.live.execute import prepare
    from turbulence_app.engine.live.proxy import Proxy

    inputs = build_inputs(folder, scenario, None, Overrides(target="http", seed=seed, live=said))
    asked = {step.service for step in inputs.workflow.steps() if isinstance(step, CallStep) and step.service}
    name = service or (next(iter(asked)) if len(asked) == 1 else "")
    if name not in asked:
        which = f"no step asks a service {name!r}" if name else "which service?"
        raise InputError(which, f"name one with --service: {', '.join(sorted(asked)) or 'the workflow has none'}")
    place = place_of(inputs, folder.root, said)
    assert place is not None
    blank = dict.fromkeys(names_asked(inputs), "")  # what clients send themselves need not be set here
    plan, servers = prepare(inputs, replace(place, environ={**blank, **os.environ}))
    server = servers[name]
    proxy = Proxy(plan, name, server)
    until = None if seconds is None else time.monotonic() + seconds

    def enough() -> bool:
        return should_stop() or (until is not None and time.monotonic() >= until)

    where = f"{'https' if server.tls else 'http'}://{server.host}{server.prefix}"
    with permitted(place), asyncio.Runner() as runner:
        counts = runner.run(proxy.serve(port, lambda found: ready(found, where), enough))
    faults = tuple((fault.label, fault.kind, counts.struck[fault.number]) for fault in plan.faults)
    return Proxied(counts.requests, counts.forwarded, counts.unreachable, faults, proxy.left_out)
