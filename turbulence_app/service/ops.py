"""The worker's operations: parameters in, plain JSON data out. The table at the end is the whole vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar, cast

from turbulence_app.domain.base import Noun
from turbulence_app.domain.errors import InputError
from turbulence_app.engine.kept import Kept
from turbulence_app.formats.scenario_text import ListedFault
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.settings import GatewaySettings
from turbulence_app.service import (
    analysis_ops,
    cache_ops,
    campaign_ops,
    doctor,
    failure_ops,
    files,
    first_ops,
    flow_table,
    gateways,
    history_export,
    history_ops,
    import_ops,
    imports,
    journal_ops,
    listing,
    model_ops,
    models,
    ollama_ops,
    params,
    persona_ops,
    plain,
    policies,
    privacy,
    projects,
    report_ops,
    routing,
    runs,
    scenarios,
    telemetry_ops,
)
from turbulence_app.service.analysis import Analyst
from turbulence_app.service.live import Live, place_of, replay_against_service
from turbulence_app.service.telemetry import Keeper, keeper_of
from turbulence_app.service.worker import Job
from turbulence_app.store.database import Database

P = TypeVar("P", bound=Noun)


class Operations(first_ops.Opened):
    """State that lives as long as the worker: open databases, and a gateway (with its model process) per project."""

    def __init__(
        self, home: Path | None = None, databases: dict[Path, Database] | None = None, kept: Kept | None = None
    ) -> None:
        super().__init__(home, databases, kept)
        self._gateways: dict[tuple[Path, bool], tuple[GatewaySettings, Gateway]] = {}
        self._keepers: dict[tuple[Path, bool], Keeper] = {}
        self.analyst = Analyst()

    def handle(self, op: str, given: Mapping[str, Any], job: Job) -> Any:
        """Do one operation. Raises ``InputError`` for one that does not exist."""
        if op not in TABLE:
            raise InputError(f"no operation {op!r}", f"there are {', '.join(sorted(TABLE))}")
        model, act = TABLE[op]
        return act(self, model.model_validate(given), job)

    def close(self) -> None:
        """End model processes, write what waits."""
        for keeper in self._keepers.values():
            keeper.close()
        for _, gateway in self._gateways.values():
            gateway.close()
        super().close()

    def gateway(self, project: str | None, fresh: bool) -> Gateway:
        """The way to models, with the project's cache or without; another one where its settings were changed."""
        key = (self.root(project), fresh)
        settings = gateways.settings_of(projects.model_defaults(key[0]))
        if key in self._gateways and self._gateways[key][0] != settings:
            self._keepers.pop(key).close()
            self._gateways.pop(key)[1].close()
        if key not in self._gateways:
            database = self.database(project)
            gateway = policies.gateway_for(self.home, None if fresh else database, settings)
            self._gateways[key] = (settings, gateway)
            self._keepers[key] = keeper_of(gateway, database)
        return self._gateways[key][1]

    def gateways(self, project: str | None) -> list[Gateway]:
        """The project's gateways in this process."""
        root = self.root(project)
        return [gateway for (where, _), (_, gateway) in self._gateways.items() if where == root]

    def keepers(self, project: str | None) -> list[Keeper]:
        """Who keeps the telemetry of a project's gateways in this process."""
        root = self.root(project)
        return [keeper for (where, _), keeper in self._keepers.items() if where == root]


def _init_project(_: Operations, given: params.InitProject, __: Job) -> Any:
    root = Path(given.project).expanduser().absolute()
    made = projects.init_project(root, given.template, given.name)
    return {"root": str(root), "files": [str(path.relative_to(root)) for path in made]}


def _import_original(ops: Operations, given: params.ImportOriginal, _: Job) -> Any:
    return plain.imported(imports.turbulence(ops.root(given.project or given.root), Path(given.path)))


def _check_text(_: Operations, given: params.CheckText, __: Job) -> Any:
    return {"problems": [plain.problem(found) for found in files.check_text(given.kind, given.text, given.file)]}


