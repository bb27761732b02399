"""Generated workflows, policies and faults: every step type, nested, with conditions over everything."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from turbulence_app.domain.faults import MODEL_TARGET_FAULTS
from turbulence_app.domain.inputs import RunInputs

milliseconds = st.integers(0, 9000).map(float)
probability = st.sampled_from([0.0, 0.05, 0.3, 0.5, 0.9, 1.0])
weight = st.sampled_from([0.0, 0.5, 1.0, 3.0])


def quantity(top: float = 9000.0) -> st.SearchStrategy[Any]:
    bounded = st.floats(1.0, top, allow_nan=False)
    return st.one_of(
        st.just(0.0),
        bounded,
        st.tuples(bounded, bounded).map(lambda p: {"min": min(p), "max": max(p)}),
        bounded.map(lambda m: {"kind": "exponential", "mean": m}),
        st.tuples(bounded, bounded).map(lambda p: {"kind": "lognormal", "median": min(p), "p95": max(p)}),
        st.tuples(bounded, bounded, bounded).map(lambda p: dict(zip(("p50", "p95", "p99"), sorted(p), strict=True))),
        st.lists(bounded, min_size=2, max_size=5).map(lambda v: {"kind": "table", "values": sorted(v)}),
    )


JSONS = st.sampled_from([None, {"id": 7}, {"id": "x", "n": [1, 2]}, {"paid": True}])
PATHS = ["$.id", "$.n[1]", "$.paid", "$.missing.deep"]


@st.composite
def models(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(["ok", "declined", "error", "timeout", "odd"]), min_size=1, unique=True))
    shares = [draw(st.integers(1, 9)) for _ in names]
    outcomes = {}
    for name, share in zip(names, shares, strict=True):
        answer: dict[str, Any] = {"p": share / sum(shares), "json": draw(JSONS)}
        if name == "odd":
            answer["status"] = draw(st.sampled_from([204, 302, 409]))
        outcomes[name] = answer
    return {"latency_ms": draw(quantity()), "outcomes": outcomes, "idempotent": draw(st.booleans())}


class Builder:
    """Draws one world; names are numbered, so that expressions can point anywhere."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.count = 0
        self.decisions: dict[str, list[str]] = {}

    def name(self) -> str:
        self.count += 1
        return f"s{self.count}"

    def expression(self) -> str:
        draw = self.draw
        step = f"s{draw(st.integers(1, max(1, self.count)))}"
        atom = st.sampled_from([
            f"{step}.failed", f"{step}.status == 500", f"{step}.answer in ['ok', 'gave_up']", f"failures('{step}') >= 2",  # noqa: E501
            f"count('{step}') > 1", f"count('{step}', 'ok') == 1", f"effects('{step}') <= 1", f"attempts('{step}') < 3",
            f"visits('{step}') % 2 == 0", f"waited_ms('{step}') > 2500", f"not ({step}.waited_ms >= 3000)",
            f"reached('{step}')", "outcome == 'completed'", "elapsed_ms > 9000", "elapsed_ms / 1000 + 1 < 20",
            "persona == 'p0'", f"step != '{step}'", "choice == 'a'", "choice != none", "qty * 2 >= 6", "vip and qty > 1",  # noqa: E501
            "vip", "sku == 'A'", "context.get('sku') in ['B', 'C']", "found == 7 or found == true", "body.id == 7",
            "status_code == 201", "lower(sku) == 'a'", "len(sku) + qty > 3", f"{step}.json.id == 'x'", "missing > 1",
            "{{ missing | default:3 }} > 2", "hobby == 'chess'", "min(qty, 2) == 2", "found",
            "len(headers) == 0", f"len({step}.headers) == 0", f"{step}.headers.etag == none",
        ])  # fmt: skip
        parts = draw(st.lists(atom, min_size=1, max_size=3))
        return f" {draw(st.sampled_from(['and', 'or', 'and not']))} ".join(parts)

    def rule(self, kind: str) -> Any:
        if kind != "within":
            return self.expression()
        seconds = self.draw(st.sampled_from([0.1, 3.0, 12.0, 1000.0]))
        return {"after": self.expression(), "then": self.expression(), "seconds": seconds}

    def expectation(self) -> dict[str, Any]:
        return self.draw(st.one_of(
            st.sampled_from([
                {"status_code": 200}, {"status_code": [201, 204]}, {"jsonpath": "$.id", "equals": 7},
                {"jsonpath": "$.n", "contains": 2}, {"jsonpath": "$.paid"}, {"context_path": "found", "equals": 7},
                {"context_path": "sku", "contains": "A"}, {"context_path": "qty"},
                {"schema": {"type": "object", "required": ["id"]}},
            ]),
            st.builds(lambda e: {"expression": e}, st.just(self.expression())),
        ))  # fmt: skip

    def steps(self, depth: int, least: int = 1) -> list[dict[str, Any]]:
        return [self.step(depth) for _ in range(self.draw(st.integers(least, 4)))]

    def step(self, depth: int) -> dict[str, Any]:
        kinds = ["http", "http", "decide", "wait", "assert", "form", "think", "end", "grpc"]
        kind = self.draw(st.sampled_from(kinds + (["branch", "repeat"] * 2 if depth else [])))
        made: dict[str, Any] = {"name": self.name(), "type": kind}
        if self.draw(st.integers(0, 3)) == 0:
            made["when"] = self.expression()
        getattr(self, f"_{kind}")(made, depth)
        return made

    def _http(self, made: dict[str, Any], depth: int) -> None:
        draw = self.draw
        made |= {"service": "api", "model": draw(models()), "method": draw(st.sampled_from(["GET", "POST"]))}
        if draw(st.booleans()):
            made["extract"] = {draw(st.sampled_from(["found", "choice", "sku"])): draw(st.sampled_from(PATHS))}
        if draw(st.integers(0, 2)) == 0:
            made["retry"] = {
                "max_attempts": draw(st.integers(1, 4)), "on_status": draw(st.sampled_from([[], [500], [402, 409, 503]])),  # noqa: E501
                "on_connection_error": draw(st.booleans()),
                "on_timeout": draw(st.booleans()), "backoff": draw(st.sampled_from(["fixed", "exponential"])),
                "delay_ms": 700, "base_delay_ms": 300, "max_delay_ms": 1000,
            }  # fmt: skip

    def _grpc(self, made: dict[str, Any], depth: int) -> None:
        made |= {"service": "api", "model": self.draw(models())}

    def _wait(self, made: dict[str, Any], depth: int) -> None:
        made |= {"service": "api", "model": self.draw(models()), "interval_seconds": 1.5, "timeout_seconds": 6}
        if self.draw(st.booleans()):
            made["expect"] = self.expectation()

    def _assert(self, made: dict[str, Any], depth: int) -> None:
        made["expect"] = self.expectation()

    def _decide(self, made: dict[str, Any], depth: int) -> None:
        options = self.draw(st.sampled_from([["a"], ["a", "b"], ["a", "b", "c"]]))
        decision = f"d{self.count}"
        self.decisions[decision] = options
        made |= {"decision": decision, "options": dict.fromkeys(options, ""), "output_var": "choice"}

    def _form(self, made: dict[str, Any], depth: int) -> None:
        kinds = self.draw(st.lists(st.sampled_from(["text", "tel", "checkbox"]), min_size=1, max_size=3))
        made["fields"] = [
            {"name": f"f{i}", "kind": k, "required": self.draw(st.booleans())} for i, k in enumerate(kinds)
        ]

    def _think(self, made: dict[str, Any], depth: int) -> None:
        if self.draw(st.booleans()):
            made["time_ms"] = self.draw(quantity())

    def _end(self, made: dict[str, Any], depth: int) -> None:
        made["outcome"] = self.draw(st.sampled_from(["completed", "abandoned", "failed"]))
        made["when"] = self.expression()

    def _branch(self, made: dict[str, Any], depth: int) -> None:
        made |= {
            "condition": self.expression(),
            "if_true": self.steps(depth - 1, 0),
            "if_false": self.steps(depth - 1, 0),
        }

    def _repeat(self, made: dict[str, Any], depth: int) -> None:
        made |= {"while": self.expression(), "max": self.draw(st.integers(1, 3)), "steps": self.steps(depth - 1)}

    def policy(self, persona: str) -> dict[str, Any]:
        draw = self.draw

        def weights(options: list[str]) -> dict[str, float]:
            found = {o: draw(weight) for o in options}
            return found if any(found.values()) else {options[-1]: 1.0}

        steps = st.dictionaries(st.integers(1, self.count).map("s{}".format), quantity(), max_size=2)
        return {
            "persona_id": persona,
            "decisions": {
                d: {"options": weights(o), "cases": [
                    {"when": self.expression(), "options": weights(o)} for _ in range(draw(st.integers(0, 2)))]}
                for d, o in self.decisions.items()
            },
            "patience": {"step_wait_seconds": draw(st.none() | quantity(12.0)),
                         "visit_seconds": draw(st.none() | quantity(90.0))},
            "retries": {"default": draw(st.integers(0, 2))},
            "pacing": {"think_ms": draw(quantity()), "steps": draw(steps)},
            "forms": {"typing_ms_per_char": draw(quantity(300.0)), "correction_probability": draw(probability),
                      "skip_optional": draw(probability)},
            "parameters": {"qty": {"type": "range", "min": 1, "max": draw(st.integers(1, 6))}},
            "toggles": {"vip": draw(probability)},
            "data": draw(st.sampled_from([{}, {"hobby": ["chess", "go"]}])),
        }  # fmt: skip

    def fault(self) -> dict[str, Any]:
        draw = self.draw
        kind = draw(st.sampled_from(sorted(MODEL_TARGET_FAULTS)))
        made: dict[str, Any] = {"kind": kind, "probability": draw(probability)}
        if kind == "latency":
            made["add_ms"] = draw(quantity())
        if kind == "crash" or draw(st.integers(0, 5)) == 0:
            made |= {"at_seconds": draw(st.sampled_from([3.0, [1.0, 5.0, 20.0]])), "down_seconds": 2.5}
        if kind == "timeout" and draw(st.booleans()):
            made["timeout_after_ms"] = draw(st.integers(0, 4000))
        if kind == "error_status":
            made["status"] = draw(st.sampled_from([500, 503]))
        if draw(st.booleans()):
            made["persona"] = "p0"
        if draw(st.integers(0, 3)) == 0:
            made["nth"] = draw(st.integers(1, 3))
        if draw(st.integers(0, 3)) == 0:
            made["when"] = self.expression()
        if draw(st.integers(0, 2)) == 0:
            made |= {"from_seconds": 2.0, "to_seconds": draw(st.sampled_from([4.0, 30.0]))}
        return made


