"""What answers of a status are called in a step's outcomes."""

from __future__ import annotations

NAMES = {
    400: "bad_request", 401: "unauthorized", 402: "declined", 403: "forbidden", 404: "not_found", 405: "not_allowed",
    406: "not_acceptable", 408: "request_timeout", 409: "conflict", 410: "gone", 412: "precondition_failed",
    413: "too_large", 415: "unsupported", 422: "invalid", 423: "locked", 424: "dependency_failed",
    428: "needs_condition", 429: "too_many", 500: "error", 501: "not_implemented", 502: "bad_gateway",
    503: "unavailable", 504: "gateway_timeout",
}  # fmt: skip


def name_of(status: int) -> str:
    """``ok`` for 2xx, a usual word, else ``http_418``."""
    return "ok" if 200 <= status < 300 else NAMES.get(status, f"http_{status}")
