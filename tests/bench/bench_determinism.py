"""The digest of one run under other chunks, workers, processor features, hash seeds, locales and time zones.

``python -m tests.bench.bench_determinism`` prints one JSON document; it measures and asserts nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from tests.bench.bench_crowd import cpu

SETTINGS: dict[str, tuple[dict[str, str], int, int]] = {
    "plain": ({}, 1, 131_072),
    "again": ({}, 1, 131_072),
    "2 workers": ({}, 2, 131_072),
    "4 workers": ({}, 4, 8192),
    "chunk 4096": ({}, 1, 4096),
    "chunk 50000": ({}, 1, 50_000),
    "without AVX-512": ({"NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512_SKX"}, 1, 131_072),
    "without AVX2": ({"NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512_SKX AVX2 FMA3"}, 1, 131_072),
    "newer feature names": ({"NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3"}, 1, 131_072),
    "hash seed 1": ({"PYTHONHASHSEED": "1"}, 1, 131_072),
    "hash seed 2, Turkish, Kathmandu": (
        {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"}, 1, 131_072,
    ),
}  # fmt: skip


def main(users: int = 200_000) -> None:
    """Run everything in children and compare."""
    rows = {}
    for name, (environment, workers, chunk) in SETTINGS.items():
        code = (
            "import warnings;warnings.simplefilter('ignore');from tests.bench.bench_crowd import sample;"
            "from turbulence_app.engine.execute import execute;"
            f"print(execute(sample({users}),workers={workers},chunk_users={chunk}).digest)"
        )
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
        digest = done.stdout.strip() or done.stderr.strip()[-200:]
        rows[name] = {"digest": digest, "wall_s": round(time.perf_counter() - began, 2)}
    same = len({row["digest"] for row in rows.values()}) == 1
    print(json.dumps({"cpu": cpu(), "users": users, "all_equal": same, "runs": rows}, indent=1))


if __name__ == "__main__":
    main()
