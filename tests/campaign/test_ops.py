"""Campaigns through the worker that the window uses: a real client and a real child process."""

import queue
import shutil
from pathlib import Path
from typing import Any

import pytest

from turbulence_app.domain.campaign import AuditReport, CampaignHeadline, CampaignReport
from turbulence_app.domain.events import EVENT, CampaignFinished, CampaignStarted, Event
from turbulence_app.service.client import Client


@pytest.fixture(scope="module")
def client():
    one = Client()
    yield one
    one.close()


def test_run_list_show_audit(client: Client, pristine: Path, tmp_path: Path) -> None:
    project = str(shutil.copytree(pristine, tmp_path / "kiosk"))
    events: list[Any] = []
    answers: queue.Queue[Any] = queue.Queue()
    asked = {"project": project, "scenario": "rough", "worlds": 1000, "users": 3, "swarm": True, "workers": 1}
    client.request("run", "campaign", asked, on_event=events.append, on_result=answers.put, on_error=answers.put)
    report = CampaignReport.model_validate(answers.get(timeout=60))
    assert report.manifest.settings.seed == 7
    assert report.clusters
    told: list[Event] = [EVENT.validate_python(e) if isinstance(e, dict) else e for e in events]
    assert isinstance(told[0], CampaignStarted)
    assert isinstance(told[-1], CampaignFinished)
    listed = client.call("live", "campaigns", {"project": project})["campaigns"]
    assert [CampaignHeadline.model_validate(c).campaign_id for c in listed] == ["c-0001"]
    shown = client.call("live", "campaign_report", {"project": project, "campaign_id": "last"})
    assert CampaignReport.model_validate(shown) == report
    audited = client.call("run", "audit", {"project": project, "scenario": "calm", "worlds": 500, "workers": 1})
    assert AuditReport.model_validate(audited).caught >= 2
    with pytest.raises(RuntimeError, match="is done"):
        client.call("run", "campaign", {"project": project, "resume": "last"})
