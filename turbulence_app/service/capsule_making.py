"""The capsule of a shrunk failure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from turbulence_app import __version__
from turbulence_app.domain.capsule import Capsule, Origin, Seen
from turbulence_app.domain.failure import Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.recording import Recording
from turbulence_app.domain.run import RunManifest
from turbulence_app.engine.digests import ENGINE_VERSION
from turbulence_app.engine.plan import compile_plan
from turbulence_app.formats.redacted import redacted
from turbulence_app.insight import words

MAX_STORY = 200


def make(shrunk: Shrunk, inputs: RunInputs, manifest: RunManifest, recording: Recording | None = None) -> Capsule:
    """The capsule of a shrunk failure; without credentials and names of people.

    ``recording`` is that of a live run's user: the exchanges against which the capsule is run.
    """
    failure = shrunk.failure
    broken = next((e for e in shrunk.story if e.kind == "violation" and e.detail == failure.invariant), None)
    rules = {rule.name: rule for rule in compile_plan(inputs).rules}
    return Capsule(
        name=_name(failure.invariant, manifest, failure.user),
        says=rules[failure.invariant].says if failure.invariant in rules else "",
        target=inputs.target,
        seen=Seen(
            invariant=failure.invariant, user=failure.user, step=broken.step if broken else failure.step,
            at_us=broken.at_us if broken else failure.at_us,
            events=shrunk.events, message=failure.message, digest=shrunk.digest,
        ),
        users=shrunk.users or (failure.user,),
        faults=shrunk.fault_numbers,
        until_us=shrunk.until_us,
        fresh=shrunk.fresh,
        fixed=shrunk.fixed,
        choices=shrunk.choices,
        recorded=() if recording is None else (recording.plain(),),
        minimal=shrunk.minimal,
        proof=shrunk.proof,
        story=tuple(story_line(event.at_us, event.data.get("user"), event.step, words.event(event))
                    for event in shrunk.story[:MAX_STORY]),
        version=__version__,
        engine_version=ENGINE_VERSION,
        build=manifest.build,
        origin=Origin(
            run_id=manifest.run_id, scenario=manifest.scenario, user=failure.user, users=manifest.users,
            seed=manifest.seed, choices=shrunk.found_choices, candidates=shrunk.candidates,
            at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ),
        inputs=redacted(inputs),
    )  # fmt: skip


def story_line(at_us: int, user: object, step: str, told: str) -> str:
    """One line of a story: when, who where there are several, where, what."""
    who = f"user {user}  " if user is not None else ""
    return f"{words.clock(at_us)}  {who}{step}{'  ' if step else ''}{told}"


def _name(invariant: str, manifest: RunManifest, user: int) -> str:
    parts = [invariant, manifest.scenario or manifest.workflow, str(manifest.seed), str(user)]
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", "-".join(parts)).strip("-.")[:90] or "capsule"
