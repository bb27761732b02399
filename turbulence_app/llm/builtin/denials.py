# ruff: noqa: E501
"""What somebody rules out (`never`, `under no circumstances`, `would not dream of`): options that are next to impossible."""

from __future__ import annotations

import re

import numpy as np

from turbulence_app.llm.builtin.choices import Choice
from turbulence_app.llm.builtin.encoder import Array, Encoder
from turbulence_app.llm.builtin.heads import KINDS
from turbulence_app.llm.builtin.naming import named
from turbulence_app.llm.builtin.reading import Reading
from turbulence_app.llm.builtin.situations import LEAVING
from turbulence_app.llm.builtin.text import is_negated, leanings, says_no, without_negation

NEVER, UNWILLING = 0.02, 0.06
"""The most that is left of an option that is ruled out, and of one that somebody is firmly unwilling to take."""
NEAR, APART = 0.36, 0.7
"""Likeness and logits by which it is plain which option is ruled out."""
HOLDS = 0.4
"""From which fit a clause rules anything out at a decision."""
LEAVES_PLAINLY, REPEATS_PLAINLY = 0.5, 0.5
"""Kinds from which an option means leaving, and trying again."""
_ABSOLUTE = re.compile(
    r"\b(?:(?:would |will |has |have |had |can |could )?(?:never|not once)(?:,? ever)?|(?:under|in) no circumstances|on no account|at no (?:price|point)|no way|absolutely (?:not|no)"
    r"|(?:would|will|could|can|does|do|did)(?:n['’]t| not) (?:ever|dream of|think of|hear of|touch|go near|be caught dead)|wo(?:n['’]t) (?:ever|hear of|touch|go near)|over (?:his|her|my|their) dead body"
    r"|wild horses|in a million years|for love nor money|if (?:you|they|somebody|someone) (?:paid|begged|forced|offered)\b.{0,12}|not for (?:the world|anything|all the)|out of the question|a no-?go|off the table|not an option|is (?:taboo|off limits)"
    r"|nothing (?:in the world|on earth)|would (?:rather|sooner) die than|no \w+ whatsoever|wants? nothing to do with|has no place|nobody will (?:ever )?(?:get|make|persuade)|abhors?|loath\w+|detest\w*|hates?)\b",
    re.I,
)
_FIRM = re.compile(
    r"\b(?:won['’]t|will not|would(?:n['’]t| not)|refus\w+|no|zero|doesn['’]t|does not|don['’]t|do not|isn['’]t|is not|avoid\w*|dreads?|shuns?|steers? clear|nothing|without|rip-?off|a waste of|nonsense|pointless|useless)\b",
    re.I,
)
_TAMED = re.compile(
    r"\b(?:unless|until|before|sometimes|usually|often|always(?= \w+ not)|mind|matter|know|care|only|just|too|more than|sure|tir(?:e|es|ed) of|fails? to|forgets?|misses|enough|really)\b|\bnot (?:just|only)",
    re.I,
)
"""What keeps a negation from ruling out what it stands beside."""

_EXCEPT = re.compile(r"\b(?:unless|until|till|except|before)\b", re.I)


def ruled_out(choice: Choice, reading: Reading, encoder: Encoder, fits: Array) -> dict[int, float]:
    """Options that the text rules out at this decision, with the most that is left of each."""
    found: dict[int, float] = {}
    for (_, main), fit in zip(reading.settings, fits, strict=True):
        if fit < HOLDS or _EXCEPT.search(main):
            continue
        for text, sign in leanings(main):
            bound = _bound(text) if sign < 0 else None
            if bound is not None:
                for option in _options(text, choice, encoder):
                    found[option] = min(bound, found.get(option, 1.0))
    if choice.failure > HOLDS and reading.retries and max(count for count, _ in reading.retries) == 0:
        for again in np.flatnonzero(choice.kinds[:, KINDS.index("retry")] > REPEATS_PLAINLY):
            found[int(again)] = min(UNWILLING, found.get(int(again), 1.0))
    return found


def _bound(text: str) -> float | None:
    if not says_no(text) or _TAMED.search(text):
        return None
    return NEVER if _ABSOLUTE.search(text) else UNWILLING if _FIRM.search(text) else None


def _options(text: str, choice: Choice, encoder: Encoder) -> list[int]:
    """The options named by the words that are denied; an option that is itself a `not` is not what is denied."""
    bare = " ".join(_ABSOLUTE.sub(" ", without_negation(text)).split())
    if not bare or (is_negated(bare) and not _FIRM.search(bare)):
        return []
    leaves = choice.kinds[:, KINDS.index("leave")] > LEAVES_PLAINLY
    if LEAVING.search(bare):
        return [int(i) for i in np.flatnonzero(leaves)]
    match = named(bare, choice, encoder)
    barred = np.array(choice.negated) | leaves
    kept = match._replace(near=np.where(barred, -1.0, match.near), plain=np.where(barred, -99.0, match.plain))
    best = kept.best(NEAR, APART)
    return [] if best is None else [best]
