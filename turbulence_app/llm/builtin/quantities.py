# ruff: noqa: E501
"""Numbers said in words: times, counts of attempts, shares; read exactly as the text states them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from turbulence_app.llm.builtin.situations import OTHER_WAY, TRIES_SOMETHING

_UNITS = {name: number for number, name in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen".split()
)}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_VAGUE = {"a": 1.0, "an": 1.0, "half a": 0.5, "half an": 0.5, "a couple of": 2.0, "couple of": 2.0, "a few": 3.0, "few": 3.0,
          "several": 4.0, "a dozen": 12.0, "a quarter of an": 0.25, "a single": 1.0}  # fmt: skip
_WORD = "|".join([*_TENS, *_UNITS])
NUMBER = (
    rf"(?:\d+(?:[.,]\d+)?|(?:{_WORD})(?:[- ](?:{'|'.join(list(_UNITS)[1:10])}))?(?: hundred)?|a hundred|half an? |a quarter of an|a couple of"
    r"|couple of|a few|several|a dozen|a single|an?(?= ))"
)
_SECONDS = {"ms": 0.001, "millisecond": 0.001, "s": 1.0, "sec": 1.0, "second": 1.0, "m": 60.0, "min": 60.0, "minute": 60.0,
            "h": 3600.0, "hour": 3600.0}  # fmt: skip
_TIME = re.compile(
    rf"\b(?:between |from )?(?P<low>{NUMBER})(?:\s*(?:-|–|to|and|or)\s*(?P<high>{NUMBER}))?[\s-]*"
    r"(?P<unit>milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|hours?|h)\b",
    re.I,
)
_RATE = re.compile(r"\b(?:words?|characters|letters|keystrokes|times|clicks|wpm|pages)(?: per)? $", re.I)
"""`220 words a minute` is no time."""
_MOST = re.compile(
    r"\b(?:at most|at the most|max\w*|up to|no (?:more|longer) than|not (?:more|longer) than|within|under|less than|in under|tops"
    r"|\w*n['’]t (?:wait )?(?:more|longer) than|(?:longer|more|slower) than|never (?:\w+ ){0,3}(?:more|longer) than|exceeds?|over)\b",
    re.I,
)
_LEAST = re.compile(r"\b(?:at least|minimum of|no less than|not less than|happily waits?|even)\b", re.I)
_ABOUT = re.compile(r"\b(?:about|around|roughly|approximately|some|ca\.?|or so)\b", re.I)
_TIMES = (
    (re.compile(rf"\b(?P<n>{NUMBER})\s+(?:more |further |extra |additional |other )?(?:times|attempts|tries|retries)\b", re.I), None),
    (re.compile(r"\b(?:third (?:failure|error|strike|miss) .{0,20}\b(?:last|enough|too many|end|leaves|out|off|gone)|three strikes)\b", re.I), 2),
    (re.compile(r"\b(?:second (?:failure|error|strike|miss|mistake) .{0,20}\b(?:last|enough|too many|end|leaves|out|off|gone)|(?:two|second) (?:chances|failed attempts|failures)|fails twice)\b", re.I), 1),
    (re.compile(r"\bthrice\b", re.I), 3),
    (re.compile(r"\b(?:twice|a second time and a third|two times)\b", re.I), 2),
    (re.compile(r"\b(?:(?<!at )once(?! (?:he|she|it|they|the|i|we|you|a|in)\b)|one more (?:time|try|attempt|go)|(?:1|one) more (?:time|try|attempt|go|shot|chance)|once more|a second (?:time|try|chance|attempt|go)|one (?:try|attempt|retry)|another (?:try|go|attempt|chance))\b", re.I), 1),
)  # fmt: skip
_ATTEMPT = re.compile(
    r"\b(?:tr(?:y|ies|ied|ying)|retr\w+|attempts?|resubmit\w*|re-?send\w*|repeat\w*|reload\w*|again|goes?|chances?|clicks?|hits?|press\w*|strikes?|failures?|fails|taps?)\b",
    re.I,
)
_NOT = r"(?:never|rarely|seldom|not(?! work)|no|nor|neither|cannot|hardly|isn['’]t|\w+n['’]t(?! (?:\w+ )?(?:work|go|load|answer|respond|arrive))|refus\w+|declin\w+|without|instead of|rather than|stops?)"
_GAP = r"(?:(?!\b(?:he|she|they|i|we|it) )[^,;.]){0,24}"
_SECOND = r"(?:(?:a |any |another )?second (?:try|chance|attempt|time|go|shot|round|helping)|again|twice|once more|another (?:time|try|go|attempt|shot|chance)|anew|more than once|one more (?:time|try|go|shot|chance)|over|any further)"
_NO_RETRY = re.compile(
    rf"\b{_NOT}\b{_GAP}\b(?:tr(?:y|ies|ied|ying)|bother\w*|attempt\w*|go(?:es)?|ask\w*|click\w*|press\w*|hit\w*|send\w*|submit\w*|do(?:es|ing)?|giv\w+|repeat\w*|tak\w+|start\w*|get\w*) (?:(?:it|that|this|there|anything|something|a thing|them|things|to try|in|of) )*{_SECOND}\b"
    rf"|\b{_NOT}\b{_GAP}\b(?:retr(?:y|ies|ied|ying)|re-?send\w*|resubmit\w*|repeat\w*)\b(?! (?:more|the same mistake))"
    r"|\b(?:no|never an?|not an?) second (?:chance|try|attempt|time|go|shot)|\b(?:exactly|only|just) one (?:chance|try|attempt|shot|go)\b|\bwithout (?:re)?trying again"
    r"|\bgives? up (?:at once|immediately|right away|after (?:the first|one|a single))|\bone (?:strike|failure|error|mistake|chance|shot|hiccup|glitch|misfire)[^.;]{0,12}\b(?:and|,) (?:\w+ )*(?:out|done|gone|over|off|finished|through|it|leaves|closes)\b"
    r"|\b(?:won['’]t|will not|never|isn['’]t|not) be an?(?:other)?(?: second)?(?: (?:time|one|go|try|attempt))?$|\b(?:won['’]t|will not|never|isn['’]t|not) be a second\b|^(?:he |she |i |only |just |gets? |gives? (?:it )?)*one (?:go|try|attempt|shot|chance)\b(?! more)"
    r"|\b(?:first|one) (?:failure|error|problem|time|hiccup|glitch|try|attempt)\b[^.;]{0,25}\b(?:forget it|that['’]?s it|that is it|is (?:also )?(?:the|his|her|my|their) last|is enough|suffices|done)\b",
    re.I,
)  # fmt: skip
_REPEATS = re.compile(
    r"\b(?:again|repeat\w*|until|over and over|keeps?|retr\w+|persist\w*|stubborn\w*|tenaci\w+|persever\w+|determined|relentless\w*"
    r"|as (?:often|many times|long) as (?:it takes|needed|necessary)|(?:not|\w*n['’]t|never|rarely|hardly|seldom|refus\w+ to|without) (?:\w+ ){0,2}(?:giv\w+ up|quit\w*|stop\w*)|anew|once more|insist\w*)\b",
    re.I,
)
MOST_UNSAID = 3
"""Repeats of somebody who is persistent, where the text gives no number."""
_SHARE = re.compile(
    rf"\b(?P<n>\d+(?:[.,]\d+)?)\s*(?:%|per ?cent)|\b(?P<a>{NUMBER}) (?:times |people |cases |visits )?(?:in|out of) (?:every )?(?P<b>{NUMBER})\b",
    re.I,
)
_VISIT = re.compile(
    r"\b(?:has|have|had|having|spare|whole|entire|total|altogether|visit|session|break|overall|everything|done|finish\w*|all of it|until (?:his|her|the|my)|process)\b",
    re.I,
)
_ANSWER = re.compile(
    r"\b(?:wait\w*|load\w*|page|answer\w*|respon\w+|spinner|screen|longer than|hang\w*|react\w*|site|slow\w*|there within)\b",
    re.I,
)
_RANK = re.compile(r"\bfirst\b|\b(?:or|be|not|never|no|without|for|give\w*|need\w*) $", re.I)
"""`A first price, or a second` is no time."""
_THINK = re.compile(
    r"\b(?:think\w*|reads?|reading|ponder\w*|decid\w+|consider\w*|looks? at|pauses?|stud(?:y|ies)|hesitat\w*)\b", re.I
)
_SPEED = re.compile(rf"\b(?P<n>{NUMBER}) (?:words (?:per|a) minute|wpm)\b", re.I)
_MOMENT = re.compile(r"\W*(?:$|[,.;]|or\b|of\b|for\b|to\b|before\b|and\b|then\b|longer\b|more\b|too\b)", re.I)
_AGE = re.compile(r"\b(?:old|ago|age|aged|since|later|every|after (?:work|lunch))\b", re.I)


@dataclass(frozen=True, slots=True)
class Span:
    """A time said in a clause: bounds in seconds, and what it bounds."""

    about: Literal["answer", "visit", "think"]
    low: float
    high: float


def number(word: str) -> float | None:
    """The number that a word or a figure names; None where it names none."""
    text = " ".join(word.lower().replace("-", " ").split())
    if re.fullmatch(r"\d+(?:[.,]\d+)?", text):
        return float(text.replace(",", "."))
    if text in _VAGUE:
        return _VAGUE[text]
    if text == "a hundred":
        return 100.0
    hundred = text.endswith(" hundred")
    value = 0
    for part in text.removesuffix(" hundred").split():
        if part not in _UNITS and part not in _TENS:
            return None
        value += _UNITS.get(part, 0) + _TENS.get(part, 0)
    return float(value * (100 if hundred else 1))


def time_said(clause: str) -> Span | None:
    """The time that the clause gives for an answer, the whole visit or a thought; None where it gives none."""
    match = next((m for m in _TIME.finditer(clause) if not _RATE.search(clause[: m.start()])), None)
    if match is None or (_AGE.search(clause[match.end() : match.end() + 8])):
        return None
    unit = match["unit"].lower()
    scale = _SECONDS.get(unit) or _SECONDS[unit.rstrip("s")]
    low = number(match["low"])
    if (
        low is None
        or (match["low"].lower() == "a" and unit == "second" and _RANK.search(clause[: match.start()]))
        or (match["low"].lower() == "a" and unit == "second" and not _MOMENT.match(clause[match.end() :]))
    ):
        return None
    high = number(match["high"]) if match["high"] else None
    about = _about(clause, low * scale)
    if about is None:
        return None
    return Span(about, *_bounds(clause, low * scale, high * scale if high is not None else None))


def _about(clause: str, seconds: float) -> Literal["answer", "visit", "think"] | None:
    if seconds > 6 * 3600:
        return None
    if _THINK.search(clause) and not re.search(r"\bwait|load", clause, re.I):
        return "think"
    if _ANSWER.search(clause) and not (seconds >= 120 and _VISIT.search(clause)):
        return "answer"
    if _VISIT.search(clause) or seconds >= 120:
        return "visit"
    return "answer"


def _bounds(clause: str, low: float, high: float | None) -> tuple[float, float]:
    if high is not None:
        return min(low, high), max(low, high)
    if _LEAST.search(clause):
        return low, low * 3
    if _MOST.search(clause):
        return low / 2, low
    if _ABOUT.search(clause):
        return low * 0.8, low * 1.2
    return low * 0.8, low


def retries_said(clause: str) -> int | None:
    """How often the clause says that a failed attempt is repeated (0 = never); None where it does not say."""
    if _NO_RETRY.search(clause):
        return 0
    if not _ATTEMPT.search(clause):
        return None
    for pattern, fixed in _TIMES:
        match = pattern.search(clause)
        if match:
            value = float(fixed) if fixed is not None else number(match["n"])
            return None if value is None else max(0, min(50, round(value)))
    return None


def persistence(trait: float, clause: str) -> int:
    """Repeats of somebody who goes on (``trait`` 0 to 1) where no number is said: more than one needs words of
    repetition; trying another way repeats nothing."""
    if OTHER_WAY.search(clause):
        return 1
    if _REPEATS.search(clause):
        return MOST_UNSAID if trait > 0.5 else 2
    if TRIES_SOMETHING.search(clause):
        return 1
    return 2 if trait > 0.5 else 1


def share_said(clause: str) -> float | None:
    """A share such as `70 %` or `one in three`, 0 to 1."""
    match = _SHARE.search(clause)
    if match is None:
        return None
    if match["n"]:
        value = float(match["n"].replace(",", ".")) / 100
    else:
        a, b = number(match["a"]), number(match["b"])
        value = a / b if a is not None and b else 2.0
    return value if 0 <= value <= 1 else None


_FREQUENCIES: tuple[tuple[str, float], ...] = (
    (r"(?:almost|nearly|practically|virtually) (?:always|every time)", 0.9),
    (r"(?:almost|nearly|practically|virtually|next to) never|(?:hardly|scarcely|barely) ever|once in a blue moon|in exceptional cases", 0.05),
    (r"(?:not|n['’]t) always", 0.55),
    (r"(?:not|n['’]t) (?:usually|normally|generally|often)", 0.15),
    (r"as likely as not|half (?:of )?(?:the|them|all|his|her|my|our)\b|every (?:other|second) (?:time|one|person|visit\w*|customer)|fifty[- ]fifty|50[- ]50", 0.5),
    (r"more often than not|usually|mostly|most of (?:the time|them)|most people|as a rule|normally|generally|in most cases|tends? to|the majority|typically", 0.75),
    (r"often|frequently|regularly|many of them|a lot of the time|many times", 0.6),
    (r"sometimes|now and (?:then|again)|from time to time|occasionally|once in a while|some of them|at times|on occasion", 0.3),
    (r"rarely|seldom|infrequently|few of them|hardly|scarcely", 0.08),
    (r"always|every (?:single )?time|without exception|invariably", 0.95),
    (r"never", 0.02),
)  # fmt: skip
_HOW_OFTEN = tuple((re.compile(rf"(?:\b|(?=n['’]t))(?:{words})(?!\w)", re.I), share) for words, share in _FREQUENCIES)  # fmt: skip


def frequency_said(clause: str) -> tuple[float, str] | None:
    """How often the clause says that something is done (0 to 1: a stated share, else the usual sense of `usually`,
    `often`, `rarely`), and the clause without those words; None where it does not say."""
    share, match = share_said(clause), _SHARE.search(clause)
    if share is None or match is None:
        for pattern, usual in _HOW_OFTEN:
            match = pattern.search(clause)
            if match is not None:
                share = usual
                break
    if share is None or match is None:
        return None
    return share, " ".join(f"{clause[: match.start()]} {clause[match.end() :]}".split())


def typing_said(clause: str) -> float | None:
    """Milliseconds per character from words per minute (a word is five characters)."""
    match = _SPEED.search(clause)
    words = number(match["n"]) if match else None
    return 60_000 / (5 * words) if words else None


def counts_said(clause: str) -> list[tuple[float, str]]:
    """Every number with the words that follow it, for parameters: ``(3.0, "guests in the")``."""
    pattern = re.compile(
        rf"\b(?P<n>\d+(?:[.,]\d+)?|{_WORD}|a single|a couple of)\s+(?P<what>[\w-]+(?:\s+[\w-]+){{0,2}})", re.I
    )
    return [(value, m["what"]) for m in pattern.finditer(clause) if (value := number(m["n"])) is not None]
