"""What goes to OpenTelemetry: by the SDK's own readers, and over the wire to a collector on this computer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from turbulence_app.domain.errors import InputError
from turbulence_app.llm import errors
from turbulence_app.llm.telemetry import names
from turbulence_app.llm.telemetry.collector import VARIABLE, Collector, collector
from turbulence_app.llm.telemetry.otel import OtelExporter
from turbulence_app.llm.telemetry.otlp import post
from turbulence_app.llm.telemetry.telemetry import Telemetry
from turbulence_app.service.exporting import export

SECOND = 1_000_000_000
WALL = 1_800_000_000 * SECOND


class Memory:
    """Telemetry with the exporter over the SDK's in-memory readers, and a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 5 * SECOND
        self.telemetry = Telemetry(lambda: self.now)
        self.spans, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracers = TracerProvider(shutdown_on_exit=False)
        tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        meters = MeterProvider([self.reader], shutdown_on_exit=False)
        self.exporter = OtelExporter(tracers, meters, lambda: self.now, lambda: WALL)
        self.telemetry.listeners.append(self.exporter)

    def points(self) -> dict[str, list[Any]]:
        data = self.reader.get_metrics_data()
        assert data is not None
        found = data.resource_metrics[0].scope_metrics[0].metrics
        return {metric.name: list(metric.data.data_points) for metric in found}


@pytest.fixture
def memory() -> Iterator[Memory]:
    made = Memory()
    yield made
    made.exporter.close()


def answered(memory: Memory, telemetry: Telemetry | None = None) -> None:
    """A request with a failed call, a good one and a fallback."""
    request = (telemetry or memory.telemetry).begin("policy")
    failing = request.call("ollama", "phi3:mini")
    failing.__enter__()
    memory.now += SECOND
    failing.__exit__(errors.ModelBusyError, errors.ModelBusyError("no"), None)
    request.retry("ollama", "busy")
    request.queued("ollama", 0.5)
    with request.call("ollama", "phi3:mini") as call:
        memory.now += 2 * SECOND
        call.tokens(300, 100)
    request.fallback("invalid")
    request.end("mended", "ollama", "phi3:mini")


def test_a_request_is_a_span_and_its_calls_are_children(memory: Memory) -> None:
    answered(memory)
    failed, good, whole = memory.spans.get_finished_spans()
    assert (whole.name, whole.start_time, whole.end_time) == ("policy phi3:mini", WALL, WALL + 3 * SECOND)
    assert dict(whole.attributes or {}) == {
        names.OPERATION: "policy", names.SOURCE: "mended", names.PROVIDER: "ollama", names.MODEL: "phi3:mini",
        names.REASON: "invalid", "turbulence.request.id": memory.telemetry.recent()[0]["id"],
    }  # fmt: skip
    assert failed.parent is not None
    assert good.parent is not None
    assert failed.parent.span_id == good.parent.span_id == whole.context.span_id
    assert (failed.status.status_code, failed.status.description) == (StatusCode.ERROR, "busy")
    assert (good.start_time, good.end_time) == (WALL + SECOND, WALL + 3 * SECOND)
    assert (good.attributes or {})["gen_ai.usage.input_tokens"] == 300


def test_metrics_have_the_conventions_names_units_and_sums(memory: Memory) -> None:
    answered(memory)
    memory.telemetry.begin("policy").end("", error="absent")
    memory.telemetry.begin("policy").end("", error="cancelled")
    points = memory.points()
    assert {p.attributes.get(names.ERROR, ""): p.sum for p in points[names.CALL_NS]} == {"busy": 1.0, "": 2.0}
    assert {p.attributes[names.TOKEN_TYPE]: p.sum for p in points[names.TOKENS]} == {"input": 300, "output": 100}
    assert sum(p.count for p in points[names.REQUEST_NS]) == 3
    assert [p.value for p in points[names.FALLBACKS]] == [1]
    assert [p.attributes[names.ERROR] for p in points[names.ERRORS]] == ["absent"]
    assert [p.value for p in points[names.RETRIES]] == [1]
    assert [p.sum for p in points[names.QUEUE_NS]] == [0.5]


