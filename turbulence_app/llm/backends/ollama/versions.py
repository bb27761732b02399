"""What differs between versions of the Ollama server, as far as it matters here, in one table."""

from __future__ import annotations

import re
from dataclasses import dataclass

Number = tuple[int, int, int]

SINCE: dict[str, Number] = {
    "schema": (0, 5, 0),  # `format` takes a JSON schema
    "capabilities": (0, 6, 4),  # `show` says what a model can do (completion, thinking)
    "think": (0, 9, 0),  # `think` is understood
    "context_length": (0, 10, 0),  # `ps` says with how much context a model is loaded
    "remote": (0, 12, 0),  # cloud models, `remote_host` and `remote_model`
    "truncate": (0, 12, 6),  # `truncate: false` and `shift: false`: a prompt that is too long is an error, not cut
    "cloud_status": (0, 16, 2),  # `/api/status` says whether cloud features are off
    "llama_server": (0, 30, 0),  # llama-server does the work: answers depend on its prompt cache, its 500s are new
    "thinking_schema": (0, 31, 2),  # `format` holds for thinking models that are told not to think
}
"""First release with each; read from the server's sources (github.com/ollama/ollama, up to August 2026)."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a server says that it is. A build without a release number (``0.0.0``) counts as the newest."""

    text: str
    number: Number | None

    def has(self, feature: str) -> bool:
        """Whether this version has a feature of :data:`SINCE`."""
        return self.number is None or self.number >= SINCE[feature]


def parse(text: object) -> Version:
    """``0.24.0``, ``v0.33.0-rc2`` (counts as 0.33.0), anything."""
    shown = "".join(c for c in str(text)[:40] if c.isprintable()) if isinstance(text, str) else "?"
    found = re.match(r"v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:[-+.]|$)", shown)
    if not found:
        return Version(shown, None)
    major, minor, patch = (int(part or 0) for part in found.groups())
    return Version(shown, (major, minor, patch) if (major, minor, patch) != (0, 0, 0) else None)
