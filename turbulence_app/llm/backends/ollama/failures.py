"""What an Ollama server says when it fails, as types."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from turbulence_app.llm import errors

LONGEST_WAIT_S = 3600.0
_TOO_LONG = re.compile(
    r"(exceed|longer than|too (long|large|big)).{0,40}context|context.{0,40}(exceed|too small)", re.I
)
"""Ollama 0.12.6 to 0.29: "the input length exceeds the context length"; from 0.30 also llama-server's words."""


def failure(
    status: int, raw: bytes, headers: Mapping[str, str], model: str, *, wall: Callable[[], float] = time.time
) -> errors.ModelError:
    """The error that an answer with this status is (``status`` is not 200)."""
    text = said(raw)
    if 300 <= status < 400:
        return errors.ModelRefusedError(f"the Ollama server answered {status}, and redirects are not followed")
    if status in (401, 403):
        return errors.ModelRefusedError(f"the Ollama server refuses ({status}): {text}")
    if status == 404:
        return errors.ModelAbsentError(f"Ollama: {text or 'not found'}", pull_mend(model))
    if status in (429, 503):
        busy = errors.ModelBusyError(f"Ollama is busy: {text or status}", "try again in a moment")
        busy.retry_after = retry_after(headers.get("retry-after", ""), wall)
        return busy
    return spoken(text, status)


def spoken(text: str, status: int = 500) -> errors.ModelError:
    """The error that the server put into words, with its status or in the middle of a stream."""
    if _TOO_LONG.search(text):
        return errors.PromptTooLongError(f"Ollama: {text}", "shorten the description, or use a model with more context")
    if status >= 500:
        full = "memory" in text.lower()
        broken = errors.ModelBrokenError(
            f"Ollama answered {status}: {text or 'no reason given'}", "use a smaller model" if full else ""
        )
        broken.transient = not full
        return broken
    return errors.ModelError(f"Ollama answered {status}: {text or 'no reason given'}")


def said(raw: bytes) -> str:
    """The reason in an error's body, on one line and not too long."""
    text = raw[:2000].decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(raw)
        if isinstance(found, dict) and "error" in found:
            text = str(found["error"])
    return one_line(text)


def one_line(text: str) -> str:
    """Printable, at most 300 characters."""
    return "".join(c if c.isprintable() else " " for c in text)[:300].strip()


def retry_after(header: str, wall: Callable[[], float] = time.time) -> float | None:
    """Seconds to wait: a number or an HTTP date (RFC 9110, 10.2.3); None where the server does not say."""
    text = header.strip()
    if re.fullmatch(r"\d{1,9}", text):
        return min(float(text), LONGEST_WAIT_S)
    try:
        return min(max(0.0, parsedate_to_datetime(text).timestamp() - wall()), LONGEST_WAIT_S)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def pull_mend(model: str) -> str:
    """How to get a model, with Ollama's own words: it is Ollama that goes to the network."""
    return f"ollama pull {model or 'phi3:mini'}"
