# ruff: noqa: E501
"""Descriptions into clauses that keep their place in the text, and what is negated, rejected or weakened in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_CONDITION = 8
"""Words of a condition behind its clause; what is longer holds more than the condition."""
MAX_CLAUSES = 200
"""Clauses read of one description; what comes after adds no more than time."""

_COUNTED = re.compile(r"\b(?:once|twice|thrice|times|another|one more|a second)\b", re.I)
_SENTENCE = re.compile(r"(?:[^.!?;\n]|[.](?=\S)|[?](?= (?:No|Never|Not)\b))+[.!?;]*")
_JOINT = re.compile(
    r"\s*(?:[,;:]|\s[-–—])\s+(?:and\s+)?(?=\S)(?!ever\b|though\b)|\s+(?=(?:but|while|whereas|although|though|yet)\s)|\s+(?=and\s)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"^(?:and |but |or )?(?:if|when|whenever|once|as soon as|should|unless|in case|where|after|on|as long as|the moment)\b",
    re.I,
)
_CONDITION_BEHIND = re.compile(
    r"\b(?:if(?! (?:you|they|somebody|someone|anybody) (?:paid|begged|offered|forced|held)\b| ever\b| at all| any\b| need| necessary| possible| not\b)|when|whenever|(?<!at )once(?= (?:he|she|it|they|the|an?|i|we|you|his|her|its|their|something)\b)|as soon as|in case)\b(?! not)",
    re.I,
)
_SUBJECT_AGAIN = re.compile(r"^(\S+ \S+ .*?\S) ((?:he|she|they|i|we|you|(?-i:[A-Z][a-z]+)) .+)$", re.I)
"""`If the site fails he calls`: the condition ends where the person comes in."""
_NEGATION = re.compile(
    r"\b(?:not|never|no|zero|nobody|nothing|none|nor|neither|without|hardly|rarely|seldom|scarcely|barely|cannot|can't|avoid\w*"
    r"|hat(?:e|es|ed|ing)|refus\w+|dislik\w+|distrust\w*|detest\w*|loath\w+|despis\w+|reject\w*|ignor\w+|reluctan\w+"
    r"|unwilling|lack\w*|fears?|afraid|\w+n['’]t|dont|doesnt|wont|cant|anything but|far from|too \w+ to|little interest|rip-?offs?|a waste of (?:\w+ )?(?:money|time|breath|effort|space)|nonsense|rubbish|pointless|useless|a scam|for (?:fools|suckers|losers|idiots)"
    r"|dreads?|shuns?|abhors?|steers? clear of|(?:gives?|giving) .{0,25} a (?:miss|wide berth)|can do without|has no (?:use|need) (?:for|of)|allergic to|a no-?go|off the table|out of the question)\b",
    re.I,
)
_NOT_NEGATION = re.compile(
    r"\b(?:not only|no stranger to|nothing but|not exactly the|nothing \w+ more|no(?:thing|body)? better|no matter|no problem|nothing but|or (?:nothing|none|not)(?: at all)?$|(?:and )?nothing else(?: will do| counts)?|required or not|without (?:hesitat\w+|a second thought|fail|thinking twice)"
    r"|(?:can't|cannot|can’t) (?:resist|wait to|get enough|help)|never mind|no time(?! to\b)|no doubt|no matter|why not"
    r"|no (?:longer|more|later) than|not (?:just|more than)|no object|nothing (?:is|works)|(?:does not|doesn't) work"
    r"|(?:does not|doesn't|did not|didn't) (?:go through|load|answer|respond|arrive))\b",
    re.I,
)
_TURN = re.compile(r"\b(?:before|until|unless|without|except)\b", re.I)
_REJECTS = re.compile(r"\b(?:rather than|instead of|as opposed to|in place of|sooner than)\b", re.I)
_RATHER = re.compile(
    r"\b(?:rather|sooner)\b(.*?)\bthan\b|\bprefer\w*\b(.*?)\b(?:to|over|than)\b(?! be\b| have\b)", re.I
)
_AGONY = re.compile(
    r"(?:(?:have|be|lose|pull|go|eat|chew|swallow|walk|jump|crawl|sleep|drink|starve|die|bite|cut|sit|stick|sell)\b)"
    r"(?=.*\b(?:die|dead|hat|glass|tooth|teeth|leg|arm|tongue|blind|starve|nails?|hot coals|cliff|bridge|soul|needles?)\b|$)"
    r"|(?:die|starve|go hungry)\b",
    re.I,
)
"""`Would rather die than ...` says nothing of dying."""
_WEAK = re.compile(
    r"\b(?:sometimes|may|might|maybe|perhaps|occasionally|a bit|slightly|a little|somewhat|now and then|possibly)\b",
    re.I,
)
_STRONG = re.compile(
    r"\b(?:always|never|very|extremely|absolutely|completely|hates?|every|all|at once|immediately|totally|really|must|first$)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of the description: ``text == description[start:end]``; ``sentence`` counts from 0."""

    text: str
    start: int
    end: int
    sentence: int

    @property
    def negated(self) -> bool:
        """Whether a word of negation or aversion stands in it (an even number of them speaks for nothing)."""
        return is_negated(self.text)

    @property
    def strength(self) -> float:
        """How firmly it is said: 0.6 for `sometimes`, 1.2 for `always`, else 1."""
        return 0.6 if _WEAK.search(self.text) else 1.2 if _STRONG.search(self.text) else 1.0

    @property
    def conditional(self) -> bool:
        """Whether it only says when something else holds."""
        return bool(_CONDITION.match(self.text))


