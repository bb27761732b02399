"""Descriptions of people, and ways to change them: some that mean the same, most that do not."""

from __future__ import annotations

import random
import re

WORDS = (
    "busy professional shops during lunch breaks abandons cart when checkout takes longer gets frustrated payment "
    "failures may try leaves prefers express delivery reads every review compares prices patient careful trusts "
    "coupons mobile returns later asks friends hesitates before paying enjoys browsing old student parent Always"
).split()
STATUS = ("declined", "accepted", "failed", "succeeded", "pending", "refused", "sold", "available")
NEGATIONS = ("not", "never", "no", "without", "hardly", "barely", "neither", "nobody", "nothing", "rarely", "cannot")


def description(draw: random.Random) -> str:
    """A few sentences with numbers, statuses and negations in them."""
    sentences = []
    for _ in range(draw.randint(1, 4)):
        words = [draw.choice(WORDS) for _ in range(draw.randint(4, 14))]
        for extra in ([str(draw.randint(2, 900))], [draw.choice(STATUS)], [draw.choice(NEGATIONS)]):
            if draw.random() < 0.6:
                words[draw.randrange(len(words)) : 0] = extra
        words[draw.randrange(len(words)) : 0] = [draw.choice(["the", "a", "she", "they", "is"])]
        sentences.append(" ".join(words))
    return ". ".join(sentences) + "."


def worded_otherwise(text: str, draw: random.Random) -> str:
    """The same said otherwise: what the gate is to let through."""
    ways = [
        lambda t: t.replace(" ", draw.choice(["  ", "\n", "\t"])),
        lambda t: t.replace(".", draw.choice(["!", ";", "..."])),
        lambda t: re.sub(r"\b(the|a|she|they|is) ", "", t),
        lambda t: re.sub(r" (\w+)", lambda m: f" the {m[1]}" if draw.random() < 0.3 else m[0], t),
        lambda t: t.replace(" prefers ", " favours "),
        lambda t: re.sub(r"\b[a-z]", lambda m: m[0].upper(), t, count=draw.randint(0, 5)),
        lambda t: re.sub(r"\bcannot\b", "can't", t),
    ]
    for way in draw.sample(ways, draw.randint(1, 3)):
        text = way(text)
    return text


def _insert(text: str, word: str, draw: random.Random) -> str:
    words = text.split()
    words.insert(draw.randrange(len(words)), word)
    return " ".join(words)


def _some(pattern: str, text: str, draw: random.Random) -> re.Match[str] | None:
    return draw.choice(found) if (found := list(re.finditer(pattern, text))) else None


def _swap(pattern: str, others: tuple[str, ...], text: str, draw: random.Random) -> str:
    match = _some(pattern, text, draw)
    if match is None:
        return _insert(text, draw.choice(others), draw)
    other = draw.choice([o for o in others if o != match[0]])
    return text[: match.start()] + other + text[match.end() :]


def negation_added(text: str, draw: random.Random) -> str:
    return _insert(text, draw.choice(NEGATIONS), draw)


def negation_contracted(text: str, draw: random.Random) -> str:
    return _insert(text, draw.choice(["isn't", "doesn't", "won't", "can't", "don’t", "wouldn't"]), draw)


def negation_removed(text: str, draw: random.Random) -> str:
    match = _some(rf"\b({'|'.join(NEGATIONS)}) ", text, draw)
    return text[: match.start()] + text[match.end() :] if match else negation_added(text, draw)


def negation_moved(text: str, draw: random.Random) -> str:
    """From in front of one word to in front of another one: the same words, another meaning."""
    words = text.split()
    at = [i for i, word in enumerate(words[:-2]) if word in NEGATIONS and words[i + 1] not in NEGATIONS]
    at = [i for i in at if words[i + 1].lower() not in ("the", "a", "she", "they", "is") and "." not in words[i + 1]]
    if not at:
        return negation_added(text, draw)
    i = draw.choice(at)
    words[i], words[i + 1] = words[i + 1], words[i]
    return " ".join(words)


def number_changed(text: str, draw: random.Random) -> str:
    match = _some(r"\b\d+\b", text, draw)
    if match is None:
        return _insert(text, str(draw.randint(1, 99)), draw)
    other = draw.choice([match[0] + "0", str(int(match[0]) + 1), f"{match[0]}.5", f"-{match[0]}", f"{match[0]} %"])
    return text[: match.start()] + other + text[match.end() :]


def status_changed(text: str, draw: random.Random) -> str:
    return _swap(rf"\b({'|'.join(STATUS)})\b", STATUS, text, draw)


def word_changed(text: str, draw: random.Random) -> str:
    match = _some(rf"\b({'|'.join(WORDS)})\b", text, draw)
    if match is None:
        return _insert(text, "always", draw)
    other = draw.choice([f"im{match[0]}", f"{match[0]}less", "sometimes", "very " + match[0]])
    return text[: match.start()] + other + text[match.end() :]


def words_swapped(text: str, draw: random.Random) -> str:
    """Two different words of meaning change places: "leaves when slow" is not "slow when leaves"."""
    words = text.rstrip(".").replace(". ", " ").split()
    meant = [i for i, w in enumerate(words) if w.lower() not in ("the", "a", "she", "they", "is")]
    pairs = [(i, j) for i in meant for j in meant if i < j and words[i].lower() != words[j].lower()]
    if not pairs:
        return negation_added(text, draw)
    i, j = draw.choice(pairs)
    words[i], words[j] = words[j], words[i]
    return " ".join(words)


def sentence_left_out(text: str, draw: random.Random) -> str:
    parts = text.rstrip(".").split(". ")
    if len(parts) < 2:
        return negation_added(text, draw)
    del parts[draw.randrange(len(parts))]
    return ". ".join(parts) + "."


CHANGES = (
    negation_added,
    negation_contracted,
    negation_removed,
    negation_moved,
    number_changed,
    status_changed,
    word_changed,
    words_swapped,
    sentence_left_out,
)
