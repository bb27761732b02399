# ruff: noqa: E501
"""Plain-language cues of behaviour: phrases so common that no vector is needed to read them.

Each cue speaks for (+) or against (-) a trait; a negation in front of it turns it round.
"""

from __future__ import annotations

import re

from turbulence_app.llm.builtin.text import is_negated

_CUES: tuple[tuple[str, str], ...] = (
    (r"\bpatien(?:t(?!'s|s\b| (?:name|details|record|file|portal))|ce\b)(?! (?:details|data))", "patience+ visit+"),
    (
        r"\b(?:happ(?:y|ily)|used|content|willing|glad(?:ly)?|prepared|likes?|ready) (?:to |with )?(?:\w+ )?wait(?:ing|s)?\b|\bwaits? (?:\w+ )?"
        r"(?:calmly|quietly|gladly|happily|patiently|as long as)",
        "patience+",
    ),
    (
        r"\bimpatien\w+|\bno patience|\blittle patience|\b(?:loses?|losing|out of|short on) patience|\bshort fuse",
        "patience- visit-",
    ),
    (
        r"\b(?:minds?|bothers?|annoyed by|complains? about|hates?|detests?|(?:can(?:no|['’])t|cannot) (?:stand|bear|abide))\b.{0,25}\b(?:wait\w*|slow\w*|delays?|queues?|loading)",
        "patience-",
    ),
    (
        r"\b(?:wait\w*|slow\w*|delays?|queues?|loading)\b(?:(?!\bnot\b|n['’]t\b|\bnever\b).){0,30}\b(?:bothers?|annoys?|infuriates?|upsets?|drives?|disturbs?|troubles?)",
        "patience-",
    ),
    (
        r"\b(?:wait\w*|slow\w*|delays?|queues?|loading)\b.{0,25}(?:\bnot|n['’]t|\bnever) (?:really |much |ever )?(?:bother|annoy|upset|disturb|trouble|worry|matter)",
        "patience+",
    ),
    (
        r"(?:\bnot|n['’]t|\bnever|\bhardly|\bun)[ -]?(?:\w+ )?(?:troubled|bothered|annoyed|upset|worried|put off|disturbed) by .{0,25}\b(?:wait\w*|slow\w*|delays?|queues?)",
        "patience+",
    ),
    (
        r"\b(?:plenty of|lots of|all the|enough|takes? (?:her|his|their|my)|free) time\b|\ball (?:day|afternoon|evening|morning|night)\b",
        "visit+ think+",
    ),
    (
        r"\b(?:in a (?:hurry|rush)|pressed for time|busy|hurried|rushed|short of time|(?:no|little|hardly any|not much|only a moment of) (?:\w+ )?time|in haste|lunch break)",
        "visit- think-",
    ),
    (
        r"\b(?:tries|try|trying|clicks?|presses|hits|submits?)\b.{0,30}\b(?:again and again|over and over|repeatedly|until)",
        "persist+ leave-",
    ),
    (r"\b(?:persistent|stubborn|tenacious|perseveres?|relentless)", "persist+ leave-"),
    (
        r"\b(?:tries|try|trying|tried|has another go)\b.{0,20}\b(?:again|once more|one more time|another time)|\bretr(?:y|ies)\b",
        "persist+",
    ),
    (r"\b(?:gives?|giving|gave) up\b|\bthrow(?:s|ing)? (?:in )?the towel", "persist- leave+"),
    (
        r"\b(?:the )?first (?:error|problem|failure|obstacle|sign of trouble|hurdle|hiccup|hitch)\b|\bone (?:error|failure|mistake) and",
        "persist- leave+",
    ),
    (
        r"\b(?:easily|quickly|soon) (?:discouraged|frustrated|put off|defeated|bored|scared|overwhelmed)",
        "persist- leave+ patience-",
    ),
    (
        r"\btyp(?:es?|ing|ist|ed)\b.{0,30}\b(?:slow\w*|two fingers|one finger|single finger|laborious\w*|pain\w*|hunt\w*|effort|trouble)",
        "type_slow+",
    ),
    (
        r"\b(?:slow\w*|two[- ]finger\w*|one[- ]finger\w*|hunt[- ]and[- ]peck|laborious)\b.{0,20}\btyp(?:es?|ing|ist)\b|\bkey by key|\bhunts? (?:for|and)",
        "type_slow+",
    ),
    (
        r"\b(?:with|uses?|using) (?:one|two|a single|his index|her index) fingers?\b",
        "type_slow+",
    ),
    (
        r"\btyp(?:es?|ing|ist)\b.{0,30}\b(?:fast|quick\w*|swift\w*|speed|rapid\w*|lightning|blind\w*|hurried)",
        "type_slow-",
    ),
    (
        r"\b(?:fast|quick|swift|rapid|touch|hurried|blazing|speedy)\b.{0,15}\b(?:typ(?:es?|ing|ist)|keyboard|thumbs|fingers)",
        "type_slow-",
    ),
    (
        r"\b(?:typos?|mistypes?|misspell\w*|wrong key|spelling mistakes|typing (?:errors|mistakes)|clumsy|fat fingers|sloppy)",
        "errors+",
    ),
    (r"\b(?:accurate|precise|flawless|error-free|without (?:typos|errors|mistakes))", "errors-"),
    (
        r"\b(?:skips?|skipping|ignores?|omits?)\b.{0,40}\b(?:optional|fields?|questions?|whatever|anything|everything|not required|can be)",
        "skip+",
    ),
    (
        r"\b(?:blank|empty)\b|\bbare minimum|\b(?:only|just|nothing but|no more than|minimum)\b.{0,30}\b(?:required|mandatory|necessary|compulsory|needed|must)",
        "skip+",
    ),
    (
        r"\b(?:fills?|filling|completes?|answers?|enters?)\b.{0,25}\b(?:every|all|everything|each|optional|voluntary|whole|complete)",
        "skip-",
    ),
    (
        r"\b(?:every|all|each)\b.{0,20}\b(?:fields?|box|boxes|questions?)\b.{0,15}\b(?:filled|completed|answered)|\bas much detail",
        "skip-",
    ),
    (
        r"\b(?:reads?|checks?|studies|examines|goes through|going through|gone through|inspects?)\b.{0,40}\b(?:careful\w*|every|everything|each|all|thorough\w*|twice|word for word|fine print|small print|line)",
        "think+",
    ),
    (
        r"\b(?:thorough\w*|meticulous\w*|careful(?!ly skip)\w*|deliberate\w*|cautious\w*|methodical\w*|thoughtful\w*|hesita(?:nt|tes)\w*|double-checks?|ponders?|pedantic)",
        "think+",
    ),
    (
        r"\b(?:impulsive\w*|impulse|hast(?:y|ily)|careless\w*|reckless\w*|spontaneous\w*|snap decision|without (?:reading|thinking|looking|hesitation))",
        "think-",
    ),
    (
        r"\b(?:as (?:fast|quickly) as possible|rush(?:es)? through|clicks? through|straight away|right away|in no time)",
        "think-",
    ),
    (
        r"\b(?:cheap\w*|bargains?|frugal|thrifty|stingy|budget|discounts?|every (?:cent|penny)|save money|low(?:est)? price|price-conscious|short of (?:cash|money)|broke|miser\w*|afford)",
        "thrift+",
    ),
    (
        r"\b(?:money|price|cost) (?:is|are) (?:no object|irrelevant|no issue|not an issue)|\b(?:price|money|cost)s? (?:does not|doesn't|do not|don't) matter|\b(?:price|cost)s? (?:comes? second|plays? no (?:role|part))|\b(?:wealthy|affluent|luxury)",
        "thrift-!",
    ),
    (
        r"\b(?:privacy|suspicious|paranoi\w+|distrust\w*|sceptic\w*|skeptic\w*|wary|data protection|mistrust\w*)",
        "guard+!",
    ),
    (r"\btrusts?\b|\btrusting\b|\bnothing to hide|\bgullible|\bnaive", "guard-"),
)
_COMPILED = tuple((re.compile(pattern, re.I), labels) for pattern, labels in _CUES)


def cued_traits(clause: str) -> dict[str, float]:
    """Trait to +1 or -1 for every cue that stands in the clause; ``!`` in the table keeps its sign under negation."""
    found: dict[str, float] = {}
    for pattern, labels in _COMPILED:
        match = pattern.search(clause)
        if match is None:
            continue
        turned = -1.0 if not labels.endswith("!") and is_negated(clause[: match.start()] + " .") else 1.0
        for label in labels.rstrip("!").split():
            found[label[:-1]] = (1.0 if label.endswith("+") else -1.0) * turned
    return found