def is_negated(text: str) -> bool:
    """Whether an odd number of negations stands in the text, phrases such as `no problem` apart."""
    return len(_NEGATION.findall(_NOT_NEGATION.sub(" ", text))) % 2 == 1


_PLAIN_NOT = re.compile(
    r"\b(?:does|do|did|is|are|was|will|would|can|could|has|have)\s+not\b|\bcannot\b|\b\w+n['’]t\b|\b(?:not|never|no|nothing|without|hardly|rarely"
    r"|seldom|anything but|far from|by no means|not at all)\b",
    re.I,
)


def without_negation(text: str) -> str:
    """The text without its plain words of negation, where it is negated; words of aversion stay."""
    if not is_negated(text):
        return text
    return " ".join(_PLAIN_NOT.sub(" ", text).split()) or text


def clauses(description: str) -> list[Clause]:
    """The description's clauses in order; a condition stays with what it leads to."""
    found: list[Clause] = []
    for number, match in enumerate(_SENTENCE.finditer(description)):
        for start, end in _split(description, match.start(), match.end()):
            text = description[start:end]
            if any(c.isalnum() for c in text):
                found.append(Clause(text, start, end, number))
            if len(found) >= MAX_CLAUSES:
                return found
    return found


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Bounds of the clauses between ``start`` and ``end``, without the white space and punctuation around them."""
    cuts: list[tuple[int, int]] = []
    begin = start
    for joint in _JOINT.finditer(text, start, end):
        left, right = text[begin : joint.start()], text[joint.end() : end]
        wanted = 3 if text[joint.start() : joint.end()].strip() == "" else 2
        kept_whole = _begins_with_condition(left.strip()) or len(left.split()) < wanted or len(right.split()) < wanted
        if not kept_whole:
            cuts.append((begin, joint.start()))
            begin = joint.end()
    cuts.append((begin, end))
    return [_trim(text, a, b) for a, b in cuts]


def _begins_with_condition(left: str) -> bool:
    """Whether what follows must stay: the condition still lacks what it leads to, or a count that ends by leaving."""
    if not _CONDITION.match(left):
        return False
    _, comma, main = left.partition(",")
    return not comma or len(main.split()) < 3 or bool(_COUNTED.search(main))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".,;:!?-–—"):
        end -= 1
    return start, end


_TURNS_VERB = re.compile(
    r"^(?:no|zero|without)\b|\b(?:(?:under|in) no circumstances|on no account|at no price|by no means|in no way|no way)\b|\b(?:rip-?offs?|a waste of (?:\w+ )?(?:money|time|breath|effort|space)|nonsense|rubbish|pointless|useless|a scam|for (?:fools|suckers|losers|idiots)"
    r"|a (?:miss|wide berth)|a no-?go|off the table|out of the question)\b|^(?:\W*(?!(?:what|which|who|that|because|whatever|where)\b)\w+\W+){0,3}?(?:\w*n['’]t|not|never|cannot|hat(?:e|es|ed)|avoid\w*|refus\w+|dislik\w+|distrust\w*|mistrust\w*|dreads?|shuns?|abhors?|steers? clear of|can do without|allergic to"
    r"|detest\w*|loath\w+|rarely|hardly|seldom|wont|cant|dont|doesnt|reject\w*|ignor\w+|anything but|far from|too \w+ to)\b"
    r"|\b(?:nobody|nothing|none|no one)$",
    re.I,
)


def says_no(text: str) -> bool:
    """Whether the negation turns what the clause as a whole does (`never reads`, `asks nobody`), and not only a word
    of it (`nothing is too good for her`, `travels with no luggage`): the latter is likened as it stands."""
    return is_negated(text) and bool(_TURNS_VERB.search(text))


_PIECES = re.compile(r"\s*[:;]\s+|\s*,\s+(?!ever\b)(?:(?:and|but|so|then) )*|\s+but\s+", re.I)
"""Where a main clause of several parts is cut if one of them is negated and another is not."""


def leanings(clause: str) -> list[tuple[str, int]]:
    """What the clause speaks for (+1) and against (-1).

    `X rather than Y`, `never X before Y` (Y comes first), `X before Y` (X comes first), plain and negated.
    """
    if match := _REJECTS.search(clause):
        head, tail = clause[: match.start()].strip(), clause[match.end() :].strip(" ,")
        if head:
            return [(head, -1 if says_no(head) else 1), (tail, -1)]
        rejected, _, wanted = tail.partition(",")
        return [(rejected, -1), (wanted.strip(), 1)] if wanted.strip() else [(rejected, -1)]
    if match := _RATHER.search(clause):
        wanted, rejected = (match.group(1) or match.group(2) or "").strip(), clause[match.end() :].strip()
        if rejected and _AGONY.match(wanted):
            return [(rejected, -1)]
        if wanted and rejected:
            return [(wanted, 1), (rejected, -1)]
    turn = _TURN.search(clause)
    if turn and turn.start() > 0 and is_negated(clause[: turn.start()]):
        wanted = clause[turn.end() :].strip()
        if turn.group().lower() == "without":
            return [(wanted, 1)]
        return [(clause[: turn.start()].strip(), -1), (wanted, 1)]
    if turn and turn.start() > 0 and turn.group().lower() == "before" and len(clause[: turn.start()].split()) > 2:
        return [(clause[: turn.start()].strip(), 1), (clause[turn.end() :].strip(), -1)]
    pieces = [piece for piece in _PIECES.split(clause) if len(piece.split()) > 1]
    signs = [-1 if says_no(piece) else 1 for piece in pieces]
    if len(pieces) > 1 and len(set(signs)) > 1:
        return list(zip(pieces, signs, strict=True))
    return [(clause, -1 if says_no(clause) else 1)]


def trait_units(clause: str) -> list[tuple[str, int]]:
    """Parts to read traits from, with their sign: what is rejected counts the other way round, `never X before Y` as
    `never X` and `Y`; everything else whole (its negation is read where it stands)."""
    parts = leanings(clause)
    if len(parts) == 1:
        return [(clause, 1)]
    if _REJECTS.search(clause) or _RATHER.search(clause):
        return [(text, sign) for text, sign in parts if text]
    return [(text, 1) for text, _ in parts if text]


def condition_and_main(clause: str) -> tuple[str, str]:
    """`When it fails, she leaves` as its two parts; the first is empty where the clause has no condition in front, or
    behind (`leaves when it fails`)."""
    if _CONDITION.match(clause):
        condition, comma, main = clause.partition(",")
        unmarked = _SUBJECT_AGAIN.match(clause)
        if comma and (len(main.split()) > 2 or (main.strip() and not unmarked)):
            return condition, main.strip()
        return (unmarked[1].rstrip(" ,:"), unmarked[2]) if unmarked else ("", clause)
    match = _CONDITION_BEHIND.search(clause)
    if match and match.start() > 2 and len(clause[match.start() :].split()) <= MAX_CONDITION:
        return clause[match.start() :].strip(), clause[: match.start()].strip(" ,")
    return "", clause


_FOLLOWS = re.compile(
    r"^(?:(?:and|but|or) )?(?:then|afterwards|after that|(?:may|might|will|would) (?:then )?)\b", re.I
)
_GOES_ON = re.compile(r"^(?:and|but|or) (?!(?:he|she|they|i|we|is|always|never|his|her)\b)", re.I)
_FAILING = re.compile(
    r"\b(?:failures?|failed|errors?|problems?|trouble|outages?|crash\w*|refus(?:al|ed)|declined)\b", re.I
)


def is_condition(text: str) -> bool:
    """Whether the words say when something holds (`if it fails`), and not only what happens before."""
    return bool(_CONDITION.match(text))


def speaks_of_trouble(clause: str) -> bool:
    """Whether the clause is about something that fails."""
    return bool(_FAILING.search(clause))


def settings(parts: list[Clause]) -> list[tuple[str, str]]:
    """By clause its condition and the rest; `then leaves` and `and may try once` hold where the clause before them in
    the sentence does, and a clause that speaks of a failure holds where that fails."""
    found: list[tuple[str, str]] = []
    for number, clause in enumerate(parts):
        condition, main = condition_and_main(clause.text)
        before = parts[number - 1] if number else None
        same = before is not None and before.sentence == clause.sentence
        if not condition and same and found[-1][0] and is_condition(found[-1][0]) and _GOES_ON.match(main):
            condition = found[-1][0]
        elif not condition and before is not None and same and _FOLLOWS.match(main):
            condition = found[-1][0] or (before.text if _FAILING.search(before.text) or "then" in main.lower() else "")
        found.append((condition or (main if speaks_of_trouble(main) else ""), main))
    return found


_ENDINGS = ("ingly", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly", "e", "y")
_STOP = frozenset(
    "the and for with that this his her their its from into she they you are was has have had not but who all one out any"
    " more than then them what when where which there here very just also only once again same other".split()
)


def stems(text: str) -> frozenset[str]:
    """Content words without their endings: crude, enough to see that `cancels` is `cancel`."""
    found = set()
    for word in re.findall(r"[a-z]{3,}", text.lower()):
        if word in _STOP:
            continue
        ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= 3), "")
        found.add(word.removesuffix(ending))
    return frozenset(found)


def spoken_parts(clause: str) -> list[str]:
    """Every part of a clause whose likeness to an option, a step or a prompt is asked for."""
    condition, main = condition_and_main(clause)
    return [clause, *([condition] if condition else []), *(text for text, _ in leanings(main) if text)]
