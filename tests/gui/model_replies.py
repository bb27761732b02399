"""Catalogues and results of the bench as the service tells them, for pages that show them."""

# ruff: noqa: E501

from __future__ import annotations

from typing import Any

from turbulence_app.domain.bench import BenchResult, KindRate, Memory, Same, Spent, Tokens, Validity
from turbulence_app.gui.places.models.state import Loaded
from turbulence_app.insight.bench import rate

MACHINE = "AMD EPYC 7B13 · 2 cores"
PHI, LLAMA = "a" * 64, "b" * 64


def model(backend: str, name: str, available: bool = True, **more: Any) -> dict[str, Any]:
    usual = {"default": False, "detail": "", "why": "", "mend": "", "digest": "", "size_bytes": 0, "path": ""}
    return {"backend": backend, "name": name, "available": available, **usual, **more}


def files() -> list[dict[str, Any]]:
    return [
        model(
            "llamacpp", "phi-3-mini-4k-q4", default=True, digest=PHI, size_bytes=2_393_231_072, state="verified",
            path="/home/ada/models/Phi-3-mini-4k-instruct-q4.gguf", architecture="phi3", parameters="3.8B",
            quantisation="Q4_K_M", context=4096, memory_bytes=4_900_000_000, memory="fits", licence="mit",
            added_at="2026-11-20T09:12:00+00:00",
        ),
        model(
            "llamacpp", "llama-3.1-8b-q8", False, digest=LLAMA, size_bytes=8_540_775_840, state="unknown",
            path="/home/ada/models/Meta-Llama-3.1-8B-Instruct-Q8_0.gguf", architecture="llama", parameters="8.0B",
            quantisation="Q8_0", context=131_072, memory_bytes=17_900_000_000, memory="no",
            why="needs about 16.7 GB of memory, 11.2 GB are free", mend="close other programs, or use a smaller model",
            added_at="2026-11-22T18:40:00+00:00",
        ),
        model(
            "llamacpp", "old-model", False, digest="c" * 64, size_bytes=1_120_000_000, state="changed",
            path="/media/usb/old-model.gguf", architecture="qwen2", parameters="1.5B", quantisation="Q5_K_M",
            context=32_768, memory_bytes=1_900_000_000, memory="fits", why="the file is gone or was changed",
            mend="look with `turbulence models verify old-model`, or add it again",
            added_at="2026-10-02T08:00:00+00:00",
        ),
    ]  # fmt: skip


def catalogue(there: bool = True, bench: bool = True) -> dict[str, Any]:
    """Three files, a server and results; or nothing but what ships."""
    absent = model("llamacpp", "", False, why="no model file yet", mend="`turbulence models add FILE.gguf`")
    server = [
        model("ollama", "llama3.2:3b", digest="d" * 64, size_bytes=2_019_393_189, architecture="llama",
              parameters="3.2B", quantisation="Q4_K_M"),
    ] if there else [
        model("ollama", "http://127.0.0.1:11434", False, why="no Ollama server answers at http://127.0.0.1:11434",
              mend="start it with: ollama serve"),
    ]  # fmt: skip
    own = [
        model("builtin", "builtin", digest="sha256:" + "e" * 64, detail="ships with the program"),
        model("rules", "rules", detail="no model: keywords and defaults"),
    ]
    return {
        "models": [*(files() if there else [absent]), *server, *own],
        "memory": {"total": 33_500_000_000, "available": 12_100_000_000},
        "machine": MACHINE,
        "routes": {
            "draft": {"backend": "builtin", "model": None, "mode": None, "own": False},
            "policy": {
                "backend": "llamacpp" if there else "auto", "model": "phi-3-mini-4k-q4" if there else None,
                "mode": "logits" if there else None, "own": there,
            },
        },
        "bench": [row.model_dump(mode="json") for row in results()] if bench else [],
    }  # fmt: skip


