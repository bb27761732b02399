"""Which page of the manual is about what: F1 opens it at what has the keyboard. Qt-free."""

from __future__ import annotations

from collections.abc import Iterable

PLACES: dict[str, str] = {
    "personas": "personas",
    "workflow": "formats#steps-of-a-workflow",
    "run": "window#run",
    "failures": "failures",
    "models": "models",
    "telemetry": "telemetry",
    "log": "log#the-log",
    "settings": "settings",
}
"""By place: the page, and the heading on it."""

PANELS: dict[str, str] = {
    "PolicyCard": "personas#the-human-gate",
    "DescriptionCard": "personas#writing-personas-that-compile-well",
    "YamlEditor": "formats#steps-of-a-workflow",
    "FaultsPage": "runs#faults",
    "CampaignPage": "campaigns",
    "CoverageCard": "campaigns#coverage",
    "WhyCard": "failures#why",
    "FailuresView": "failures",
    "BenchPage": "models#which-one-the-bench",
    "OllamaCard": "models#ollama",
    "RoutesCard": "models#small-for-drafts-large-on-demand",
    "CacheCard": "gateway#the-cache",
    "RecoveryBar": "window#nothing-is-lost",
    "RecoverySheet": "window#nothing-is-lost",
    "WelcomePage": "index#the-first-five-minutes",
    "GuideBar": "index#the-first-five-minutes",
    "NoticesPanel": "log#messages",
    "PrivacySheet": "privacy#what-is-in-force",
}
"""By class of a panel, the innermost first: what its own page is, where that is not its place's."""

FALLBACK = "index"


def page_for(classes: Iterable[str], place: str) -> tuple[str, str]:
    """Page and anchor for what has the keyboard: ``classes`` of it and of what it lies in, from the inside out."""
    target = next((PANELS[name] for name in classes if name in PANELS), PLACES.get(place, FALLBACK))
    page, _, anchor = target.partition("#")
    return page, anchor