@st.composite
def worlds(draw: st.DrawFn, users: int = 300) -> RunInputs:
    """The inputs of a small run of anything."""
    builder = Builder(draw)
    flow = builder.steps(2)
    kinds = draw(st.lists(st.sampled_from(["always", "never", "at_end", "sometimes", "within", "within"]), max_size=5))
    workflow: dict[str, Any] = {
        "id": "any",
        "services": {"api": {"base_url": "http://127.0.0.1:1", "timeout_seconds": draw(st.sampled_from([2.0, 30.0]))}},
        "entry": {"seed_data": {"sku": draw(st.sampled_from(["A", ["A", "B", "C"]])), "spare": 1}},
        "parameters": {"qty": {"type": "range", "min": 1, "max": 5}},
        "flow": flow,
        "invariants": [{"name": f"i{i}", kind: builder.rule(kind)} for i, kind in enumerate(kinds)],
        "stop_when": {"any_assertion_fails": draw(st.booleans()), "any_action_fails": draw(st.booleans())},
        "max_steps": draw(st.sampled_from([3, 8, 100])),
    }
    if draw(st.integers(0, 3)) == 0:
        workflow["turbulence"] = {
            "global": {"latency_ms": {"min": 10, "max": 900}, "timeout_after_ms": 2500, "retry_count": 1}
        }
        workflow["variation"] = {
            "timing": {"jitter_ms": {"min": 0, "max": 400}, "step_delay_ms": {"min": 50, "max": 60}}
        }
    personas = draw(st.integers(1, 3))
    crowd = [{"persona": f"p{i}", "weight": i + 1, "policy": builder.policy(f"p{i}")} for i in range(personas)]
    arrivals = draw(st.sampled_from([
        {"kind": "open", "rate_per_second": 7.3}, {"kind": "closed", "concurrent": 5},
        {"kind": "bursts", "size": 7, "every_seconds": 2.5}, {"kind": "curve", "points": [[0, 1], [2, 20], [5, 0.5]]},
    ]))  # fmt: skip
    return RunInputs.model_validate({
        "workflow": workflow, "crowd": crowd, "users": users, "seed": draw(st.integers(0, 2**64 - 1)),
        "faults": [builder.fault() for _ in range(draw(st.integers(0, 3)))], "arrivals": arrivals,
    })  # fmt: skip
