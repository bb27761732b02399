"""Versions of a policy that a person can compare with or go back to. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.policy import Policy

_REASONS = {"edited": "edited", "generated": "compiled", "approved": "approved", "imported": "imported"}


@dataclass(frozen=True, slots=True)
class Version:
    """One version: when and why it was saved; ``approved`` where a person let it through."""

    policy: Policy
    saved_at: str
    reason: str

    @property
    def approved(self) -> bool:
        """Whether a person let it through."""
        return self.policy.approved

    @property
    def words(self) -> str:
        """For a list."""
        made = self.policy.provenance
        when = _moment(made.approved_at if self.approved and made.approved_at else self.saved_at)
        if self.approved:  # the time first: a list that is narrow cuts the end
            return f"approved {when} by {made.approved_by}" if when else f"approved by {made.approved_by}"
        what = _REASONS.get(self.reason, self.reason)
        return f"{what} · {when}" if when else what

    @property
    def detail(self) -> str:
        """For a tooltip."""
        made = self.policy.provenance
        return f"{made.backend} {made.model}".strip() + (f", {made.mode}" if made.mode else "")


def versions_of(reply: Any, now: Policy | None, approved: Policy | None) -> tuple[Version, ...]:
    """Versions out of the service's answer to ``policy_history``, newest first; the last approved one leads.

    The policy as it is now is no version to compare with, and of equal ones the newest is enough.
    """
    entries = reply if isinstance(reply, list) else reply.get("versions", []) if isinstance(reply, Mapping) else []
    found = [Version(_policy(entry), str(entry.get("saved_at", "")), str(entry.get("reason", ""))) for entry in entries]
    lead = [Version(approved, approved.provenance.approved_at or "", "approved")] if approved is not None else []
    return tuple(_unlike([*lead, *found], now, approved))


def _unlike(versions: Iterable[Version], now: Policy | None, approved: Policy | None) -> Iterable[Version]:
    seen: list[Policy] = []
    for version in versions:
        same = version.policy == now and version.policy != approved
        if not same and version.policy not in seen:
            seen.append(version.policy)
            yield version


def _policy(entry: Mapping[str, Any]) -> Policy:
    return Policy.model_validate(entry.get("policy", entry))


def _moment(text: str) -> str:
    return text[:16].replace("T", " ")
