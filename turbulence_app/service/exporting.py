"""Telemetry to a collector of the user's own, where the environment names one."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable

from turbulence_app.domain.errors import MachineError
from turbulence_app.llm.telemetry.collector import VARIABLE, collector
from turbulence_app.llm.telemetry.telemetry import Telemetry


def export(telemetry: Telemetry) -> Callable[[], None]:
    """Begins to export, if ``TURBULENCE_OTEL`` names a collector; returns what ends it.

    Raises ``InputError`` for an address that is not this computer's, ``MachineError`` without the extra.
    """
    url = os.environ.get(VARIABLE, "").strip()
    if not url:
        return lambda: None
    where = collector(url)
    if not all(map(importlib.util.find_spec, ("opentelemetry", "opentelemetry.sdk"))):
        raise MachineError(
            f"{VARIABLE} is set, and opentelemetry-sdk is not installed", 'pip install "turbulence-app[otel]"'
        )
    from turbulence_app.llm.telemetry.otlp import exporter

    exporting = exporter(where)
    telemetry.listeners.append(exporting)

    def end() -> None:
        telemetry.listeners.remove(exporting)
        exporting.close()

    return end
