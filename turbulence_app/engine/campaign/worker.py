"""A worker process of a campaign: ``python -m turbulence_app.engine.campaign.worker``.

Reads lines: first the campaign (:func:`~turbulence_app.engine.campaign.runner.pack_campaign`), then one batch each;
answers ``{"batch": ...}``. Standard output is redirected to standard error before anything else, so that nothing that
an application prints can get among the messages.
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
    from turbulence_app.domain.errors import KnownError
    from turbulence_app.engine.campaign.runner import run_task, unpack_campaign

    def say(message: str) -> None:
        out.write(message + "\n")
        out.flush()

    try:
        first = sys.stdin.readline()
        if not first:
            return
        runner = unpack_campaign(first)
        for line in sys.stdin:
            say('{"batch": ' + run_task(runner, json.loads(line)) + "}")
        runner.close()
    except BrokenPipeError:
        return
    except KnownError as error:
        say(json.dumps({"refused": error.problem.message, "mend": error.problem.mend}))
    except Exception as error:
        say(json.dumps({"error": f"{type(error).__name__}: {error}"}))
        raise


if __name__ == "__main__":
    main()
