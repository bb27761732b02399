"""A project that is larger than most: many personas with policies, and a workflow of many steps."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from turbulence_app.resources import resource_path


def large_project(root: Path, personas: int, steps: int) -> Path:
    """The sample with its people again and again and a second workflow ``long``; returns the folder."""
    shutil.copytree(resource_path("samples/shop"), root)
    known = sorted((root / "personas").glob("*.yaml"))
    for number in range(len(known), personas):
        kept = known[number % len(known)]
        name = f"{kept.stem}_{number}"
        for folder in ("personas", "policies"):
            text = (root / folder / kept.name).read_text("utf-8").replace(kept.stem, name)
            text = re.sub(r"(?m)^  name: (.*)$", rf"  name: \1 {number}", text)
            (root / folder / f"{name}.yaml").write_text(text, "utf-8")
    (root / "workflows" / "long.yaml").write_text(long_workflow(steps), "utf-8")
    return root


def long_workflow(steps: int) -> str:
    """A request and a choice after it, again and again."""
    lines = [
        "id: long",
        "description: Many steps.",
        "services:",
        '  shop: {base_url: "http://127.0.0.1:8080"}',
        "flow:",
    ]
    for number in range(steps // 3):
        lines += [
            f"  - name: page_{number}",
            "    type: http",
            "    service: shop",
            f"    path: /page/{number}",
            "    model: {latency_ms: {p50: 120, p95: 450, p99: 1200}, outcomes: {ok: 0.99, error: 0.01}}",
            f"  - name: branch_{number}",
            "    type: branch",
            f"    condition: page_{number}.failed",
            "    if_true:",
            f"      - {{name: end_{number}, type: end, outcome: abandoned}}",
        ]
    return "\n".join(lines) + "\n"
