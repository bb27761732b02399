"""Where compilations disagree: first in the policy panel, widest first; compiled once, by votes, by all models."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from turbulence_app.domain.policy import Policy, Spread
from turbulence_app.gui.places.personas.compiling import _voters
from turbulence_app.gui.places.personas.doubts import MOST, doubts_of
from turbulence_app.gui.window import MainWindow

RANGES = {
    "decisions.payment_failed.options.retry": (0.35, 0.71),
    "patience.step_wait_seconds.max": (8.0, 20.0),
    "toggles.apply_coupon": (0.08, 0.2),
    "retries.steps.pay": (1.0, 3.0),
    "pacing.think_ms.min": (120.0, 300.0),
    "forms.skip_optional": (0.6, 0.65),
    "parameters.cart_quantity.max": (2.0, 3.0),
}


def doubtful(policy: Policy) -> Policy:
    return policy.model_copy(update={"ranges": {p: Spread(min=low, max=high) for p, (low, high) in RANGES.items()}})


def test_the_widest_comes_first_and_every_doubt_has_a_row() -> None:
    doubts = doubts_of(doubtful(Policy(persona_id="p")))
    assert len(doubts) == len(RANGES)
    assert doubts[0].path == "retries.steps.pay", "1 to 3 times is the widest"
    labels = {doubt.path: (doubt.label, doubt.numbers, doubt.row) for doubt in doubts}
    assert labels["decisions.payment_failed.options.retry"] == (
        "Payment failed: retry", "35 % – 71 %", "decisions.payment_failed",
    )  # fmt: skip
    assert labels["patience.step_wait_seconds.max"] == (
        "Waits for an answer, at most", "8 – 20 s", "patience.step_wait_seconds",
    )  # fmt: skip
    assert labels["toggles.apply_coupon"] == ("Apply coupon", "8 % – 20 %", "toggles.apply_coupon")
    assert labels["retries.steps.pay"][0] == "Tries again pay"
    assert all(0 <= doubt.low / doubt.top <= doubt.high / doubt.top <= 1 for doubt in doubts)


def test_without_ranges_nothing_is_doubted() -> None:
    assert doubts_of(Policy(persona_id="p")) == ()


def test_every_model_that_is_there_has_a_vote() -> None:
    listed = [
        {"backend": "llamacpp", "name": "phi-3", "available": True},
        {"backend": "llamacpp", "name": "gone", "available": False},
        {"backend": "ollama", "name": "qwen2.5:1.5b", "available": True},
        {"backend": "builtin", "name": "minilm", "available": True},
        {"backend": "rules", "name": "rules", "available": True},
    ]
    assert _voters({"models": listed}) == ["phi-3", "ollama:qwen2.5:1.5b", "builtin"]
    assert _voters(None) == []


def test_doubts_stand_first_and_lead_to_their_numbers(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("personas")
    window.go("personas", {})
    card = place.view.policy
    assert not card.doubts.isVisible()
    policy = place.presenter.policy()
    assert policy is not None
    window.project.put_policy(doubtful(policy))
    qtbot.waitUntil(card.doubts.isVisible, timeout=5000)
    assert card.doubts.row_count() == MOST
    assert card.least_agreed.accessibleName() == f"Least agreed ({len(RANGES) - MOST} more)"
    last = MOST - 1
    lead = card.row(card._doubted[card.doubts.rows()[last].key])
    card.turn("yaml")
    assert lead.visibleRegion().isEmpty()
    card.doubts.pick(last)
    qtbot.waitUntil(lambda: not lead.visibleRegion().isEmpty(), timeout=5000)
    window.project.put_policy(policy)
    qtbot.waitUntil(lambda: not card.doubts.isVisible(), timeout=5000)


@pytest.mark.parametrize("way", ["votes", "models"])
def test_a_consensus_is_compiled_in_the_window(qtbot: QtBot, window: MainWindow, way: str) -> None:
    window.go("personas", {})
    place = window.place("personas")
    words = place.view.words
    words.backend.setCurrentIndex(words.backend.findData("builtin"))
    words.way.setCurrentIndex(words.way.findData(way))
    before = place.presenter.policy()
    window.commands.run("personas.compile")
    qtbot.waitUntil(lambda: not place.presenter.compiling.busy, timeout=60_000)
    after = place.presenter.policy()
    assert after is not None
    assert after != before
    assert after.provenance.backend == "builtin"
