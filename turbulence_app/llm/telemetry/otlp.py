"""OTLP in JSON over HTTP to a collector on this computer, and to nothing else. Needs the extra ``otel``.

The format is the OpenTelemetry protocol's (opentelemetry-proto 1.x, JSON encoding): ids in hex, 64-bit numbers as text.
Sent with the standard library: no proxy, no redirect, no header from the environment.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    Histogram,
    HistogramDataPoint,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from turbulence_app import __version__
from turbulence_app.llm.telemetry.collector import Collector
from turbulence_app.llm.telemetry.otel import SCOPE, OtelExporter

TIMEOUT_S = 5.0
EVERY_MS = 15_000
CUMULATIVE = 2


def exporter(collector: Collector) -> OtelExporter:
    """Everything wired: requests go to the collector in batches, metrics every 15 s."""
    resource = Resource({"service.name": "turbulence", "service.version": __version__})
    tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
    tracers.add_span_processor(BatchSpanProcessor(Spans(collector)))
    reader = PeriodicExportingMetricReader(Metrics(collector), export_interval_millis=EVERY_MS)
    return OtelExporter(tracers, MeterProvider([reader], resource=resource, shutdown_on_exit=False))


class Spans(SpanExporter):
    """Sends spans; what the collector does not take is lost."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """One request to ``/v1/traces``."""
        scope = {"scope": {"name": SCOPE, "version": __version__}, "spans": [_span(span) for span in spans]}
        resource = _resource(spans[0].resource) if spans else {}
        document = {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}
        sent = post(self._collector, "/v1/traces", document)
        return SpanExportResult.SUCCESS if sent else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        """There is no connection to close."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002
        """Nothing waits here."""
        return True


class Metrics(MetricExporter):
    """Sends metrics; what the collector does not take comes with the next sums."""

    def __init__(self, collector: Collector) -> None:
        super().__init__()
        self._collector = collector

    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **_: Any) -> MetricExportResult:  # noqa: ARG002
        """One request to ``/v1/metrics``."""
        document = {
            "resourceMetrics": [
                {
                    "resource": _resource(one.resource),
                    "scopeMetrics": [
                        {"scope": {"name": scope.scope.name}, "metrics": [_metric(metric) for metric in scope.metrics]}
                        for scope in one.scope_metrics
                    ],
                }
                for one in metrics_data.resource_metrics
            ]
        }
        sent = post(self._collector, "/v1/metrics", document)
        return MetricExportResult.SUCCESS if sent else MetricExportResult.FAILURE

    def shutdown(self, timeout_millis: float = 30_000, **_: Any) -> None:
        """There is no connection to close."""

    def force_flush(self, timeout_millis: float = 10_000) -> bool:  # noqa: ARG002
        """Nothing waits here."""
        return True


def post(collector: Collector, path: str, document: Mapping[str, Any]) -> bool:
    """Whether the collector took it. Whatever goes wrong on the way is no error of the program."""
    connection = http.client.HTTPConnection(collector.host, collector.port, timeout=TIMEOUT_S)
    try:
        body = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        return 200 <= connection.getresponse().status < 300
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def _span(span: ReadableSpan) -> dict[str, Any]:
    parent = {"parentSpanId": f"{span.parent.span_id:016x}"} if span.parent else {}
    return {
        "traceId": f"{span.context.trace_id:032x}",
        "spanId": f"{span.context.span_id:016x}",
        **parent,
        "name": span.name,
        "kind": span.kind.value + 1,
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(span.attributes),
        "status": {"code": span.status.status_code.value, "message": span.status.description or ""},
    }


def _metric(metric: Any) -> dict[str, Any]:
    data = metric.data
    told = {"name": metric.name, "unit": metric.unit or ""}
    if isinstance(data, Histogram):
        points = [_buckets(point) for point in data.data_points]
        return {**told, "histogram": {"dataPoints": points, "aggregationTemporality": CUMULATIVE}}
    points = [_number(point) for point in data.data_points]
    return {**told, "sum": {"dataPoints": points, "aggregationTemporality": CUMULATIVE, "isMonotonic": True}}


def _buckets(point: HistogramDataPoint) -> dict[str, Any]:
    return {
        **_when(point),
        "count": str(point.count),
        "sum": point.sum,
        "min": point.min,
        "max": point.max,
        "bucketCounts": [str(number) for number in point.bucket_counts],
        "explicitBounds": list(point.explicit_bounds),
    }


def _number(point: NumberDataPoint) -> dict[str, Any]:
    return {**_when(point), "asInt": str(int(point.value))}


def _when(point: Any) -> dict[str, Any]:
    return {
        "attributes": _attributes(point.attributes),
        "startTimeUnixNano": str(point.start_time_unix_nano),
        "timeUnixNano": str(point.time_unix_nano),
    }


def _resource(resource: Resource) -> dict[str, Any]:
    return {"attributes": _attributes(resource.attributes)}


def _attributes(attributes: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    def value(one: Any) -> dict[str, Any]:
        return {"intValue": str(one)} if isinstance(one, int) else {"stringValue": str(one)}

    pairs: Iterable[tuple[str, Any]] = (attributes or {}).items()
    return [{"key": key, "value": value(one)} for key, one in pairs]
