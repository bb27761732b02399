"""A context of llama.cpp: what it has read so far, evaluated so that the same input gives the same numbers.

Flash attention is off and the batch is fixed, because either changes the last bits of models with 4-bit weights; with
flash attention on they even depend on what was asked before (measured on two processors).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from turbulence_app.llm.worker.limit import EngineError, Limit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from turbulence_app.llm.worker.weights import Weights

BATCH = 512
_ABORTED = 2


@dataclass(frozen=True, slots=True)
class State:
    """What a context had read: the tokens, and the native copy of their keys and values."""

    tokens: tuple[int, ...]
    data: Any

    @property
    def size_bytes(self) -> int:
        """Memory that the copy takes."""
        return len(self.data)


class Context:
    """One sequence (or ``sequences`` of them) over ``length`` tokens. ``outputs``: logits kept of one batch."""

    def __init__(
        self, weights: Weights, limit: Limit, *, length: int, threads: int, sequences: int = 1, outputs: int = 1
    ) -> None:
        import llama_cpp as api

        self._api, self._limit = api, limit
        self.vocabulary_size = weights.size
        wanted = api.llama_context_default_params()
        wanted.n_ctx, wanted.n_batch, wanted.n_ubatch = length, BATCH, BATCH
        wanted.n_seq_max, wanted.n_threads, wanted.n_threads_batch = sequences, threads, threads
        wanted.kv_unified = sequences > 1
        wanted.op_offload = wanted.offload_kqv = False
        if hasattr(wanted, "n_outputs_max"):  # else llama.cpp makes room for the logits of a whole batch
            wanted.n_outputs_max = wanted.n_outputs_max_per_seq = outputs
        if hasattr(wanted, "flash_attn_type"):
            wanted.flash_attn_type = api.LLAMA_FLASH_ATTN_TYPE_DISABLED
        else:
            wanted.flash_attn = False
        self._abort = api.ggml_abort_callback(lambda _data: limit.over())
        wanted.abort_callback = self._abort
        self.pointer = api.llama_init_from_model(weights.pointer, wanted)
        if not self.pointer:
            raise EngineError("memory", f"llama.cpp could not make a context of {length} tokens")
        self.memory = api.llama_get_memory(self.pointer)
        self._batch = api.llama_batch_init(BATCH, 0, 1)

    @property
    def length(self) -> int:
        """Tokens that fit."""
        return int(self._api.llama_n_ctx(self.pointer))

    def close(self) -> None:
        """Frees it."""
        if self.pointer:
            self._api.llama_batch_free(self._batch)
            self._api.llama_free(self.pointer)
            self.pointer = None

    def clear(self) -> None:
        """Forgets everything that was read."""
        self._api.llama_memory_clear(self.memory, True)

    def read(self, tokens: Sequence[int], at: int, on_batch: Callable[[int], None] | None = None) -> None:
        """Evaluates tokens from position ``at`` on, in full batches; the logits of the last one can then be had."""
        for start in range(0, len(tokens), BATCH):
            part = tokens[start : start + BATCH]
            self._fill(part, at + start, last=start + BATCH >= len(tokens))
            result = self._api.llama_decode(self.pointer, self._batch)
            if result == _ABORTED or (result and self._limit.over()):
                raise self._limit.stopped(f"after {at + start} tokens")
            if result:
                raise EngineError("model", f"llama.cpp failed ({result}) to read {len(part)} tokens at {at + start}")
            if on_batch:
                on_batch(start + len(part))

    def logits(self) -> NDArray[np.float32]:
        """One number per token of the vocabulary: a view that the next evaluation overwrites."""
        import numpy as np

        found = self._api.llama_get_logits_ith(self.pointer, -1)
        return np.ctypeslib.as_array(found, shape=(self.vocabulary_size,))

    def save(self, tokens: Sequence[int], most_bytes: int) -> State | None:
        """A copy of what was read (``tokens`` says what that is); None if it would take more than ``most_bytes``."""
        size = self._api.llama_state_seq_get_size(self.pointer, 0)
        if size > most_bytes:
            return None
        data = (ctypes.c_uint8 * size)()
        if self._api.llama_state_seq_get_data(self.pointer, data, size, 0) != size:
            raise EngineError("model", "llama.cpp could not save its state")
        return State(tuple(tokens), data)

    def restore(self, state: State) -> None:
        """As if only ``state.tokens`` had been read."""
        self.clear()
        if not self._api.llama_state_seq_set_data(self.pointer, state.data, len(state.data), 0):
            raise EngineError("model", "llama.cpp could not restore its state")

    def _fill(self, tokens: Sequence[int], at: int, *, last: bool) -> None:
        batch = self._batch
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i], batch.pos[i] = token, at + i
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, 0
            batch.logits[i] = 0
        batch.logits[len(tokens) - 1] = last
