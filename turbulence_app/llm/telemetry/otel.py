"""Requests as OpenTelemetry's spans and metrics (its conventions for generative AI). Needs the extra ``otel``.

A request is a span with one child per call to a model; times are those of the request's own clock, moved to the wall's.
Attributes are the closed list of :mod:`.names`; there are no events, and no content.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

from turbulence_app.llm.telemetry import names
from turbulence_app.llm.telemetry.requests import Call, Request

SCOPE = "turbulence"
REQUEST_ID = "turbulence.request.id"
SECONDS = [0.01 * 2**power for power in range(14)]
"""Bounds of the buckets of durations that the conventions advise."""
AMOUNTS = [float(4**power) for power in range(14)]
"""The same for tokens."""


class OtelExporter:
    """A listener of :class:`~turbulence_app.llm.telemetry.telemetry.Telemetry`: call it with a request that ended."""

    def __init__(
        self,
        tracers: TracerProvider,
        meters: MeterProvider,
        clock: Callable[[], int] = time.perf_counter_ns,
        wall: Callable[[], int] = time.time_ns,
    ) -> None:
        self._providers = (tracers, meters)
        self._shift = wall() - clock()
        self._tracer = tracers.get_tracer(SCOPE)
        meter = meters.get_meter(SCOPE)
        self._calls = meter.create_histogram(names.CALL_NS, "s", explicit_bucket_boundaries_advisory=SECONDS)
        self._tokens = meter.create_histogram(names.TOKENS, "{token}", explicit_bucket_boundaries_advisory=AMOUNTS)
        self._requests = meter.create_histogram(names.REQUEST_NS, "s", explicit_bucket_boundaries_advisory=SECONDS)
        self._waits = meter.create_histogram(names.QUEUE_NS, "s", explicit_bucket_boundaries_advisory=SECONDS)
        self._fallbacks = meter.create_counter(names.FALLBACKS, "{request}")
        self._errors = meter.create_counter(names.ERRORS, "{request}")
        self._retries = meter.create_counter(names.RETRIES, "{call}")

    def __call__(self, request: Request) -> None:
        """One request that ended."""
        self._measure(request)
        about = _clean({
            names.OPERATION: request.operation,
            names.SOURCE: request.source,
            names.PROVIDER: request.provider,
            names.MODEL: request.model,
            names.ERROR: request.error,
            names.REASON: request.fallbacks[0] if request.fallbacks else "",
        })  # fmt: skip
        began = request.began + self._shift
        name = f"{about.get(names.OPERATION, '')} {about.get(names.MODEL, '')}".strip()
        span = self._tracer.start_span(name, attributes={**about, REQUEST_ID: request.id}, start_time=began)
        context = set_span_in_context(span)
        for call in request.calls:
            which = _which(request, call)
            child = self._tracer.start_span(
                f"{which.get(names.OPERATION, '')} {which.get(names.MODEL, '')}".strip(),
                context,
                SpanKind.CLIENT,
                {**which, "gen_ai.usage.input_tokens": call.tokens_in, "gen_ai.usage.output_tokens": call.tokens_out},
                start_time=call.began + self._shift,
            )
            if call.error:
                child.set_status(Status(StatusCode.ERROR, which[names.ERROR]))
            child.end(call.began + call.taken + self._shift)
        if request.error:
            span.set_status(Status(StatusCode.ERROR, about[names.ERROR]))
        span.end(began + request.taken)

    def close(self) -> None:
        """Sends what waits, and ends the threads of the providers."""
        for provider in self._providers:
            provider.shutdown()

    def _measure(self, request: Request) -> None:
        kind = _clean({names.OPERATION: request.operation})
        self._requests.record(request.taken / 1e9, {**kind, **_clean({names.SOURCE: request.source or "none"})})
        for call in request.calls:
            which = _which(request, call)
            self._calls.record(call.taken / 1e9, which)
            for token_type, number in (("input", call.tokens_in), ("output", call.tokens_out)):
                if number:
                    self._tokens.record(number, {**which, names.TOKEN_TYPE: token_type})
        if request.waited:
            self._waits.record(request.waited / 1e9, kind)
        if request.fallbacks and not request.error:
            self._fallbacks.add(1, {**kind, **_clean({names.REASON: request.fallbacks[0]})})
        if request.error and request.error != "cancelled":
            self._errors.add(1, {**kind, **_clean({names.ERROR: request.error})})
        if request.retries:
            self._retries.add(request.retries, kind)


def _which(request: Request, call: Call) -> dict[str, str]:
    return _clean({
        names.OPERATION: request.operation,
        names.PROVIDER: call.provider,
        names.MODEL: call.model,
        names.ERROR: call.error,
    })  # fmt: skip


def _clean(attributes: dict[str, str]) -> dict[str, str]:
    return {name: names.clean(name, value) for name, value in attributes.items() if value}
