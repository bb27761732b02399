"""The next token of an answer: the best that the grammar admits.

The grammar is asked about the best token first and about more only if that one is refused; the outcome is the same as
that of masking the whole vocabulary, at a fraction of the cost. With a temperature above 0 each score gets Gumbel noise
from the seed, and the best of those is taken: this draws from the softmax of what is admitted (Gumbel-max trick).
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from turbulence_app.llm.worker.forced import Path
from turbulence_app.llm.worker.limit import EngineError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from turbulence_app.llm.worker.weights import Weights

FIRST = 256
"""How many of the best tokens are put to the grammar before the whole vocabulary is."""


class Sampler:
    """One answer's worth of choices. ``close`` frees the native grammar."""

    def __init__(self, weights: Weights, grammar: str, *, seed: int, temperature: float = 0.0) -> None:
        import llama_cpp as api
        import numpy as np

        self._api, self._weights, self._temperature = api, weights, temperature
        self._noise = np.random.Generator(np.random.Philox(seed))
        self._pair = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
        self._grammar = api.llama_sampler_init_grammar(weights.vocabulary, grammar.encode(), b"root")
        if not self._grammar:
            raise EngineError("model", "llama.cpp does not accept the grammar")
        self._path = _path(grammar)

    def close(self) -> None:
        """Frees the grammar."""
        if self._grammar:
            self._api.llama_sampler_free(self._grammar)
            self._grammar = None

    def choose(self, logits: NDArray[np.float32]) -> int:
        """The next token; it counts as written."""
        scores = self._scores(logits)
        best = int(scores.argmax())
        if not self._admitted([best])[0]:
            best = self._search(scores)
        self._api.llama_sampler_accept(self._grammar, best)
        return best

    def forced(self, text: bytes) -> list[int]:
        """Goes on by ``text`` in the grammar's own path; the tokens of what must follow, which count as written.

        The last of them is left to the model: which token ends there depends on what it wants to say next.
        """
        if self._path is None:
            return []
        self._path.write(text.decode("utf-8", "replace"))
        tokens = self._weights.continuation(self._path.forced())[:-1]
        for token in tokens:
            self._api.llama_sampler_accept(self._grammar, token)
            self._path.write(self._weights.piece(token).decode())
        return tokens

    def finished(self) -> bool:
        """Whether the text may end here and nothing may follow: no need to ask the model for the end."""
        ends = sorted(self._weights.ends)[:1]
        return bool(ends) and bool(self._admitted(ends)[0]) and not self._admitted(self._weights.text).any()

    def _scores(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        import numpy as np

        scores = logits.astype(np.float64)
        if self._temperature > 0:
            scores = scores / self._temperature + self._noise.gumbel(size=scores.size)
        scores[self._weights.forbidden] = -np.inf
        if not np.isfinite(scores.max()):
            raise EngineError("garbage", "the model's numbers are not finite; its file may be damaged")
        return scores

    def _search(self, scores: NDArray[np.float64]) -> int:
        import numpy as np

        some = min(FIRST, scores.size - 1)
        bound = np.partition(scores, -some)[-some]
        for candidates in (np.flatnonzero(scores >= bound), self._weights.allowed):
            admitted = candidates[self._admitted(candidates)]
            if admitted.size:
                return int(admitted[scores[admitted].argmax()])
        raise EngineError("model", "the vocabulary of the model cannot write what the grammar asks for")

    def _admitted(self, candidates: list[int] | NDArray[np.int64]) -> NDArray[np.bool_]:
        """For each token, whether the grammar lets it come next."""
        import numpy as np

        api = self._api
        rows = np.zeros(len(candidates), self._pair)
        rows["id"] = candidates
        data = rows.ctypes.data_as(api.llama_token_data_p)
        array = api.llama_token_data_array(data, len(rows), -1, False)
        api.llama_sampler_apply(self._grammar, ctypes.byref(array))
        return np.asarray(rows["logit"] == 0.0)


def _path(grammar: str) -> Path | None:
    """The grammar followed by ourselves; None for a notation that is not ours."""
    try:
        return Path(grammar)
    except (ValueError, KeyError, IndexError):
        return None
