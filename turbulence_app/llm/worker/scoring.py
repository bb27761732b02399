"""How probable a model finds given answers to given questions: nothing is generated, nothing is sampled.

All prompts and answers are one tree of tokens (:mod:`turbulence_app.llm.worker.tree`). What the prompts of many
requests begin with is evaluated once and stays in the context; what those of one request share is evaluated once per
request; the rest goes through the model in batches in which a token belongs to all sequences below it. Of answers that
are told apart by their first words only the tokens up to the last fork are evaluated.

The same request gives the same numbers, whatever was asked before: every part has its place and its batch.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from turbulence_app.llm.worker import tree
from turbulence_app.llm.worker.context import BATCH, Context
from turbulence_app.llm.worker.engine import Tell, Tick
from turbulence_app.llm.worker.limit import EngineError, Limit
from turbulence_app.llm.worker.template import prompt_tokens
from turbulence_app.llm.worker.tree import Node, Question, Tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from turbulence_app.llm.worker.weights import Weights

STEM, SHARED, FIRST = 0, 1, 2
"""Sequences: what stays for the next request, what the questions of this one share, the first of the answers."""
MOST_SEQUENCES = 62
MOST_OUTPUTS = 64
"""Rows of logits of one evaluation, each as long as the vocabulary; llama.cpp wants at least one per sequence."""
MOST_QUESTIONS = 400
ROOM = 512
"""The context grows in steps of so many tokens, and only as far as it is needed: its memory is the user's."""


