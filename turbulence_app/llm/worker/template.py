"""Messages to tokens, in the model's own chat template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from turbulence_app.llm.worker.limit import EngineError

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
    return weights.tokens(_render(weights, _unmarked(weights, messages)), special=True, begin=False)


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


def _unmarked(weights: Weights, messages: list[dict[str, str]]) -> list[dict[str, str]]:
    """The messages with a blank in every control token that somebody wrote into them: only the template ends a turn."""
    return [{**message, "content": unmark(message["content"], weights.marks)} for message in messages]


def unmark(text: str, marks: tuple[str, ...]) -> str:
    """The text with a blank after the first character of each of ``marks``, so that no tokenizer knows it again."""
    for mark in marks:
        if mark in text:
            text = text.replace(mark, f"{mark[0]} {mark[1:]}")
    return text


def _render(weights: Weights, messages: Any) -> str:
    """The prompt as the model's template writes it. Raises ``EngineError`` for one that fails or drops a question."""
    from jinja2 import TemplateError
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    class Formatter(Jinja2ChatFormatter):
        @staticmethod
        def strftime_now(_format: str) -> str:
            return FIXED_DATE

    begin, end = weights.first_and_last
    asked = messages[-1]["content"].strip()
    try:
        formatter = Formatter(weights.chat_template, end, begin)
        try:
            made = str(formatter(messages=messages).prompt)
        except ValueError:
            # Templates without a role for the system, or with strict turns: one message says it all.
            merged: Any = "\n\n".join(m["content"] for m in messages if m["role"] != "assistant")
            made = str(formatter(messages=[{"role": "user", "content": merged}]).prompt)
    except (TemplateError, ValueError, TypeError, ArithmeticError, LookupError) as error:
        raise EngineError("file", f"the chat template in the model's file does not work: {error}") from None
    if asked not in made:
        raise EngineError("file", "the chat template in the model's file leaves the question out")
    return made
