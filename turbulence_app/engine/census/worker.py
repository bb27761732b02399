"""A process that counts: ``python -m turbulence_app.engine.census.worker``.

Reads JSON lines: first ``{"inputs": ...}``, then ``{"first": n, "users": n}`` any number of times, then
``{"finish": true}``; answers ``{"ready": true}``, ``{"users": n}`` and ``{"census": base64}``. What it counted stays
here until the end, so that little travels.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys


def main() -> None:
    """Work until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    from turbulence_app.domain.inputs import RunInputs
    from turbulence_app.engine.census.census import Census
    from turbulence_app.engine.census.look import look_at
    from turbulence_app.engine.fast import accelerator
    from turbulence_app.engine.plan import compile_plan

    def say(message: dict[str, object]) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    try:
        plan = compile_plan(RunInputs.model_validate(json.loads(sys.stdin.readline())["inputs"]))
        accelerator.prepare(plan.users)
        found = Census.of(plan)
        say({"ready": True})
        for line in sys.stdin:
            order = json.loads(line)
            if "finish" in order:
                say({"census": base64.b64encode(found.pack()).decode()})
                continue  # its end is the parent's to bring about: before that it would look like a death
            found.add(*look_at(plan, order["first"], order["users"]))
            say({"users": order["users"]})
    except BrokenPipeError:
        return
    except Exception as error:
        say({"error": f"{type(error).__name__}: {error}"})
        raise


if __name__ == "__main__":
    main()