class Scorer:
    """One model's scores. Makes its context with the first request; ``close`` before the weights are closed."""

    def __init__(self, weights: Weights, limit: Limit, *, length: int, threads: int) -> None:
        self._weights, self._limit, self._length, self._threads = weights, limit, length, threads
        self._end = min(weights.ends, default=-1)
        self._context: Context | None = None
        self._batch: Any = None
        self._stem: Tokens = ()

    def close(self) -> None:
        """Frees the context."""
        import llama_cpp as api

        if self._batch is not None:
            api.llama_batch_free(self._batch)
            self._batch = None
        if self._context:
            self._context.close()
            self._context = None
        self._stem = ()

    def score(self, request: dict[str, Any], tell: Tell) -> dict[str, Any]:
        """``questions``: a list of ``messages``, ``answers`` (what the model's turn would say) and ``whole`` (whether
        all their words count). ``stem``: messages whose beginning is worth keeping, as far as the questions share it.

        Returns ``shares`` (logarithms, per question), ``tokens`` (evaluated) and ``kept`` (tokens that were still
        there). Raises :class:`EngineError` for a deadline, a cancel, or where it does not fit the context.
        """
        began = time.monotonic()
        questions = [self._question(asked) for asked in request["questions"]]
        if not 0 < len(questions) <= MOST_QUESTIONS:
            raise EngineError("model", f"{len(questions)} questions at once; 1 to {MOST_QUESTIONS} are possible")
        try:
            found = self._run(questions, self._kept(request, questions), tell)
        except BaseException:
            self.close()  # what an aborted batch left behind is nobody's
            raise
        return {**found, "score_ms": 1000 * (time.monotonic() - began)}

    def _question(self, asked: dict[str, Any]) -> Question:
        prompt = prompt_tokens(self._weights, asked["messages"])
        answers = [self._weights.tokens(text, special=False, begin=False) for text in asked["answers"]]
        return Question(tuple(prompt), tuple(map(tuple, answers)), asked.get("whole") is True)

    def _kept(self, request: dict[str, Any], questions: Sequence[Question]) -> Tokens:
        """The stem: what the prompts have in common with the one that is to be kept."""
        if not request.get("stem"):
            return ()
        rows = [tuple(prompt_tokens(self._weights, request["stem"])), *(q.prompt for q in questions)]
        return rows[0][: tree.common(rows)]

    def _run(self, questions: list[Question], stem: Tokens, tell: Tell) -> dict[str, Any]:
        prompts = [q.prompt for q in questions]
        shared = min(tree.common(prompts), min(map(len, prompts)) - 1)
        stem, start = stem[:shared], prompts[0][:shared]
        parts = list(tree.batches(tree.grow(questions, self._end, shared), BATCH, MOST_SEQUENCES, FIRST))
        kept = self._prepare(shared + max(map(len, parts), default=0), stem)
        count = _Count(tell, shared - kept + sum(map(len, parts)))
        self._read(start[kept : len(stem)], kept, STEM, count)
        self._stem = stem
        self._copy(STEM, SHARED)
        self._read(start[len(stem) :], len(stem), SHARED, count)
        rivals = tree.rivals(questions, self._end)
        logits: dict[tuple[Tokens, int], float] = {}
        for part in parts:
            self._branch(part, rivals, logits, count)
        self._remove(SHARED)
        return {"shares": [tree.shares(q, self._end, logits) for q in questions], "tokens": count.done, "kept": kept}

    def _prepare(self, needed: int, stem: Tokens) -> int:
        """A context with room for ``needed`` tokens; returns how many of the stem's are in it already."""
        if needed > self._length:
            message = f"the questions need {needed} tokens at once: more than the context of {self._length} tokens"
            raise EngineError("prompt_too_long", message)
        if self._context is None or self._context.length < needed:
            self.close()
            self._make(min(self._length, -(-needed // ROOM) * ROOM))
        assert self._context
        if stem and self._stem == stem:
            return len(stem)
        self._context.clear()
        self._stem = ()
        return 0

    def _make(self, length: int) -> None:
        import llama_cpp as api

        sequences = FIRST + MOST_SEQUENCES
        self._context = Context(
            self._weights, self._limit, length=length, threads=self._threads, sequences=sequences, outputs=MOST_OUTPUTS
        )
        self._batch = api.llama_batch_init(BATCH, 0, sequences)

    def _read(self, tokens: Tokens, at: int, sequence: int, count: _Count) -> None:
        """Evaluates a stretch of one sequence."""
        for i in range(0, len(tokens), BATCH):
            rows = [(t, at + i + j, [sequence], False) for j, t in enumerate(tokens[i : i + BATCH])]
            self._evaluate(rows)
            count(len(rows))

    def _branch(
        self, nodes: list[Node], rivals: dict[Tokens, Tokens], logits: dict[tuple[Tokens, int], float], count: _Count
    ) -> None:
        """Evaluates a part of the tree behind what is shared, and takes the numbers of the rivals at each fork."""
        import llama_cpp as api
        import numpy as np

        sequences = sorted({s for node in nodes for s in node.sequences})
        if sequences[-1] >= FIRST + MOST_SEQUENCES:
            raise EngineError("model", f"more than {MOST_SEQUENCES} answers to one question")
        for sequence in sequences:
            self._copy(SHARED, sequence)
        for some in tree.pieces(nodes, BATCH, MOST_OUTPUTS):
            self._evaluate([(n.token, n.position, n.sequences, n.wanted) for n in some])
            for i, node in enumerate(some):
                if node.wanted:
                    pointer = api.llama_get_logits_ith(self._context.pointer, i)  # type: ignore[union-attr]
                    row = np.ctypeslib.as_array(pointer, shape=(self._weights.size,))
                    for token, value in _log_probabilities(row, rivals[node.path]).items():
                        logits[node.path, token] = value
            count(len(some))
        for sequence in sequences:
            self._remove(sequence)

    def _evaluate(self, rows: list[tuple[int, int, list[int], bool]]) -> None:
        """One batch: token, position, the sequences that it belongs to, whether its logits are wanted."""
        import llama_cpp as api

        batch = self._batch
        batch.n_tokens = len(rows)
        for i, (token, position, sequences, wanted) in enumerate(rows):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, position, len(sequences), wanted
            for j, sequence in enumerate(sequences):
                batch.seq_id[i][j] = sequence
        result = api.llama_decode(self._context.pointer, batch)  # type: ignore[union-attr]
        if result and self._limit.over():
            raise self._limit.stopped("while the answers were compared")
        if result:
            raise EngineError(
                "model", f"llama.cpp could not compare the answers ({result}); this model may not allow it"
            )

    def _copy(self, source: int, target: int) -> None:
        import llama_cpp as api

        api.llama_memory_seq_cp(self._context.memory, source, target, -1, -1)  # type: ignore[union-attr]

    def _remove(self, sequence: int) -> None:
        import llama_cpp as api

        api.llama_memory_seq_rm(self._context.memory, sequence, -1, -1)  # type: ignore[union-attr]


def _log_probabilities(row: NDArray[np.float32], tokens: Tokens) -> dict[int, float]:
    """Logarithms of the probabilities that a row of logits gives to some tokens of the vocabulary."""
    import numpy as np

    top = float(row.max())
    total = top + math.log(float(np.exp(row - top).sum(dtype=np.float64)))
    return {token: float(row[token]) - total for token in tokens}


class _Count:
    """Tokens evaluated so far; each change is a sign of life."""

    def __init__(self, tell: Tell, total: int) -> None:
        self.done, self._tell, self._total, self._began = 0, tell, total, time.monotonic()

    def __call__(self, more: int) -> None:
        self.done += more
        rate = self.done / max(1e-9, time.monotonic() - self._began)
        left = (self._total - self.done) / rate if rate else None
        self._tell(Tick("score", self.done, self._total, 0, rate, left))
