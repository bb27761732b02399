"""The validator of a post-mortem: bounded, only names that exist, no directives. Plain sentences may say anything else.

A directive tells somebody or something to act against the rules of the house: to pass over an invariant, to report a
verdict, to run a command. It is looked for as a sentence that commands, so "the retry fails" or "the check is skipped
by the flow" are no directives.
"""

from __future__ import annotations

import re
from typing import Any

from turbulence_app.domain.errors import Problem
from turbulence_app.domain.postmortem import Facts
from turbulence_app.llm.conform import violations
from turbulence_app.privacy.redaction import PLACEHOLDER

_RULES = (
    r"(?:invariants?|checks?|validators?|validation|assertions?|gates?|tests?|verdicts?|rules?|instructions?|prompts?)"
)
_DIRECTIVES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("it tells to pass over the rules", re.compile(
        rf"(?:^|[.;:!,]\s*|\b(?:please|must|should|you can|just|then|and)\s+)"
        rf"(?:ignore|disregard|forget|disable|skip|bypass|suppress|silence|weaken|remove|delete|turn\s+off|switch\s+off)"
        rf"\b[^.;]{{0,40}}\b{_RULES}\b", re.IGNORECASE)),
    ("it dictates a verdict", re.compile(
        r"\b(?:mark|report|treat|count|declare|label|record|return)\b[^.;]{0,40}\bas\s+(?:a\s+|an\s+)?"
        r"(?:pass(?:ed|ing)?|fail(?:ed|ing)?|confirmed|refuted|fixed|resolved|valid|approved)\b", re.IGNORECASE)),
    ("it gives a command to run", re.compile(
        r"(?:^|[.;:]\s*|\b(?:please|must|should|then)\s+)(?:run|execute|eval|invoke|type)\s+(?:the\s+)?"
        r"(?:following|command|script|code|this|`|\$|sudo|curl|wget|rm|pip|python|bash|sh)\b", re.IGNORECASE)),
    ("it holds code or an address", re.compile(
        r"`|\$\(|<\s*script|\b(?:https?|ftp|file)://|\brm\s+-|\bsudo\s|\bcurl\s+-|<\|", re.IGNORECASE)),
)  # fmt: skip
_NAME = re.compile(r"\b[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\b")


def check(document: Any, schema: dict[str, Any], facts: Facts) -> tuple[Problem, ...]:
    """Why the answer is not good; nothing where it is."""
    found = [Problem(words, "keep to the schema") for words in violations(document, schema)[:8]]
    if found:
        return tuple(found)
    known = set(facts.names)
    texts = [("headline", document["headline"]), ("cause", document["cause"])]
    texts += [(f"claims[{i}].because", claim["because"]) for i, claim in enumerate(document["claims"])]
    for path, text in texts:
        if not text.strip():
            found.append(Problem(f"{path} is empty", "say it in a sentence"))
        found += [Problem(f"{path}: {wrong}", "describe what happened instead") for wrong in directives(text)]
        strange = sorted({name for name in _NAME.findall(PLACEHOLDER.sub("", text)) if name not in known})
        if strange:
            found.append(Problem(f"{path} names {', '.join(strange[:4])}, which is not there", "use the names given"))
    keys = [claim["claim"] for claim in document["claims"]]
    if len(set(keys)) != len(keys):
        found.append(Problem("a claim is made twice", "make each once"))
    return tuple(found)


def directives(text: str) -> list[str]:
    """What in a text commands, in words."""
    return [says for says, pattern in _DIRECTIVES if pattern.search(text)]
