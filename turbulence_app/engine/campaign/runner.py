"""Who runs batches of which target, and batches as pure tasks: text in, text out, the same anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pydantic import TypeAdapter

from turbulence_app import __version__
from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignSettings, Expansion
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.model import ModelRunner
from turbulence_app.engine.campaign.seeds import Slice
from turbulence_app.engine.digests import ENGINE_VERSION
from turbulence_app.engine.place import AppPlace, HttpPlace, Place


class Runner(Protocol):
    """Runs the batches of one campaign, one after the other."""

    def run(self, part: Slice, expansion: Expansion | None, should_stop: Callable[[], bool]) -> Batch | None:
        """One batch; None where it was stopped in between."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


def make_runner(inputs: RunInputs, settings: CampaignSettings, place: Place | None) -> Runner:
    """The runner of the inputs' target; raises ``InputError`` for inputs that cannot run."""
    if inputs.target == "model":
        return ModelRunner(inputs, settings)
    if inputs.target == "app" and isinstance(place, AppPlace):
        from turbulence_app.engine.campaign.app import AppRunner

        return AppRunner(inputs, settings, place)
    if inputs.target == "http" and isinstance(place, HttpPlace):
        from turbulence_app.engine.campaign.http import HttpRunner

        return HttpRunner(inputs, settings, place)
    raise InputError(f"a campaign on target {inputs.target} needs its project", "give the project's folder")


def pack_campaign(inputs: RunInputs, settings: CampaignSettings, place: Place | None) -> str:
    """Everything that another process needs to run batches, as JSON; the order of keys is the order of options."""
    return json.dumps(
        {
            "version": __version__,
            "engine_version": ENGINE_VERSION,
            "inputs": inputs.model_dump(mode="json", by_alias=True),
            "settings": settings.model_dump(mode="json"),
            "place": _pack_place(place),
        }
    )


def unpack_campaign(text: str) -> Runner:
    """A runner from :func:`pack_campaign`; raises ``InputError`` where that was another version."""
    data = json.loads(text)
    theirs, ours = (data["version"], data["engine_version"]), (__version__, ENGINE_VERSION)
    if theirs != ours:
        told = f"this worker has Turbulence {ours[0]} (engine {ours[1]}), the campaign {theirs[0]} (engine {theirs[1]})"
        raise InputError(told, "install the same version everywhere")
    inputs, settings = RunInputs.model_validate(data["inputs"]), CampaignSettings.model_validate(data["settings"])
    return make_runner(inputs, settings, _unpack_place(data["place"]))


def pack_task(part: Slice, expansion: Expansion | None) -> dict[str, Any]:
    """A batch to run, as JSON-ready data."""
    switches = expansion.model_dump(mode="json") if expansion is not None else None
    return {"number": part.number, "first": part.first, "worlds": part.worlds, "expansion": switches}


def run_task(runner: Runner, task: Mapping[str, Any]) -> str:
    """Run a packed batch to its end; the batch as JSON."""
    expansion = Expansion.model_validate(task["expansion"]) if task["expansion"] is not None else None
    batch = runner.run(Slice(task["number"], task["first"], task["worlds"]), expansion, lambda: False)
    if batch is None:
        raise RuntimeError("a batch that nobody stopped came to no end")
    return batch.model_dump_json()


def _pack_place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    kind = "app" if isinstance(place, AppPlace) else "http"
    return {"kind": kind, **_PLACES[kind].dump_python(place, mode="json")}


def _unpack_place(data: dict[str, Any] | None) -> Place | None:
    if data is None:
        return None
    adapter = _PLACES[data["kind"]]
    place: Place = adapter.validate_python({key: value for key, value in data.items() if key != "kind"})
    return place


_PLACES: dict[str, TypeAdapter[Any]] = {"app": TypeAdapter(AppPlace), "http": TypeAdapter(HttpPlace)}
