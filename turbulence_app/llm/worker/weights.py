"""A model file in memory: its weights and its vocabulary, through llama.cpp's C interface."""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from turbulence_app.llm.worker.limit import EngineError, Limit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WARNING, _ERROR = 3, 4
"""Levels of ggml's log, by both of its countings: what is above 2 and no continuation is worth a line."""
_NOT_TEXT = 1 | 2 | 8 | 16
"""Attributes of tokens (llama.h): unknown, unused, control, user-defined. None of them is text of an answer."""
_BRACKETS = "<[|\uff5c"
"""What the spellings of control tokens begin with: ``<|end|>``, ``[INST]``, ``|im_start|``."""
_said: deque[str] = deque(maxlen=8)
_listeners: list[Any] = []
"""Callbacks that native code holds: they must live as long as the process."""


def hush() -> None:
    """Keeps llama.cpp's chatter off standard error, except warnings and errors (the parent shows the last one)."""
    import llama_cpp

    def listen(level: int, text: bytes, _data: Any) -> None:
        if level in (_WARNING, _ERROR) or (level == 2 and b"error" in text):
            line = text.decode("utf-8", "replace").strip()
            if line:
                _said.append(line)
                print(line[:400], flush=True)

    _listeners.append(llama_cpp.llama_log_callback(listen))
    llama_cpp.llama_log_set(_listeners[-1], None)


class Weights:
    """One loaded model. ``close`` gives the memory back; contexts on it must be closed before."""

    def __init__(self, path: str, limit: Limit, on_progress: Callable[[float], None]) -> None:
        import llama_cpp as api

        self._api = api
        api.llama_backend_init()
        wanted = api.llama_model_default_params()
        wanted.n_gpu_layers = 0
        # A failed callback cannot raise through native code: it says stop, and the limit knows why.
        callback = api.llama_progress_callback(lambda part, _data: _proceed(limit, on_progress, part))
        wanted.progress_callback = callback
        _said.clear()
        self.pointer = api.llama_model_load_from_file(path.encode(), wanted)
        if not self.pointer:
            if limit.over():
                raise limit.stopped("while the model was loading")
            raise EngineError("file", f"llama.cpp cannot use this file: {_why()}")
        self.vocabulary = api.llama_model_get_vocab(self.pointer)
        self.size = int(api.llama_vocab_n_tokens(self.vocabulary))
        self.trained_context = int(api.llama_model_n_ctx_train(self.pointer))
        self._buffer = ctypes.create_string_buffer(1024)

    def close(self) -> None:
        """Frees the weights."""
        if self.pointer:
            self._api.llama_model_free(self.pointer)
            self.pointer = None

    def tokens(self, text: str, *, special: bool, begin: bool) -> list[int]:
        """The text as tokens; ``special`` reads control tokens by their spelling, ``begin`` adds the model's first."""
        data = text.encode()
        room = len(data) + 8
        found = (self._api.llama_token * room)()
        count = self._api.llama_tokenize(self.vocabulary, data, len(data), found, room, begin, special)
        if count < 0:
            raise EngineError("model", f"the text cannot be split into tokens ({count})")
        return list(found[:count])

    def piece(self, token: int) -> bytes:
        """The text of one token; control tokens have none."""
        count = self._api.llama_token_to_piece(self.vocabulary, token, self._buffer, len(self._buffer), 0, False)
        return self._buffer.raw[:count] if count > 0 else b""

    def continuation(self, text: str) -> list[int]:
        """The text as tokens in the middle of another text; empty if it cannot be had without a change to it.

        Vocabularies may begin a text with a blank of their own: then it is read after a new line, which is taken off.
        """
        if not text:
            return []
        for before in ("", "\n"):
            found = self.tokens(before + text, special=False, begin=False)
            pieces = [self.piece(token) for token in found]
            while pieces and sum(map(len, pieces)) > len(text.encode()):
                pieces.pop(0)
            if b"".join(pieces) == text.encode():
                return found[len(found) - len(pieces) :]
        return []

    def spelling(self, token: int) -> str:
        """How a token is written in the vocabulary, as chat templates want it; ``""`` for none."""
        if token < 0:
            return ""
        return bytes(self._api.llama_vocab_get_text(self.vocabulary, token)).decode("utf-8", "replace")

    @property
    def first_and_last(self) -> tuple[str, str]:
        """The spelling of the tokens that begin and end a text."""
        begin, end = self._api.llama_vocab_bos(self.vocabulary), self._api.llama_vocab_eos(self.vocabulary)
        return self.spelling(begin), self.spelling(end)

    @cached_property
    def chat_template(self) -> str:
        """The model's own Jinja template; ``""`` if it has none."""
        found = self._api.llama_model_chat_template(self.pointer, None)
        return found.decode("utf-8", "replace") if found else ""

    @cached_property
    def ends(self) -> frozenset[int]:
        """Tokens that end an answer."""
        return frozenset(t for t in range(self.size) if self._api.llama_vocab_is_eog(self.vocabulary, t))

    @cached_property
    def forbidden(self) -> NDArray[np.int64]:
        """Tokens that no answer may hold: a grammar matches them by their spelling, but their text would be dropped."""
        import numpy as np

        attribute = self._api.llama_vocab_get_attr
        found = [t for t in range(self.size) if attribute(self.vocabulary, t) & _NOT_TEXT and t not in self.ends]
        return np.array(found, dtype=np.int64)

    @cached_property
    def marks(self) -> tuple[str, ...]:
        """The spellings that a prompt's text must not hold: the vocabulary reads them as the beginnings and ends of
        turns. Tokens of blanks and letters are text, whatever the file calls them."""
        attribute = self._api.llama_vocab_get_attr
        found = (self.spelling(t) for t in range(self.size) if attribute(self.vocabulary, t) & _NOT_TEXT)
        return tuple(sorted({one for one in found if len(one) > 2 and one[0] in _BRACKETS and one.isprintable()}))

    @cached_property
    def allowed(self) -> NDArray[np.int64]:
        """Tokens that an answer may hold or end with."""
        import numpy as np

        return np.setdiff1d(np.arange(self.size), self.forbidden)

    @cached_property
    def text(self) -> NDArray[np.int64]:
        """Tokens that an answer may hold."""
        import numpy as np

        return np.setdiff1d(self.allowed, list(self.ends))


def _why() -> str:
    """The first thing that went wrong; what follows it only says that something did."""
    errors = [line for line in _said if "rror" in line] or list(_said)
    return errors[0].split(": ", 1)[-1][:300] if errors else "it does not say why"


def _proceed(limit: Limit, on_progress: Callable[[float], None], part: float) -> bool:
    if limit.over():
        return False
    on_progress(part)
    return True
