# ruff: noqa: E501
"""Words for what befalls people anywhere: something fails, something is slow, somebody leaves or tries again."""

from __future__ import annotations

import re

TROUBLE = re.compile(
    r"\b(?:fail\w*|error\w*|wrong|problem\w*|declin\w+|refus(?:ed|es|al)|reject\w+|br(?:o|ea)k(?:e|s|en)?|crash\w*|trouble"
    r"|acts? up|turned down|hitch|hiccup|stuck|sticks|lets? (?:him|her|them|me) down|went (?:wrong|down)|complains"
    r"|(?:not|\w*n['’]t|cannot) (?:\w+ )?(?:work\w*|go\w*|load|be (?:\w+ed|read|saved|sent)|save|arrive))\b",
    re.I,
)

SLOW = re.compile(
    r"\b(?:slow\w*|tak(?:es?|ing) (?:\w+ )?(?:long\w*|more|ages|forever|over)|ages|loading|hangs?|hanging|queues?"
    r"|delay\w*|wait\w*|lags?|exceeds?|on hold)\b",
    re.I,
)
LEAVING = re.compile(
    r"\b(?:leav(?:e|es|ing)\b(?! (?:\w+ ){0,3}(?:blank|empty|out|open|unticked|as|to|alone))|giv(?:e|es|ing|en) up|gave up"
    r"|quit\w*|abandon\w*|walk\w* (?:away|off|out)|wander\w* off|drop(?:s|ped)? (?:it|out|off|the (?:idea|matter|whole|plan))|gone|left(?= (?:it|the|at once|without|for good|empty)\b|$)|calls? it (?:a day|quits)|lets? it (?:go|be|drop)|forgets? (?:it|about)|forgot about|goes (?:away|home|elsewhere)"
    r"|clos(?:e|es|ing)|cancel\w*|slams?|hangs? up|shuts?|log(?:s|ging)? off|without \w+ing)\b",
    re.I,
)
LEAVES = re.compile(
    r"\b(?:leav(?:e|es|ing)(?=$|:| the| without| it$)|giv(?:e|es|ing) up|quits?|abandons?|exit|walks? (?:away|off|out)"
    r"|drops? (?:it|out)|stops? trying)\b",
    re.I,
)
"""Options that say so themselves."""
ATTEMPTS = re.compile(
    r"\b(?:tr(?:y|ies|ying)|retr\w+|re-?sen\w+|resubmit\w*)\b.{0,25}\b(?:again|once|twice|times|first|then|until)", re.I
)
OTHER_WAY = re.compile(
    r"\b(?:tr(?:y|ies)|takes?|picks?|uses?|chooses?|switch\w* to|goes? to|enters?) (?:(?:simply|just|then) )?(?:another(?! (?:time|go|try|attempt))|a different|some other)\b",
    re.I,
)
TRIES_SOMETHING = re.compile(
    r"\btr(?:y|ies)(?: out)? (?:an?|the|some|new|every|any) (?!\w* ?(?:second|third|time|times|while)\b)", re.I
)
"""Trying a thing, which is not trying again."""
INDIFFERENT = re.compile(
    r"\b(?:all the same|all one|no matter|(?:does|do|did)(?:n['’]t| not) matter|indifferent|(?:makes?|is) no difference|either way|could(?:n['’]t| not) care less)\b",
    re.I,
)
"""What leaves somebody cold speaks for none of the things that it names."""
