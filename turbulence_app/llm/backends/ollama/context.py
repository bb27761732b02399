"""How many tokens a question needs, and how much context is asked for.

A server that is asked for another context than the one a model is loaded with loads it again (0.3 s for a tiny model,
seconds for a real one), so the context grows in powers of two and never shrinks while the program runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from turbulence_app.llm import errors

LEAST = 2048
PER_MESSAGE = 16
"""Tokens that a chat template adds around a message."""
UNKNOWN = 4096
"""Taken for a model's context where the server does not say: Ollama's own default."""


def tokens_at_most(text: str) -> int:
    """A cautious count: two characters a token for ASCII (prose has three to five), a token per byte for the rest."""
    plain = sum(character < "\x80" for character in text)
    return -(-plain // 2) + len(text.encode("utf-8", "surrogatepass")) - plain


def needed(messages: Iterable[Mapping[str, str]], answer_chars: int) -> int:
    """Tokens for a prompt and the longest answer that is expected."""
    return sum(tokens_at_most(m["content"]) + PER_MESSAGE for m in messages) + -(-answer_chars // 2)


def context_for(need: int, most: int, model: str, before: int = 0) -> int:
    """Tokens of context to ask for: at least ``need`` and ``before``, at most what the model has.

    Raises :class:`PromptTooLongError` where it does not fit: nothing is ever cut off.
    """
    most = most or UNKNOWN
    if need > most:
        raise errors.PromptTooLongError(
            f"the prompt and its answer need up to {need} tokens, {model} has {most}",
            "shorten the description, or use a model with more context",
        )
    return min(most, max(LEAST, before, 1 << (need - 1).bit_length()))


def was_cut(read: int, context: int, *, refuses: bool) -> bool:
    """Whether a count of prompt tokens shows that the server cut the prompt.

    A cut prompt fills the context, or (llama-server, which discards half) just over half of it. ``refuses``: the server
    knows ``truncate: false``, so that half of the context is a coincidence and not a sign.
    """
    if read >= context - 4:
        return True
    return not refuses and context // 2 <= read <= context // 2 + 4
