"""Really asking: one backend, through the guard, with every try on the chain and everything odd in the notes."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

from turbulence_app.llm.cache import Question
from turbulence_app.llm.cache.keys import Profile, profile_digest
from turbulence_app.llm.elicit import elicit
from turbulence_app.llm.elicit.call import Call
from turbulence_app.llm.errors import BreakerOpenError, BudgetError, ModelError
from turbulence_app.llm.guard import Asker, Guard, Guarded
from turbulence_app.llm.ladder import Rung
from turbulence_app.llm.slots import Slots
from turbulence_app.llm.task import Answer


def question_of(rung: Rung, call: Call) -> Question:
    """The request as the cache sees it when this backend is to answer."""
    task = call.task
    profile = Profile(
        template=task.kind,
        template_version=task.version,
        backend=rung.name,
        version=rung.version,
        digest=rung.digest,
        mode=rung.mode,
        seed=call.seed,
        schema=task.schema_text,
        options=f"variant {task.variant}" if task.variant else "",
    )
    meta = {"kind": task.kind, "backend": rung.name, "model": rung.model, "digest": rung.digest, "mode": rung.mode}
    return Question(
        profile=profile_digest(profile),
        raw=task.raw,
        slots=task.slots if rung.text else Slots({"material": task.material}),
        valid=lambda document: task.check(document).document,
        meta={**meta, "prompt_version": task.version, "seed": call.seed},
    )


def ask(rung: Rung, call: Call, guard: Guard) -> tuple[Answer, bool]:
    """The backend's answer, and whether it is wholly its own (and so may be kept)."""
    began = call.deadline.clock()
    call.log("info", f"asking {rung.name}" + (f" ({rung.model})" if rung.model else ""))
    again: Counter[str] = Counter()
    counted = rung.text is None and rung.name != "rules"  # the guard counts language models; rules are no model
    with call.request.call(rung.name, rung.model) if counted else nullcontext():
        checked, own = elicit(_guarded(rung, call, guard, again), call)
    assert checked.document is not None
    odd = tuple(f"tried again ({reason}" + (f", {n} times)" if n > 1 else ")") for reason, n in again.items())
    return Answer(
        document=checked.document,
        backend=rung.name,
        model=rung.model,
        digest=rung.digest,
        mode=rung.mode,
        source="rules" if rung.name == "rules" else "model",
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seed=call.seed,
        elapsed_ms=1000 * (call.deadline.clock() - began),
        notes=(*odd, *checked.notes),
        tokens_in=sum(one.tokens_in for one in call.request.calls),
        tokens_out=sum(one.tokens_out for one in call.request.calls),
    ), own and rung.name != "rules"


def _guarded(rung: Rung, call: Call, guard: Guard, again: Counter[str]) -> Rung:
    if rung.text is None:
        return rung

    def tried(seconds: float, error: ModelError | None) -> None:
        if error is None:
            call.step(call.asking, rung.name, seconds, "answered")
        else:
            untouched = isinstance(error, BreakerOpenError | BudgetError)
            call.step(call.asking, rung.name, seconds, "skipped" if untouched else "failed", error.reason)

    def retried(_failures: int, error: ModelError, pause: float) -> None:
        again[error.reason] += 1
        call.count("retries")
        call.request.retry(rung.name, error.reason)
        call.log("warning", f"{rung.name} failed ({error.reason}), trying again in {1000 * pause:.0f} ms")

    asker = Asker(call.client, call.deadline, call.request, call.should_stop, tried, retried)
    return replace(rung, text=Guarded(rung.text, rung.digest, guard, asker))