def _compile(ops: Operations, given: params.Compile, job: Job) -> Any:
    folder = ops.folder(given.project) if given.backend is None else None
    route = routing.chosen(folder, given.task, given.backend, given.model, given.mode)
    policy = policies.generate(
        given.persona,
        given.workflow,
        gateway=ops.gateway(given.project, given.fresh),
        backend=route.backend,
        model=route.model,
        mode=route.mode,
        seed=given.seed,
        times=given.times,
        models=given.models,
        budget_ms=given.budget_ms,
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    return plain.noun(policy)


def _warm(ops: Operations, given: params.Warm, job: Job) -> Any:
    folder = ops.folder(given.project) if given.backend is None else None
    route = routing.chosen(folder, "policy", given.backend, given.model, given.mode)
    loaded = policies.warm(
        given.workflow,
        gateway=ops.gateway(given.project, fresh=False),
        backend=route.backend,
        model=route.model,
        mode=route.mode,
        should_stop=job.should_stop,
    )
    return {"model": loaded}


def _run(ops: Operations, given: params.Run, job: Job) -> Any:
    project = str(ops.root(given.project))
    finished = runs.run(
        given.inputs,
        ops.database(given.project),
        workers=given.workers,
        project=project,
        place=place_of(given.inputs, project, Live(time_scale=given.time_scale)),
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    return plain.noun(finished)


def _verify(ops: Operations, given: params.Verify, job: Job) -> Any:
    done = runs.verify(
        ops.database(given.project),
        given.run_id,
        workers=given.workers,
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    return plain.verified(done)


def _replay(ops: Operations, given: params.Replay, _: Job) -> Any:
    return plain.replayed(runs.replay(ops.database(given.project), given.run_id, given.user))


def _replay_live(ops: Operations, given: params.ReplayLive, _: Job) -> Any:
    said = Live(time_scale=given.time_scale)
    again = replay_against_service(ops.database(given.project), given.run_id, given.user, ops.root(given.project), said)
    return plain.live_again(again)


def _list_runs(ops: Operations, given: params.ListRuns, _: Job) -> Any:
    return {"runs": [plain.past_run(past) for past in listing.list_runs(ops.database(given.project), given.limit)]}


def _failures(ops: Operations, given: params.Failures, _: Job) -> Any:
    run_id, found, shrunk = listing.failures(ops.database(given.project), given.run_id, given.limit)
    return {
        "run_id": run_id,
        "failures": [plain.noun(failure) for failure in found],
        "shrunk": {name: plain.noun(best) for name, best in shrunk.items()},
    }


def _run_summary(ops: Operations, given: params.OfRun, _: Job) -> Any:
    manifest, summary = listing.run_summary(ops.database(given.project), given.run_id)
    return {"manifest": plain.noun(manifest), "summary": plain.noun(summary)}


def _run_inputs(ops: Operations, given: params.OfRun, _: Job) -> Any:
    return plain.noun(listing.run_inputs(ops.database(given.project), given.run_id))


def _save_policy(ops: Operations, given: params.SavePolicy, _: Job) -> Any:
    database = ops.database(given.project)
    written = policies.save(ops.folder(given.project), [given.policy], database, given.reason)
    return {"file": str(written[0])}


def _approve_policy(ops: Operations, given: params.ApprovePolicy, _: Job) -> Any:
    folder, database = ops.folder(given.project), ops.database(given.project)
    return plain.noun(policies.approve(folder, database, given.persona, given.workflow, given.by))


def _save_persona(ops: Operations, given: params.SavePersona, _: Job) -> Any:
    return {"file": str(files.save_persona(ops.folder(given.project), given.persona))}


def _delete_persona(ops: Operations, given: params.DeletePersona, _: Job) -> Any:
    return {"file": str(files.delete_persona(ops.folder(given.project), given.persona))}


def _edit_scenario(ops: Operations, given: params.EditScenario, _: Job) -> Any:
    faults = None if given.faults is None else [ListedFault(one.data, one.origin) for one in given.faults]
    folder = ops.folder(given.project)
    return plain.edited(scenarios.edit(folder, given.scenario, given.values, faults, write=given.write))


def _save_scenario(ops: Operations, given: params.SaveScenario, _: Job) -> Any:
    return plain.edited(scenarios.save(ops.folder(given.project), given.text, given.scenario))


def _models(ops: Operations, _: params.NoParams, __: Job) -> Any:
    return {"models": [asdict(model) for model in models.list_models(ops.home)]}


def _doctor(ops: Operations, given: params.InProject, _: Job) -> Any:
    return {"checks": [asdict(check) for check in doctor.examine(ops.home, ops.root(given.project))]}


def _privacy(ops: Operations, given: params.Privacy, _: Job) -> Any:
    page = privacy.privacy_page(ops.home, ops.root(given.project) if given.project else None, given.since)
    if given.save is not None:
        privacy.save(page, Path(given.save))
    return page.document()


Act = Callable[[Operations, Any, Job], Any]


def _op(model: type[P], act: Callable[[Operations, P, Job], Any]) -> tuple[type[Noun], Act]:
    return model, cast(Act, act)


TABLE: Mapping[str, tuple[type[Noun], Act]] = {
    **first_ops.TABLE,
    "init_project": _op(params.InitProject, _init_project),
    "import_original": _op(params.ImportOriginal, _import_original),
    "import_file": _op(import_ops.ImportFile, import_ops.import_file),
    "drift": _op(import_ops.Drift, import_ops.drift),
    "check_text": _op(params.CheckText, _check_text),
    "sensitivity": _op(persona_ops.OfOne, persona_ops.sensitivity),
    "effects": _op(persona_ops.Effects, persona_ops.effects),
    "read_people": _op(persona_ops.ReadPeople, persona_ops.read_people),
    "write_people": _op(persona_ops.WritePeople, persona_ops.write_people),
    "compile": _op(params.Compile, _compile),
    "warm": _op(params.Warm, _warm),
    "run": _op(params.Run, _run),
    "verify": _op(params.Verify, _verify),
    "replay": _op(params.Replay, _replay),
    "replay_live": _op(params.ReplayLive, _replay_live),
    "shrink": _op(params.Shrink, failure_ops.shrink),
    "save_capsule": _op(params.SaveCapsule, failure_ops.save_capsule),
    "check_capsules": _op(params.CheckCapsules, failure_ops.check_capsules),
    "export": _op(params.Export, failure_ops.export),
    "nearest_passing": _op(params.OfFailure, failure_ops.nearest_passing),
    "why": _op(params.OfFailure, failure_ops.why),
    "analyze": _op(failure_ops.Analyze, failure_ops.analyze),
    "campaign": _op(campaign_ops.Campaign, campaign_ops.campaign),
    "audit": _op(campaign_ops.Audit, campaign_ops.audit),
    "campaigns": _op(campaign_ops.Campaigns, campaign_ops.list_campaigns),
    "campaign_report": _op(campaign_ops.OfCampaign, campaign_ops.campaign_report),
    "keep_cause": _op(campaign_ops.OfCause, campaign_ops.keep_cause),
    "analysis": _op(analysis_ops.Analysis, analysis_ops.analysis),
    "people": _op(analysis_ops.People, analysis_ops.people),
    "list_runs": _op(params.ListRuns, _list_runs),
    "history": _op(history_ops.OfHistory, history_ops.page),
    "export_history": _op(history_export.ExportHistory, history_export.export),
    "history_lines": _op(history_ops.OfLines, history_ops.lines),
    "history_tags": _op(params.InProject, history_ops.tags),
    "edit_history": _op(history_ops.EditHistory, history_ops.edit),
    "remove_history": _op(history_ops.OfLines, history_ops.remove),
    "restore_history": _op(history_ops.OfLines, history_ops.restore),
    "compare_runs": _op(history_ops.CompareRuns, history_ops.compare),
    "failures": _op(params.Failures, _failures),
    "kind_notes": _op(history_ops.KindNotes, history_ops.kind_notes),
    "save_kind": _op(history_ops.SaveKind, history_ops.save_kind),
    "run_summary": _op(params.OfRun, _run_summary),
    "run_inputs": _op(params.OfRun, _run_inputs),
    "save_policy": _op(params.SavePolicy, _save_policy),
    "approve_policy": _op(params.ApprovePolicy, _approve_policy),
    "save_persona": _op(params.SavePersona, _save_persona),
    "delete_persona": _op(params.DeletePersona, _delete_persona),
    **{name: _op(model, act) for name, model, act in flow_table.TABLE},
    "edit_scenario": _op(params.EditScenario, _edit_scenario),
    "save_scenario": _op(params.SaveScenario, _save_scenario),
    "models": _op(params.NoParams, _models),
    "catalogue": _op(params.InProject, model_ops.catalogue),
    "add_model": _op(model_ops.AddModel, model_ops.add_model),
    "remove_model": _op(model_ops.NamedModel, model_ops.remove_model),
    "default_model": _op(model_ops.NamedModel, model_ops.default_model),
    "trust_model": _op(model_ops.NamedModel, model_ops.trust_model),
    "verify_model": _op(model_ops.NamedModel, model_ops.verify_model),
    "set_route": _op(model_ops.SetRoute, model_ops.set_route),
    "bench": _op(model_ops.Bench, model_ops.bench),
    "telemetry": _op(telemetry_ops.OfTelemetry, telemetry_ops.telemetry_of),
    "stress": _op(telemetry_ops.Stress, telemetry_ops.stress),
    "set_thresholds": _op(telemetry_ops.SetThresholds, telemetry_ops.set_thresholds),
    "ollama_ps": _op(ollama_ops.OllamaPs, ollama_ops.ps),
    "ollama_load": _op(ollama_ops.OllamaLoad, ollama_ops.load),
    "ollama_unload": _op(ollama_ops.OllamaUnload, ollama_ops.unload),
    "ollama_source": _op(ollama_ops.OllamaSource, ollama_ops.source),
    "ollama_pull": _op(ollama_ops.OllamaPull, ollama_ops.pull),
    "cache_stats": _op(params.InProject, cache_ops.cache_stats),
    "cache_clear": _op(cache_ops.CacheClear, cache_ops.cache_clear),
    **journal_ops.OPERATIONS,
    **report_ops.OPERATIONS,
    "doctor": _op(params.InProject, _doctor),
    "privacy": _op(params.Privacy, _privacy),
}
