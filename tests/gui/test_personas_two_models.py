"""Two models side by side as data: who can be asked, where their policies differ, what is taken of one."""

from __future__ import annotations

from tests.gui.test_personas_parts import POLICY, WORKFLOW
from turbulence_app.gui.places.personas import edits
from turbulence_app.gui.places.personas.compare_state import differing_count, rows_of, sources_of, usual


def test_whoever_can_be_asked_is_offered_and_the_best_meets_what_is_there() -> None:
    listed = [
        {"backend": "llamacpp", "name": "phi-3", "available": True},
        {"backend": "ollama", "name": "qwen", "available": False},
        {"backend": "builtin", "name": "minilm", "available": True},
        {"backend": "rules", "name": "rules", "available": True},
    ]
    sources = sources_of(listed, now=True, approved=False)
    assert [source.key for source in sources] == ["llamacpp:phi-3", "builtin", "rules", "now"]
    assert usual(sources) == (0, 3)
    assert usual(sources_of(listed, now=False, approved=False)) == (0, 1)
    assert usual(()) == (0, 0)


def test_differences_are_marked_and_one_side_alone_differs_from_nobody() -> None:
    other = edits.set_count(POLICY, "retries.default", 5)
    rows = rows_of(POLICY, other, other, WORKFLOW)
    assert [row.path for row in rows if row.differs] == ["retries.default"]
    assert {row.has for row in rows if not row.differs} == {"both"}
    assert next(row for row in rows if row.differs).has == "right"
    assert differing_count(rows_of(POLICY, None, None, WORKFLOW)) == 0


def test_a_number_that_is_taken_is_an_edit_by_hand() -> None:
    other = edits.set_count(POLICY, "retries.default", 5)
    taken = edits.adopt(POLICY, other, "retries.default")
    assert taken.retries.default == 5
    assert not taken.approved
    assert "edited retries.default" in taken.provenance.notes
    assert edits.adopt(POLICY, POLICY, "retries.default") == POLICY
