"""What a question is, as keys: the profile that shapes its answer, its raw text, and the slots that it is made of.

The canonical key is made from structured input, not from rendered text: nothing has to be normalised, so nothing can be
merged by mistake. Slots that say nothing about the answer (a time stamp, a request's id) are declared volatile.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from turbulence_app.llm.slots import Slots

SCHEME = 2
"""Raised when the meaning of keys or of stored values changes: older entries are then never found."""
KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything besides the question that shapes an answer. ``digest`` names the model's bytes, never its tag."""

    template: str
    template_version: int
    backend: str
    version: str
    digest: str
    mode: str
    seed: int
    schema: str
    """The schema (and tools, where there are any) as canonical JSON, or a digest of it."""
    options: str = ""


@functools.lru_cache(maxsize=1024)
def profile_digest(profile: Profile) -> str:
    """32 hexadecimal digits; computed once for each profile."""
    fields = [getattr(profile, name) for name in Profile.__slots__]
    return blake2b(canonical([SCHEME, *fields]).encode(), digest_size=KEY_BYTES).hexdigest()


def canonical(value: Any) -> str:
    """JSON of a kind that equal values always share: sorted keys, no blanks, ASCII. Raises for what is not JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def canonical_key(profile: str, slots: Slots) -> bytes:
    """16 bytes over the profile and every slot that is not volatile."""
    digest = blake2b(bytes.fromhex(profile), digest_size=KEY_BYTES)
    digest.update(canonical(slots.deciding()).encode())
    return digest.digest()


@dataclass(frozen=True)
class Question:
    """One question as the cache sees it. ``valid`` judges a kept document again: the document to serve, or None."""

    profile: str
    raw: str
    slots: Slots
    valid: Callable[[dict[str, Any]], dict[str, Any] | None]
    meta: Mapping[str, Any] = field(default_factory=dict)

    @functools.cached_property
    def key(self) -> bytes:
        """The canonical key: only made when the raw text is not known."""
        return canonical_key(self.profile, self.slots)
