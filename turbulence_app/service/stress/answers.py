"""Answers that a model could have given: drawn from the schema that asks for them. Used by models that are none."""

from __future__ import annotations

import random
import string
from typing import Any


def drawn(schema: dict[str, Any], rng: random.Random) -> Any:
    """A value inside a schema of the kind that :mod:`turbulence_app.llm.grammar` takes."""
    if "anyOf" in schema:
        return drawn(schema["anyOf"][0], rng)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    kind = schema["type"]
    if kind == "object":
        return {name: drawn(inner, rng) for name, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return [drawn(schema["items"], rng) for _ in range(schema.get("minItems", 0))]
    if kind == "integer":
        return rng.randint(schema.get("minimum", 0), schema.get("maximum", 100))
    if kind == "string":
        return "".join(rng.choice(string.ascii_lowercase) for _ in range(schema.get("minLength", 0)))
    return rng.random() < 0.5 if kind == "boolean" else None
