"""A worker process of a run: ``python -m turbulence_app.engine.worker``.

Reads JSON lines: first ``{"inputs": ...}``, then ``{"first": n, "users": n}``; answers ``{"ready": true}`` and
``{"first", "users", "tally", "blocks"}``. Standard output is redirected to standard error before anything else, so that
nothing printed can get among the messages.
"""

from __future__ import annotations

import json
import os
import signal
import sys


def main() -> None:
    """Work until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer; it ends its children itself
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    from turbulence_app.domain.inputs import RunInputs
    from turbulence_app.engine.execute import compute
    from turbulence_app.engine.plan import compile_plan

    def say(message: dict[str, object]) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    try:
        plan = compile_plan(RunInputs.model_validate(json.loads(sys.stdin.readline())["inputs"]))
        say({"ready": True})
        for line in sys.stdin:
            order = json.loads(line)
            part = compute(plan, order["first"], order["users"], lambda: False)
            if part is not None:
                blocks = [dict(b) for b in part.blocks]
                say({"first": part.first, "users": part.users, "tally": part.tally.pack(), "blocks": blocks})
    except BrokenPipeError:
        return
    except Exception as error:
        say({"error": f"{type(error).__name__}: {error}"})
        raise


if __name__ == "__main__":
    main()
