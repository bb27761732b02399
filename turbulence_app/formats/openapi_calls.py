"""One operation as steps: the request with its values filled in, and the check of the documented status."""

from __future__ import annotations

from typing import Any, cast

from turbulence_app.domain.quantity import Percentiles
from turbulence_app.domain.workflow import (
    AnswerModel,
    AssertStep,
    ChoiceParameter,
    Expectation,
    HttpMethod,
    HttpStep,
    Parameter,
    RangeParameter,
    ServiceModel,
    Step,
)
from turbulence_app.formats.names import Taken, clean, snake
from turbulence_app.formats.openapi_links import Link, body_of
from turbulence_app.formats.openapi_read import Operation, Reader
from turbulence_app.formats.openapi_security import Security
from turbulence_app.formats.openapi_values import (
    MISSING,
    kind_of,
    make,
    media_value,
    plain,
    resolved,
    spoken_example,
    whole,
)
from turbulence_app.formats.statuses import name_of

LATENCY = Percentiles(p50=100, p95=400, p99=1000)
"""Stands until `import log` puts measured tables in its place."""
TROUBLE = 0.01
"""Share of the requests that get one of the documented answers other than success."""
PERSON = "person_number"
_WHO = {"customer", "user", "username", "user_name", "login", "nickname", "handle", "account"}
"""Fields that say who somebody is: made of the person's number where the document gives no example."""
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}