def result(backend: str, name: str, mode: str, met: int, **more: Any) -> BenchResult:
    of = more.pop("of", 93)
    kinds = (("likeliest", 42), ("trait", 44), ("unlikely", 4), ("stated", 3))
    share = met / of
    return BenchResult(
        backend=backend, model=name, mode=mode, machine=MACHINE, status=more.pop("status", "done"), accuracy=rate(met, of),
        by_kind=tuple(KindRate(kind=k, rate=rate(round(share * n), n)) for k, n in kinds), set_digest="sha256:1",
        measured_at=more.pop("measured_at", "2026-11-27T21:04:00Z"), personas=more.get("done", 34),
        missed=tuple(f"Greta is 78 and does everything calmly. She has all afterno… | {what}" for what in (
            "more corrections", "doctor_choice: compare_profiles (book_first)", "less think", "unlikely call_phone",
            "retries = 3", "terms: read_all (skim)")[: of - met]),
        **more,
    )  # fmt: skip


def results() -> list[BenchResult]:
    return [
        result("builtin", "minilm-l6-v2-int8", "embedding", 86, digest="sha256:" + "e" * 64, done=34,
               validity=Validity(at_once=34), spent=Spent(median_s=0.058, p95_s=0.095, cpu_s=0.029, load_s=0.72),
               same=Same(again=True, processes=True, threads=True), memory=Memory(measured=134_459_392)),
        result("llamacpp", "phi-3-mini-4k-q4", "logits", 27, of=32, digest=PHI, done=12, validity=Validity(at_once=12),
               spent=Spent(median_s=7.4, p95_s=9.8, cpu_s=14.1, load_s=3.1),
               tokens=Tokens(prompt=820, answer=0, prompt_per_s=96), same=Same(again=True, processes=True, threads=True),
               memory=Memory(estimated=4_900_000_000, measured=4_710_000_000)),
        result("llamacpp", "phi-3-mini-4k-q4", "json", 22, of=32, digest=PHI, done=12,
               validity=Validity(at_once=10, repaired=1, mended=1),
               spent=Spent(median_s=41.2, p95_s=66.0, cpu_s=79.0, load_s=3.0),
               tokens=Tokens(prompt=910, answer=412, prompt_per_s=98, answer_per_s=11.8),
               same=Same(again=True, processes=True, threads=False),
               memory=Memory(estimated=4_900_000_000, measured=4_690_000_000)),
        result("ollama", "llama3.2:3b", "json", 19, of=32, digest="d" * 64, done=12,
               validity=Validity(at_once=9, repaired=1, mended=2), spent=Spent(median_s=36.0, p95_s=52.5, load_s=4.4),
               tokens=Tokens(prompt=880, answer=395, prompt_per_s=120, answer_per_s=13.1), same=Same(again=False)),
        result("rules", "", "rules", 14, digest="rules-1", done=34, validity=Validity(at_once=34),
               spent=Spent(median_s=0.0011, p95_s=0.004, cpu_s=0.001, load_s=0.00002),
               same=Same(again=True, processes=True, threads=True), memory=Memory(measured=38_764_544)),
        BenchResult(backend="llamacpp", model="gemma-2b", mode="json", machine=MACHINE, status="failed",
                    set_digest="sha256:1", why="the model's process ended with status -11", measured_at="2026-11-27T20:00:00Z",
                    mend="try again; if it happens again the model file may be damaged"),
    ]  # fmt: skip


def running() -> BenchResult:
    """Four of twelve people."""
    return result(
        "llamacpp", "phi-3-mini-4k-q4", "logits", 9, of=11, digest=PHI, done=4, status="running",
        measured_at="2026-11-28T01:00:00Z", validity=Validity(at_once=4), spent=Spent(median_s=7.2, p95_s=8.1),
    ).model_copy(update={"personas": 12})  # fmt: skip


def loaded() -> tuple[Loaded, ...]:
    return (Loaded("llama3.2:3b", 3_460_000_000, 0, 4096, "2099-01-01T00:00:00Z"),)
