"""Messages to tokens, in the model's own chat template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from turbulence_app.llm.worker.weights import Weights

FIXED_DATE = "01 Jan 2026"
"""What a chat template gets that asks for today: the same prompt must not change overnight."""
_PROBES = ("A", "Zz", "\n-")
"""Beginnings of a user's message that have no first token in common."""


def prompt_tokens(weights: Weights, messages: list[dict[str, str]]) -> list[int]:
    """The whole prompt, up to where the answer begins."""
    if not weights.chat_template:
        plain = "\n\n".join(m["content"] for m in messages) + "\n\nAnswer:\n"
        return weights.tokens(plain, special=False, begin=True)
    return weights.tokens(_render(weights, messages), special=True, begin=False)


def fixed_tokens(weights: Weights, messages: list[dict[str, str]], prompt: list[int]) -> list[int]:
    """The beginning of the prompt that depends on the system message alone; empty if there is none."""
    if not messages or messages[0]["role"] != "system":
        return []
    shared = prompt
    for probe in _PROBES:
        other = prompt_tokens(weights, [messages[0], {"role": "user", "content": probe}])
        same = next((i for i, (a, b) in enumerate(zip(shared, other, strict=False)) if a != b), None)
        shared = shared[: len(other) if same is None else same]
    return shared


def _render(weights: Weights, messages: Any) -> str:
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    class Formatter(Jinja2ChatFormatter):
        @staticmethod
        def strftime_now(_format: str) -> str:
            return FIXED_DATE

    begin, end = weights.first_and_last
    formatter = Formatter(weights.chat_template, end, begin)
    try:
        return str(formatter(messages=messages).prompt)
    except ValueError:
        # Templates without a role for the system, or with strict turns: one message says it all.
        merged: Any = "\n\n".join(m["content"] for m in messages if m["role"] != "assistant")
        return str(formatter(messages=[{"role": "user", "content": merged}]).prompt)