class Calls:
    """Makes steps; knows which variables there are and who fills them."""

    def __init__(self, reader: Reader, service: str, security: Security, links: list[Link]) -> None:
        self.reader, self.service, self.security, self.links = reader, service, security, links
        self.parameters: dict[str, Parameter] = {}
        self.extracts: dict[tuple[str, str], dict[str, str]] = {}
        """By operation: variables and the JSONPaths in its answer that they come from."""
        self.taken = Taken(PERSON)
        self.identities: set[str] = set()
        for link in links:
            self.extracts.setdefault(link.source, {})[link.variable] = link.jsonpath

    def steps(self, operation: Operation, name: str, identities: dict[str, str]) -> list[Step]:
        """The request and its check. ``identities``: path parameters to the variables that hold them here."""
        name = self.taken.free(name)
        headers, query = self.security.of(operation)
        step = HttpStep(
            name=name,
            type="http",
            description=operation.says,
            service=self.service,
            method=cast(HttpMethod, operation.method),
            path=self._path(operation, identities),
            headers={**headers, **self._others(operation, "header", name)},
            query={**query, **self._others(operation, "query", name)},
            extract=self.extracts.get((operation.method, operation.path), {}),
            model=self._model(operation),
            **({} if (body := self._body(operation, name)) is None else {"json_": body}),
        )
        return [step, *self._check(operation, name)]

    def _check(self, operation: Operation, name: str) -> list[Step]:
        if not operation.success:
            self.reader.note(f"{operation.method} {operation.path} documents no success, so nothing is asserted of it.")
            return []
        wanted: Any = operation.success[0] if len(operation.success) == 1 else operation.success
        expect = Expectation(status_code=wanted)
        return [AssertStep(name=self.taken.free(f"{name}_answer"), type="assert", expect=expect)]

    def _model(self, operation: Operation) -> ServiceModel:
        troubles = [r.status for r in operation.responses if r.status >= 400 and r.status not in (401, 403)]
        share = round(TROUBLE / len(troubles), 6) if troubles else 0.0
        ok = 1.0 - sum([share] * len(troubles))
        status, body = next(iter(operation.success), 200), body_of(self.reader, operation)
        good = AnswerModel(p=round(ok, 6), status=status, **({} if body is None else {"json_": body}))
        outcomes: dict[str, float | AnswerModel] = {"ok": good}
        for code in troubles:
            outcomes[name_of(code)] = AnswerModel(p=share, status=code)
        return ServiceModel(latency_ms=LATENCY, outcomes=outcomes)

    def _path(self, operation: Operation, identities: dict[str, str]) -> str:
        path = clean(operation.path).replace(" ", "%20")
        for parameter in operation.parameters:
            if parameter.where == "path" and f"{{{parameter.name}}}" in path:
                path = path.replace(f"{{{parameter.name}}}", self._value(operation, parameter.name, identities))
        for name, variable in identities.items():  # parameters that the document forgot to describe
            if f"/{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", self._from(variable, None) or "1")
        return path

    def _value(self, operation: Operation, name: str, identities: dict[str, str]) -> str:
        spec = next(p.spec for p in operation.parameters if p.name == name and p.where == "path")
        fallback = self._example(spec)
        target = (operation.method, operation.path)
        linked = next((k.variable for k in self.links if (k.target, k.parameter) == (target, name)), None)
        variable = linked or identities.get(name)
        found = None if variable is None else self._from(variable, fallback)
        if found is None:
            shown = clean("1" if fallback is MISSING else str(fallback)).replace(" ", "%20") or "1"
            self.reader.note(
                f"{operation.method} {operation.path} takes {name!r} from nowhere in the document; it is always "
                f"{shown[:40]!r} here."
            )
            return shown
        return found

    def _from(self, variable: str, fallback: Any) -> str | None:
        """A template of a variable; None where no answer gives it and nothing can stand in for it."""
        made = template(variable, fallback)
        known = "|" in made or any(variable in found for found in self.extracts.values())
        return made if known else None

    def _example(self, spec: dict[str, Any]) -> Any:
        given = spoken_example(self.reader, spec)
        if given is not MISSING:
            return given
        if "schema" in spec:
            return make(self.reader, spec["schema"])
        return media_value(self.reader, _first(spec.get("content")))

    def _others(self, operation: Operation, where: str, step: str) -> dict[str, Any]:
        """Required values of the query or the header, and those that have an example of their own."""
        found: dict[str, Any] = {}
        for parameter in operation.parameters:
            spoken = "example" in parameter.spec or "examples" in parameter.spec
            if parameter.where != where or not (parameter.required or spoken):
                continue
            if where == "header" and parameter.name.lower() in _IGNORED_HEADERS:
                continue
            value = self._example(parameter.spec)
            if "idempotency" in parameter.name.lower():
                value = f"{step}-{{{{{self._person()}}}}}"
            elif where == "query" and not spoken:
                value = self._varied(parameter.spec.get("schema"), f"{step}_{snake(parameter.name)}", value)
            if value is not MISSING and value is not None:
                found[clean(parameter.name)] = str(value) if where == "header" else value
        return found

    def _body(self, operation: Operation, step: str) -> Any:
        value = media_value(self.reader, operation.body)
        if value is MISSING:
            if operation.body is not None:
                self.reader.note(f"No body could be made for {operation.method} {operation.path}; it is sent without.")
            return None
        if not isinstance(value, dict) or operation.body is None:
            return value
        spoken = spoken_example(self.reader, operation.body) is not MISSING
        properties = resolved(self.reader, operation.body.get("schema")).get("properties")
        table = properties if isinstance(properties, dict) else {}
        return {k: self._property(k, v, table.get(k), f"{step}_{snake(k)}", spoken) for k, v in value.items()}

    def _property(self, key: str, value: Any, schema: Any, name: str, spoken: bool) -> Any:
        if snake(key) in self.identities and not isinstance(value, dict | list):
            return self._from(snake(key), value) or value
        if value == "person@example.com":
            return f"person{{{{{self._person()}}}}}@example.com"
        if not spoken and snake(key) in _WHO and value in ("text", clean(key).lower()):
            return f"{snake(key)}-{{{{{self._person()}}}}}"
        return value if spoken else self._varied(schema, name, value)

    def _varied(self, schema: Any, name: str, value: Any) -> Any:
        """A template where the schema offers several values, so that not everybody sends the same."""
        spec = resolved(self.reader, schema)
        if any(key in spec for key in ("example", "examples", "default", "const")) or isinstance(value, str) != (
            kind_of(spec) == "string"
        ):
            return value
        values = spec.get("enum") if isinstance(spec.get("enum"), list) else ()
        choices = [v for v in values or () if isinstance(v, str | int | float) and not isinstance(v, bool)]
        if len(choices) > 1:
            return self._parameter(name, ChoiceParameter(type="choice", values=tuple(plain(choices[:20], most=20))))
        low, high = whole(spec.get("minimum")), whole(spec.get("maximum"))
        open_ended = "multipleOf" in spec or any(key.startswith("exclusive") for key in spec)
        if kind_of(spec) != "integer" or low is None or high is None or low >= high or open_ended:
            return value
        return self._parameter(name, RangeParameter(type="range", min=low, max=high))

    def _parameter(self, name: str, parameter: Parameter) -> str:
        free = self.taken.free(name)
        self.parameters[free] = parameter
        return "{{" + free + "}}"

    def _person(self) -> str:
        """A number that is hardly ever the same for two people: what must be unique is made of it."""
        self.parameters.setdefault(PERSON, RangeParameter(type="range", min=1, max=10**9))
        return PERSON


def template(variable: str, fallback: Any) -> str:
    """``{{ variable | default:fallback }}``."""
    if isinstance(fallback, bool) or not isinstance(fallback, str | int | float):
        return "{{" + variable + "}}"
    if isinstance(fallback, str):
        text = clean(fallback).translate(str.maketrans("", "", "'\\{}|"))
        return "{{" + f"{variable} | default:'{text}'" + "}}"
    return "{{" + f"{variable} | default:{fallback}" + "}}" if fallback >= 0 else "{{" + variable + "}}"


def _first(content: Any) -> dict[str, Any] | None:
    values = list(content.values()) if isinstance(content, dict) else []
    return values[0] if values and isinstance(values[0], dict) else None
