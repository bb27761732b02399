"""Verifying: run again what is stored and name the first place where the two part."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

import numpy as np

from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import ChunkDigest, Difference
from turbulence_app.engine.digests import run_digest
from turbulence_app.engine.execute import Snapshot, execute
from turbulence_app.engine.place import Place
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import run_user


def first_difference(
    inputs: RunInputs,
    digest: str,
    chunks: Sequence[ChunkDigest],
    *,
    place: Place | None = None,
    workers: int = 1,
    on_progress: Callable[[Snapshot], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Difference | None:
    """None where the recorded run repeats bit for bit, else the first chunk, user and draw that differ.

    A verification that was stopped compares what was done. ``chunks`` are the recorded digest blocks.
    """
    again = execute(inputs, place=place, workers=workers, on_progress=on_progress, should_stop=should_stop)
    recorded = {block.first_user: block for block in chunks}
    for number, new in enumerate(again.chunks):
        old = recorded.get(new.first_user)
        if old is None:
            if again.cancelled or not chunks:
                break
            return Difference(what="chunk", chunk=number, recorded="missing", recomputed=new.digest[:16])
        if old != new:
            return _inside(inputs, number, old, new)
    if again.cancelled:
        return None
    surplus = sorted(set(recorded) - {block.first_user for block in again.chunks})
    if surplus:
        first = recorded[surplus[0]]
        return Difference(what="chunk", chunk=len(again.chunks), recorded=first.digest[:16], recomputed="missing")
    if digest != again.digest:
        what = "the chunks' own" if digest != run_digest(chunks) else ""
        return Difference(what="digest", recorded=digest[:16], recomputed=again.digest[:16], draw=what or None)
    return None


def _inside(inputs: RunInputs, number: int, old: ChunkDigest, new: ChunkDigest) -> Difference:
    """Where inside a block: by the users' short fingerprints, then by the sums of the draws."""
    parted = {key for key in {*old.steps, *new.steps} if old.steps.get(key) != new.steps.get(key)}
    user = _first_user(old, new)
    if user is None and not parted:
        return Difference(what="chunk", chunk=number, recorded=old.digest[:16], recomputed=new.digest[:16])
    draw = _first_draw(inputs, user, parted) if user is not None else None
    key = draw.partition("#")[0] + ":" + draw.rpartition(":")[2] if draw else min(parted, default="")
    if key:
        was, now = old.steps.get(key), new.steps.get(key)
        words = (f"sum {was}" if was is not None else "not drawn", f"sum {now}" if now is not None else "not drawn")
    else:
        words = (old.digest[:16], new.digest[:16])
    return Difference(
        what="user" if user is not None else "chunk",
        chunk=number,
        user=user,
        draw=draw or key or None,
        recorded=words[0],
        recomputed=words[1],
    )


def _first_user(old: ChunkDigest, new: ChunkDigest) -> int | None:
    try:
        was = np.frombuffer(base64.b64decode(old.fingerprints, validate=True), "<u2")
    except ValueError:
        return None
    now = np.frombuffer(base64.b64decode(new.fingerprints), "<u2")
    shared = min(was.size, now.size)
    differ = np.flatnonzero(was[:shared] != now[:shared])
    if differ.size:
        return new.first_user + int(differ[0])
    return None if was.size == now.size else new.first_user + shared


def _first_draw(inputs: RunInputs, user: int, parted: set[str]) -> str | None:
    """The user's first draw among the kinds of draws whose sums differ."""
    if user >= inputs.users or inputs.target != "model":
        return None
    for draw in run_user(compile_plan(inputs), user).draws:
        if f"{draw.step}:{draw.purpose}" in parted:
            return draw.address
    return None
