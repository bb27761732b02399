"""The levels together: look in memory, then in the store, then among similar ones; keep what is whole and valid."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from turbulence_app.domain.errors import KnownError
from turbulence_app.llm.cache.audit import agree
from turbulence_app.llm.cache.counters import Counters, Counting
from turbulence_app.llm.cache.gate import fingerprint
from turbulence_app.llm.cache.keys import Question
from turbulence_app.llm.cache.memory import Memory
from turbulence_app.llm.cache.settings import CacheSettings
from turbulence_app.llm.cache.similar import SimilarIndex
from turbulence_app.llm.cache.stored import Store
from turbulence_app.llm.task import Answer

Found = tuple[Answer, str]
"""An answer, and the counter of the level that it came from."""


class AnswerCache:
    """Safe for several threads. ``record`` gets the nanoseconds of each L0 hit, ``now`` is the wall clock."""

    def __init__(
        self,
        store: Store | None = None,
        settings: CacheSettings = CacheSettings(),  # noqa: B008 - frozen
        *,
        record: Callable[[int], object] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        rng: random.Random | None = None,
    ) -> None:
        self.settings, self._store, self._now = settings, store, now
        ttl = None if settings.ttl_s is None else int(settings.ttl_s * 1e9)
        bounds: dict[str, Any] = {"max_bytes": settings.max_bytes, "ttl_ns": ttl}
        self.raw: Memory[tuple[str, str], Answer] = Memory(settings.capacity, record=record, **bounds)
        self.canonical: Memory[bytes, Answer] = Memory(settings.capacity, **bounds)
        self.counting = Counting(self._of_memory)
        self._index: SimilarIndex | None = None
        self._lock = threading.Lock()
        self._draws = rng or random.Random(0)

    def recall(self, question: Question) -> Answer | None:
        """L0: the answer to exactly this text. The path that is paid again and again; it makes no canonical key."""
        return self.raw.get((question.profile, question.raw)) if self.settings.enabled else None

    def find(self, question: Question) -> Found | None:
        """L1 and L2: the answer to the same question, whatever its text looks like."""
        if not self.settings.enabled:
            return None
        found = self.canonical.get(question.key)
        level = "canonical_hits" if found else "store_hits"
        if found is None:
            found = self._stored(question.key)
        if found is None or (checked := self._checked(found, question)) is None:
            return None
        self._remember(question, checked)
        self.counting.saved(checked.tokens, checked.elapsed_ms)
        return checked, level

    def similar(self, question: Question) -> Answer | None:
        """A similar question's answer, where that is switched on and the gate lets it through; says so in its notes."""
        made = fingerprint(question.profile, question.slots) if self._looks_for_similar() else None
        near = self._prints().nearest(made) if made else None
        if near is None or near.key == question.key:
            return None
        found = self.canonical.get(near.key) or self._stored(near.key)
        checked = self._checked(found, question) if found else None
        if checked is None:
            return None
        words = f"similar, score {near.score:.3f}: {question.key.hex()} served by {near.key.hex()}"
        return replace(checked, source="similar", notes=(words, *checked.notes))

    def draw_audit(self) -> bool:
        """Whether this similar answer is to be checked by really asking."""
        with self._lock:
            return self._draws.random() < self.settings.audit_share

    def audited(self, similar: Answer, asked: Answer) -> bool:
        """Counts a check of a similar answer; whether both say the same."""
        self.counting.add("audited")
        if same := agree(similar.document, asked.document):
            return same
        self.counting.add("disagreed")
        return False

    def keep(self, question: Question, answer: Answer) -> str:
        """Puts a whole, valid answer into all levels; returns what the store had against it, or ""."""
        if not self.settings.enabled:
            return ""
        self._remember(question, answer)
        made = fingerprint(question.profile, question.slots) if self.settings.similar else None
        if made:
            self._prints().add(question.key, made)
        if self._store is None:
            return ""
        meta = {**question.meta, "print": made.to_text() if made else ""}
        try:
            self._store.put(question.key, answer.to_json(), meta)
        except KnownError as error:
            self.counting.add("store_errors")
            return error.problem.message
        return ""

    def note(self, key: bytes) -> str | None:
        """A text that was kept beside the answers (see :meth:`put_note`), or None."""
        if self._store is None or not self.settings.enabled:
            return None
        try:
            return self._store.get(key)
        except KnownError:
            self.counting.add("store_errors")
            return None

    def put_note(self, key: bytes, text: str, meta: dict[str, Any]) -> None:
        """Keeps a JSON text that is no answer but saves work on the way to one; ``meta`` as for an answer."""
        if self._store is None or not self.settings.enabled:
            return
        try:
            self._store.put(key, text, meta)
        except KnownError:
            self.counting.add("store_errors")

    def counters(self) -> Counters:
        """All counters at one moment."""
        return self.counting.copy()

    def clear(self) -> int:
        """Empties the memory (the store has its own command); says how many answers there were."""
        self.raw.clear()
        with self._lock:
            self._index = None
        return self.canonical.clear()

    def flush(self) -> None:
        """Hands the counters to the store, so that they outlive the process, and has it write what waits."""
        news = self.counting.news()
        if self._store is not None:
            try:
                self._store.count(news)
                self._store.flush()
            except KnownError:
                self.counting.add("store_errors")

    def _remember(self, question: Question, answer: Answer) -> None:
        """Into both levels of memory, as it will be served."""
        kept = replace(answer, source="cache", chain=())
        size, worth = len(answer.to_json()), (answer.tokens, round(1000 * answer.elapsed_ms))
        self.canonical.put(question.key, kept, size)
        self.raw.put((question.profile, question.raw), kept, len(question.raw), worth)

    def _stored(self, key: bytes) -> Answer | None:
        """What the store has; a store that fails is a slow cache, not an error."""
        if self._store is None:
            return None
        try:
            text = self._store.get(key)
        except KnownError:
            self.counting.add("store_errors")
            return None
        answer = Answer.from_json(text) if text else None
        return answer if answer and self._young(answer) else None

    def _young(self, answer: Answer) -> bool:
        if self.settings.ttl_s is None:
            return True
        try:
            return (self._now() - datetime.fromisoformat(answer.created_at)).total_seconds() < self.settings.ttl_s
        except (ValueError, TypeError):
            return False

    def _checked(self, answer: Answer, question: Question) -> Answer | None:
        """As it may be served to this question: validated again, whatever it was once."""
        document = question.valid(answer.document)
        if document is None:
            self.counting.add("invalid")
            return None
        return replace(answer, document=document, source="cache", chain=())

    def _looks_for_similar(self) -> bool:
        return self.settings.enabled and self.settings.similar

    def _prints(self) -> SimilarIndex:
        """The fingerprints, read from the store when they are first needed."""
        with self._lock:
            if self._index is None:
                settings = self.settings
                index = SimilarIndex(settings.similar_entries, settings.similar_bits, self._refused)
                if self._store is not None:
                    try:
                        index.load(self._store.prints(settings.similar_entries))
                    except KnownError:
                        self.counting.add("store_errors")
                self._index = index
            return self._index

    def _refused(self, _reason: str) -> None:
        self.counting.add("gate_refusals")

    def _of_memory(self) -> dict[str, int]:
        """What the levels in memory count themselves, under their own locks."""
        raw, other = self.raw.uses(), self.canonical.uses()
        return {
            "raw_hits": raw.hits,
            "evictions": raw.evictions + other.evictions,
            "expired": raw.expired + other.expired,
            "tokens_saved": raw.tokens_saved,
            "us_saved": raw.us_saved,
        }
