"""A live service in the window: a real server in another process, lag and notes, its user asked again."""

from pytestqt.qtbot import QtBot

from tests.live.conftest import port  # noqa: F401
from tests.live.shops import inputs


def test_a_live_run_says_how_late_it_was_and_its_user_is_asked_again(window, qtbot: QtBot, port: int):  # noqa: F811
    window.go("run", {})
    run = window.place("run")
    qtbot.waitUntil(lambda: run.presenter.workflow() is not None, timeout=30_000)
    rule = {"name": "nobody_pays", "always": "effects('pay') == 0", "says": "Nobody pays."}
    run.presenter.set_live(time_scale=0.0)
    with qtbot.waitSignal(window.hub.run_finished, timeout=60_000) as told:
        run.presenter.run(inputs(port, users=8, workflow={"invariants": [rule]}))
    summary = told.args[0].summary
    assert summary.driver_lag is not None
    view = run.view.run
    assert not view.lag.isHidden()
    assert "p99" in view.lag.toolTip()
    assert view.notes.isVisible() == bool(summary.notes)

    window.go("failures", {})
    failures = window.place("failures")
    presenter = failures.presenter
    qtbot.waitUntil(lambda: presenter.trace is not None, timeout=30_000)
    assert presenter.same is True, "from the recording it is the same, bit for bit"
    qtbot.waitUntil(lambda: presenter.target == "http", timeout=30_000)
    before = len(window.notices.history)
    presenter.extras.ask_service(presenter.failure)
    qtbot.waitUntil(lambda: len(window.notices.history) > before, timeout=60_000)
    assert window.notices.history[-1][0] in ("good", "warn"), window.notices.history[-1]
