"""A JSON schema as the server's own converter (llama.cpp's) takes it best.

That converter fails on, or silently ignores, what it does not know, so words that only explain are left out and the
numbers stay small integers. Its grammar still lets white space through and characters that ours does not: the answer
is validated all the same.
"""

from __future__ import annotations

from typing import Any

_EXPLAINS = frozenset({"title", "description", "default", "examples", "$schema", "$id", "$comment"})


def for_server(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema without what only explains; the order of properties is kept, it is the order of writing."""
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _EXPLAINS:
            continue
        if key in ("properties", "$defs") and isinstance(value, dict):
            plain[key] = {name: for_server(inner) for name, inner in value.items()}
        elif key == "const":
            plain["enum"] = [value]
        elif isinstance(value, dict):
            plain[key] = for_server(value)
        elif key in ("anyOf", "oneOf", "allOf", "prefixItems"):
            plain[key] = [for_server(inner) for inner in value]
        else:
            plain[key] = value
    return plain
