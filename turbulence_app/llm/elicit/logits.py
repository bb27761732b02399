"""The model is asked how probable it finds each answer; nothing is written, drawn or parsed.

Every question is asked twice: about the persona, and about nobody in particular. The second half depends on workflow
and model alone and is remembered. Then, where there is time, each sentence of the description is asked about by itself:
the one that moves a number most the way the whole description does is its evidence.
"""

from __future__ import annotations

import json
import math
import threading
from collections import OrderedDict
from dataclasses import replace
from hashlib import sha256

from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Question, Scored, ScoringBackend
from turbulence_app.llm.elicit import odds
from turbulence_app.llm.elicit.call import Call
from turbulence_app.llm.elicit.document import mended
from turbulence_app.llm.task import Checked, Poll

Rows = tuple[tuple[float, ...], ...]
MOST_EVIDENCE = 0.5
"""Part of the time that is left which the search for evidence may take, going by how fast the first questions were."""


class Priors:
    """What models said about nobody in particular; the last ``most`` sets of questions. Safe for several threads."""

    def __init__(self, most: int = 64) -> None:
        self._most, self._kept, self._lock = most, OrderedDict[str, Rows](), threading.Lock()

    def get(self, key: str) -> Rows | None:
        """The logarithms of the shares, by question; None if they were never asked or are forgotten."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: str, rows: Rows) -> None:
        """Remembers them."""
        with self._lock:
            self._kept[key] = rows
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forgets all."""
        with self._lock:
            self._kept.clear()


PRIORS = Priors()
"""Of this process. Remembering is safe: the same questions to the same model have the same answers."""


def ask(backend: ScoringBackend, identity: str, call: Call, priors: Priors = PRIORS) -> tuple[Checked, bool]:
    """The document that the answers add up to; see :func:`turbulence_app.llm.elicit.elicit`.

    ``identity`` names the model and how it is run. Every such document passes the validator by construction; should one
    not, the rules take over what is wrong, like anywhere.
    """
    assert call.task.poll is not None, "a task without a poll is never asked for its logits"
    poll = call.task.poll()
    if not poll.nobody:
        return mended("{}", call, "the workflow leaves nothing to ask about")
    nobody = _nobody(backend, identity, poll, call, priors)
    scored = _score(backend, poll.about(poll.description), poll, call)
    changes = tuple(map(odds.change, scored.shares, nobody))
    quotes, notes = _evidence(backend, poll, call, nobody, changes, scored)
    checked = call.task.check(poll.document(changes, quotes))
    if checked.document is None:
        why = f"invalid document from logits: {checked.problems[0].message}"
        return mended(json.dumps(poll.document(changes, quotes)), call, why)
    return replace(checked, notes=(*notes, *checked.notes)), True


def _nobody(backend: ScoringBackend, identity: str, poll: Poll, call: Call, priors: Priors) -> Rows:
    """From memory, from the store, or by asking."""
    asked = json.dumps([[q.messages, q.answers, q.whole] for q in poll.nobody], separators=(",", ":"))
    digest = sha256(f"prior 1\0{identity}\0{asked}".encode())
    known = priors.get(digest.hexdigest())
    if known is None and call.kept:
        known = _rows(call.kept.note(digest.digest()[:16]), poll.nobody)
    if known is None:
        scored = _score(backend, poll.nobody, poll, call)
        known = scored.shares
        if call.kept:
            meta = {"kind": "prior", "backend": "llamacpp", "tokens": scored.tokens, "elapsed_ms": scored.score_ms}
            meta |= {"digest": identity.partition(" ")[0], "prompt_version": call.task.version}
            call.kept.put_note(digest.digest()[:16], json.dumps(known), meta)
    priors.put(digest.hexdigest(), known)
    return known


def _rows(text: str | None, questions: tuple[Question, ...]) -> Rows | None:
    """Shares as they were kept, if they are still what the questions ask for."""
    if text is None:
        return None
    try:
        rows = tuple(tuple(float(share) for share in row) for row in json.loads(text))
    except (ValueError, TypeError):
        return None
    fits = [len(row) for row in rows] == [len(q.answers) for q in questions]
    return rows if fits and all(math.isfinite(share) for row in rows for share in row) else None


def _score(backend: ScoringBackend, questions: tuple[Question, ...], poll: Poll, call: Call) -> Scored:
    call.count("calls")
    return backend.score(
        questions, poll.stem, call.left(), lambda done: call.tick(done, len(questions)), call.should_stop
    )


def _evidence(
    backend: ScoringBackend, poll: Poll, call: Call, nobody: Rows, changes: Rows, scored: Scored
) -> tuple[dict[int, str], tuple[str, ...]]:
    """By number of the question, the sentence that its answer comes from; a note where there was no time to look."""
    wanted = [i for i, row in enumerate(changes) if poll.moved(i, row)]
    if not wanted or not poll.sentences:
        return {}, ()
    if len(poll.sentences) == 1:
        return dict.fromkeys(wanted, poll.sentences[0]), ()
    tokens = scored.tokens * len(poll.sentences) * len(wanted) / len(changes)
    seconds = tokens * scored.score_ms / 1000 / max(1, scored.tokens)
    if seconds > MOST_EVIDENCE * call.left():
        return {}, (f"evidence was not looked for: that would have taken about {seconds:.0f} s more",)
    questions = [q for text in poll.sentences for i, q in enumerate(poll.about(text)) if i in wanted]
    try:
        found = _score(backend, tuple(questions), poll, call)
    except errors.ModelError as error:
        return {}, (f"evidence was not found: {error.problem.message}",)
    return _chosen(poll, wanted, nobody, changes, found.shares), ()


def _chosen(poll: Poll, wanted: list[int], nobody: Rows, changes: Rows, alone: Rows) -> dict[int, str]:
    """For each question the sentence that goes furthest the way of the whole, if it goes a fair part of it alone."""
    found: dict[int, str] = {}
    for column, i in enumerate(wanted):
        rows = [alone[s * len(wanted) + column] for s in range(len(poll.sentences))]
        way = poll.way(i, changes[i])
        whole = _along(way, changes[i])
        parts = [_along(way, odds.change(row, nobody[i])) for row in rows]
        best = max(range(len(parts)), key=parts.__getitem__)
        if whole > 0 and parts[best] >= FAIR_PART * whole:
            found[i] = poll.sentences[best]
    return found


FAIR_PART = 0.5
"""Of the whole description's effect that a sentence must have by itself to count as its reason."""


def _along(way: tuple[float, ...], change: tuple[float, ...]) -> float:
    return sum(w * c for w, c in zip(way, change, strict=True))