def test_no_word_of_a_person_goes_out(memory: Memory) -> None:
    text = "Ada Lovelace <ada@example.org> hates forms"
    request = memory.telemetry.begin(text)
    with pytest.raises(errors.ModelError), request.call(text, text):
        raise errors.ModelError(text, text)
    request.fallback(text)
    request.end(text, text, text, error=text)
    told = "".join(span.to_json() for span in memory.spans.get_finished_spans()) + repr(memory.points())
    assert "Ada" not in told
    assert "ada@" not in told


class Taking(BaseHTTPRequestHandler):
    server: Taker

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append((self.path, body, dict(self.headers)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class Taker(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.got: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.status = 200


@pytest.fixture
def taker() -> Iterator[Taker]:
    server = Taker()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_collector_on_this_computer_gets_otlp(memory: Memory, taker: Taker, monkeypatch) -> None:
    monkeypatch.setenv(VARIABLE, f"http://localhost:{taker.server_port}/")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    telemetry = Telemetry(lambda: memory.now)
    end = export(telemetry)
    answered(memory, telemetry)
    end()
    assert telemetry.listeners == []
    got = {path: body for path, body, _ in taker.got}
    assert set(got) == {"/v1/traces", "/v1/metrics"}
    spans = got["/v1/traces"]["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert [(span["name"], span["kind"]) for span in spans] == [
        ("policy phi3:mini", 3), ("policy phi3:mini", 3), ("policy phi3:mini", 1)
    ]  # fmt: skip
    assert len(spans[0]["traceId"]) == 32
    assert spans[0]["parentSpanId"] == spans[2]["spanId"]
    assert int(spans[2]["endTimeUnixNano"]) - int(spans[2]["startTimeUnixNano"]) == 3 * SECOND
    assert spans[0]["status"] == {"code": 2, "message": "busy"}
    metrics = {m["name"]: m for m in got["/v1/metrics"]["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]}
    (point,) = metrics[names.REQUEST_NS]["histogram"]["dataPoints"]
    assert point["count"] == "1"
    assert len(point["bucketCounts"]) == len(point["explicitBounds"]) + 1
    assert sum(map(int, point["bucketCounts"])) == 1
    (fell,) = metrics[names.FALLBACKS]["sum"]["dataPoints"]
    assert fell["asInt"] == "1"
    assert {"key": names.REASON, "value": {"stringValue": "invalid"}} in fell["attributes"]


def test_a_collector_that_is_gone_or_refuses_is_no_trouble(memory: Memory, taker: Taker, monkeypatch) -> None:
    taker.status = 500
    assert not post(Collector("127.0.0.1", taker.server_port), "/v1/traces", {})
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:9")
    telemetry = Telemetry()
    end = export(telemetry)
    answered(memory, telemetry)
    end()


def test_without_the_variable_nobody_listens(monkeypatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    telemetry = Telemetry()
    export(telemetry)()
    assert telemetry.listeners == []


@pytest.mark.parametrize(
    "url",
    [
        "http://collector.example.org:4318", "http://10.0.0.1:4318", "https://127.0.0.1:4318", "127.0.0.1:4318",
        "http://127.0.0.1:99999", "http://ada@127.0.0.1", "http://127.0.0.1/elsewhere", "http://", "http://[::1", "file:///x",
        "http://127.0.0.1.example.org", "http://0.0.0.0:4318",
    ],
)  # fmt: skip
def test_only_this_computer_may_collect(url: str, monkeypatch) -> None:
    with pytest.raises(InputError, match="collector"):
        collector(url)
    monkeypatch.setenv(VARIABLE, url)
    with pytest.raises(InputError):
        export(Telemetry())


@pytest.mark.parametrize(("url", "host"), [("http://[::1]:4318", "::1"), ("http://localhost", "localhost")])
def test_this_computer_has_several_names(url: str, host: str) -> None:
    assert collector(url) == Collector(host, 4318)
