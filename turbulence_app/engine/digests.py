"""Digests: of inputs, of blocks of 4,096 users, of a run."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import ChunkDigest
from turbulence_app.engine.crowd import Chunk
from turbulence_app.engine.group import BLOCK

ENGINE_VERSION = 1
"""Raised whenever the same inputs would give other bits."""


def inputs_digest(inputs: RunInputs) -> str:
    """SHA-256 of everything that decides a run: not of descriptions, evidence or provenance."""
    document = inputs.model_dump(mode="json", by_alias=True)
    for member in document["crowd"]:
        for key in ("evidence", "provenance", "ranges"):
            member["policy"].pop(key, None)
    document["workflow"].pop("description", None)
    _forget(document["workflow"]["flow"])
    _forget_unsaid(document)
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{ENGINE_VERSION}\n{text}".encode()).hexdigest()


def _forget(steps: Any) -> None:
    for step in steps:
        step.pop("description", None)
        step.pop("prompt", None)
        for inner in ("if_true", "if_false", "steps"):
            _forget(step.get(inner) or ())


_LATER: dict[str, tuple[tuple[str, ...], ...]] = {
    "liveness": ((),),
    "durable": (("workflow",),),
    "keep_bytes": (("faults",),),
    "never": (("invariants",), ("workflow", "invariants")),
    "within": (("invariants",), ("workflow", "invariants")),
    "once_per": (("invariants",), ("workflow", "invariants")),
    "size": (("arrivals",),),
    "every_seconds": (("arrivals",),),
    "points": (("arrivals",),),
}
"""Keys that inputs did not have at first, and where they stand: unsaid they change no digest of older inputs."""


def _forget_unsaid(document: dict[str, Any]) -> None:
    for key, paths in _LATER.items():
        for path in paths:
            for holder in _holders(document, path):
                if key in holder and holder[key] in (None, []):
                    del holder[key]


def _holders(document: Any, path: tuple[str, ...]) -> list[dict[str, Any]]:
    for part in path:
        document = document[part]
    return document if isinstance(document, list) else [document]


def block_digests(chunk: Chunk) -> list[ChunkDigest]:
    """The digests of a finished chunk's blocks."""
    found = []
    sums = {key: counts.tolist() for key, counts in sorted(chunk.sums.items())}
    words = chunk.fingerprints.astype("<u8", copy=False)
    low = words.astype("<u2")
    for number, start in enumerate(range(0, chunk.users, BLOCK)):
        part = words[start : start + BLOCK]
        found.append(
            ChunkDigest.model_construct(
                first_user=chunk.first + start,
                users=int(part.size),
                digest=hashlib.sha256(part.data).hexdigest(),
                steps={key: counts[number] for key, counts in sums.items()},
                fingerprints=base64.b64encode(low[start : start + BLOCK].data).decode(),
            )
        )
    return found


def run_digest(blocks: Iterable[ChunkDigest]) -> str:
    """The digest of a whole run."""
    total = hashlib.sha256(f"turbulence {ENGINE_VERSION}".encode())
    for block in sorted(blocks, key=lambda b: b.first_user):
        total.update(f"{block.first_user}:{block.users}:{block.digest}\n".encode())
    return total.hexdigest()
