"""An aligned journey as steps, with decisions where visits went different ways and think times as they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from turbulence_app.domain.policy import DecisionPolicy
from turbulence_app.domain.quantity import Quantity
from turbulence_app.domain.workflow import (
    AssertStep,
    BranchStep,
    DecideStep,
    EndStep,
    Expectation,
    HttpStep,
    ServiceModel,
    Step,
)
from turbulence_app.formats.fitting import outcomes_of, quantity_of
from turbulence_app.formats.har_align import Aligned, Stage
from turbulence_app.formats.har_read import Exchange
from turbulence_app.formats.har_sift import is_id
from turbulence_app.formats.har_values import Sent, Travel
from turbulence_app.formats.names import Taken, clean, singular, snake

_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_VERBS = {"GET": "get", "HEAD": "head", "POST": "post", "PUT": "put", "PATCH": "patch", "DELETE": "delete"}


class Flow:
    """Makes the steps of a journey and what the policy says of them."""

    def __init__(self, aligned: Aligned, travel: Travel, services: dict[str, str], pages: dict[str, str]) -> None:
        self.aligned, self.travel, self.services, self.pages = aligned, travel, services, pages
        self.taken = Taken(*travel.taken.names)
        self.think: dict[str, Quantity] = {}
        self.decisions: dict[str, DecisionPolicy] = {}
        self.single = 0
        """Steps whose latency was measured once."""

    def steps(self, sent: Sequence[Sent]) -> list[Step]:
        """The whole flow."""
        made: list[Step] = []
        waiting: list[Step] = []
        page = ""
        for number, (stage, what) in enumerate(zip(self.aligned.stages, sent, strict=True)):
            exchange = stage.call.exchange
            title = self.pages.get(exchange.page, "") if exchange.page != page else ""
            page = exchange.page
            waiting += self._one(stage, what, title)
            after = self.aligned.stages[number + 1] if number + 1 < len(self.aligned.stages) else None
            if after is not None and after.present == stage.present and not stage.left:
                continue
            made += self._maybe(stage, waiting)
            waiting = []
            if stage.left and after is not None:
                made += self._leaving(stage)
        return [*made, EndStep(name=self.taken.free("finished"), type="end", outcome="completed")]

    def _one(self, stage: Stage, sent: Sent, title: str) -> list[Step]:
        exchange = stage.call.exchange
        name = self.taken.free(name_of(exchange))
        thinks = [call.think / 1000 for call in stage.calls if call.think]
        if thinks:
            self.think[name] = quantity_of(thinks)
        self.single += len(stage.calls) == 1
        step = HttpStep(
            name=name,
            type="http",
            description=f"Page: {title}" if title else "",
            service=self.services[exchange.origin],
            method=exchange.method,
            path=sent.path,
            headers=sent.headers,
            query=sent.query,
            extract=sent.extract,
            model=self._model(stage, sent),
            **({} if exchange.body is None else {"json_": sent.body}),
        )
        if exchange.method not in _WRITES or not 200 <= exchange.status < 400:
            return [step]
        expect = Expectation(status_code=exchange.status)
        return [step, AssertStep(name=self.taken.free(f"{name}_answer"), type="assert", expect=expect)]

    def _model(self, stage: Stage, sent: Sent) -> ServiceModel:
        outcomes = outcomes_of(Counter(200 if c.exchange.status == 304 else c.exchange.status for c in stage.calls))
        ok = outcomes.get("ok")
        if sent.answer is not None and ok is not None and not isinstance(ok, float):
            outcomes["ok"] = ok.model_copy(update={"json_": sent.answer})
        return ServiceModel(latency_ms=quantity_of([c.exchange.took / 1000 for c in stage.calls]), outcomes=outcomes)

    def _maybe(self, stage: Stage, steps: list[Step]) -> list[Step]:
        """The steps, behind a decision where some visits went on without them."""
        skipped = stage.inside - len(stage.present)
        if skipped <= 0:
            return steps
        first = steps[0].name
        name = self.taken.free(f"does_{first}")
        options = {first: f"goes to {first.replace('_', ' ')}", "skip": "goes on without it"}
        self.decisions[name] = DecisionPolicy(options={first: float(len(stage.present)), "skip": float(skipped)})
        ask = DecideStep(
            name=self.taken.free(f"ask_{name}"), type="decide", decision=name, options=options, output_var=name,
            prompt="What does this person do now?",
        )  # fmt: skip
        branch = BranchStep(
            name=self.taken.free(f"if_{name}"), type="branch", condition=f"{name} == '{first}'", if_true=tuple(steps)
        )
        return [ask, branch]

    def _leaving(self, stage: Stage) -> list[Step]:
        name = self.taken.free(f"after_{name_of(stage.call.exchange)}")
        stayed = stage.inside - stage.left
        self.decisions[name] = DecisionPolicy(options={"go_on": float(stayed), "leave": float(stage.left)})
        ask = DecideStep(
            name=self.taken.free(f"ask_{name}"), type="decide", decision=name, output_var=name,
            prompt="Does this person go on?", options={"go_on": "goes on", "leave": "leaves here"},
        )  # fmt: skip
        end = EndStep(name=self.taken.free(f"left_{name}"), type="end", outcome="abandoned")
        gone = self.taken.free(f"gone_{name}")
        return [ask, BranchStep(name=gone, type="branch", condition=f"{name} == 'leave'", if_true=(end,))]


def name_of(exchange: Exchange) -> str:
    """A step's name: ``open_products`` for a page, ``get_product`` for a call, ``post_orders_pay``."""
    operation = exchange.body.get("operationName") if isinstance(exchange.body, dict) else None
    if isinstance(operation, str) and clean(operation):
        return snake(operation, "query")
    words = [clean(s) for s in exchange.path.split("/") if s]
    verb = _VERBS.get(exchange.method, "get")
    if exchange.method == "GET" and (exchange.kind == "document" or exchange.mime == "text/html"):
        verb = "open"
    fixed = [snake(w.partition(".")[0], "page") for w in words if not is_id(w)][-2:]
    if words and is_id(words[-1]) and fixed:
        fixed = [*fixed[:-1], singular(fixed[-1])]
    if len(fixed) == 2 and not (words and is_id(words[-2])):
        fixed = fixed[-1:]
    return "_".join([verb, *(fixed or ["home"])])[:80]
