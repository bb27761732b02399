"""Edits of the flow: the text says exactly the new workflow, and what they do not touch keeps its characters."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from turbulence_app.domain.errors import InputError
from turbulence_app.formats.flow_edit import (
    Change,
    Delete,
    Duplicate,
    Insert,
    Move,
    Rename,
    RenameOption,
    edit_flow,
    inner_names,
)
from turbulence_app.formats.flow_names import renamed, spans
from turbulence_app.formats.flow_places import Spot
from turbulence_app.formats.loader import parse_workflow
from turbulence_app.formats.tree import read_tree
from turbulence_app.resources import resource_path

SIDES = ("if_true", "if_false", "steps")
SHOP = resource_path("samples/shop/workflows/checkout.yaml").read_text("utf-8")


# ---- generated workflows, in the layouts that people write ----------------------------------------------------------


@st.composite
def steps(draw: Any, depth: int, counter: list[int]) -> list[dict[str, Any]]:
    made = []
    for _ in range(draw(st.integers(1, 3))):
        counter[0] += 1
        name = f"s{counter[0]}"
        kind = draw(st.sampled_from(["http", "decide", "end", "branch", "repeat"] if depth < 2 else ["http", "end"]))
        earlier = f"s{draw(st.integers(1, counter[0]))}"
        about = draw(st.sampled_from([f"{earlier}.failed", f"count('{earlier}', 'ok') > 1", "x == 'a'"]))
        step: dict[str, Any] = {"name": name, "type": kind}
        if kind == "http":
            step["path"] = draw(st.sampled_from(["/", "/a/{{" + earlier + ".status}}", "/b # not a comment"]))
            if draw(st.booleans()):
                step["model"] = {"latency_ms": {"p50": 1, "p95": 2}, "outcomes": {"ok": 1.0}}
            if draw(st.booleans()):
                step["when"] = about
        elif kind == "decide":
            step |= {"decision": name, "options": {"a": "words: of a", "b": "other"}, "output_var": "x"}
        elif kind == "branch":
            step["condition"] = about
            step["if_true"] = draw(steps(depth + 1, counter))
            if draw(st.booleans()):
                step["if_false"] = draw(steps(depth + 1, counter))
        elif kind == "repeat":
            step |= {"while": about, "max": 2, "steps": draw(steps(depth + 1, counter))}
        made.append(step)
    return made


def scalar(draw: Any, value: Any) -> str:
    if not isinstance(value, str):
        return str(value)
    if any(c in value for c in ":#{}'") or draw(st.integers(0, 3)) == 0:
        return f'"{value}"' if "'" in value or draw(st.booleans()) else f"'{value}'"
    return value


def inline(draw: Any, value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {inline(draw, v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(draw, v) for v in value) + "]"
    return scalar(draw, value)


def lines(draw: Any, listed: list[dict[str, Any]], indent: int) -> list[str]:
    pad, found = " " * indent, []
    for step in listed:
        if draw(st.booleans()):
            found += draw(
                st.sampled_from([[""], [f"{pad}# a remark"], ["", f"{pad}# --- a heading ---"], [f"{pad}# é 🚀"]])
            )
        if draw(st.integers(0, 3)) == 0:
            found.append(f"{pad}- {inline(draw, step)}" + draw(st.sampled_from(["", "   # behind"])))
            continue
        first = True
        for key, value in step.items():
            lead = f"{pad}- " if first else f"{pad}  "
            first = False
            if key in SIDES and draw(st.integers(0, 3)):
                found.append(f"{lead}{key}:" + draw(st.sampled_from(["", "  # side"])))
                found += lines(draw, value, indent + 2 + draw(st.sampled_from([0, 2])))
            else:
                found.append(f"{lead}{key}: {inline(draw, value)}" + draw(st.sampled_from(["", "", "  # why"])))
    return found


@st.composite
def texts(draw: Any) -> str:
    counter = [0]
    flow = draw(steps(0, counter))
    name = f"s{draw(st.integers(1, counter[0]))}"
    body = ["# head", "id: w", "", "flow:", *lines(draw, flow, draw(st.sampled_from([0, 2]))), ""]
    body += ["# rules", "invariants:", f"  - {{name: one, always: \"effects('{name}') <= 1\"}}"]
    body += [f"  - name: two\n    gate: p95('{name}.latency_ms') <= 4  # fast", "max_steps: 50"]
    return "\n".join(body) + draw(st.sampled_from(["\n", "", "\n\n# the end\n"]))


def walk(listed: list[dict[str, Any]], owner: str = "", side: str = "flow") -> list[tuple[dict[str, Any], Spot]]:
    found = []
    for index, step in enumerate(listed):
        found.append((step, Spot(owner, side, index)))
        for inner in SIDES:
            found += walk(step.get(inner) or [], step["name"], inner)
    return found


def list_at(data: dict[str, Any], spot: Spot) -> list[Any]:
    if not spot.owner:
        return data["flow"]
    holder = next(step for step, _ in walk(data["flow"]) if step["name"] == spot.owner)
    return holder.setdefault(spot.side, [])


def subsequence(inner: list[str], outer: list[str]) -> bool:
    rest = iter(outer)
    return all(line in rest for line in inner)


def said(text: str) -> Any:
    return read_tree(text, "w.yaml").value


def spots(data: dict[str, Any]) -> list[Spot]:
    found = [Spot("", "flow", i) for i in range(len(data["flow"]) + 1)]
    for step, _ in walk(data["flow"]):
        sides = {"branch": ("if_true", "if_false"), "repeat": ("steps",)}.get(step["type"], ())
        found += [Spot(step["name"], side, i) for side in sides for i in range(len(step.get(side) or []) + 1)]
    return found


laws = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@laws
@given(texts(), st.data())
def test_a_new_step_stands_where_it_was_wanted_and_every_old_line_stays(text: str, data: Any) -> None:
    before = said(text)
    spot = data.draw(st.sampled_from(spots(before)))
    try:
        after, name = edit_flow(text, "w.yaml", Insert(spot, {"name": "s1", "type": "http", "path": "/new"}))
    except InputError as error:
        assert "brackets" in str(error) or "comments" in str(error)
        return
    assert name not in inner_names({"steps": before["flow"]})
    list_at(before, spot).insert(spot.index, {"name": name, "type": "http", "path": "/new"})
    assert said(after) == before
    if "if_true: [" not in text and "if_false: [" not in text and "steps: [" not in text:
        assert subsequence(text.rstrip("\n").split("\n"), after.split("\n"))


@laws
@given(texts(), st.data())
def test_a_deleted_step_takes_its_own_lines_and_no_other(text: str, data: Any) -> None:
    before = said(text)
    step, spot = data.draw(st.sampled_from(walk(before["flow"])))
    siblings = list_at(before, spot)
    if len(siblings) == 1 and spot.side in ("flow", "steps"):
        with pytest.raises(InputError):
            edit_flow(text, "w.yaml", Delete(step["name"]))
        return
    after, _ = edit_flow(text, "w.yaml", Delete(step["name"]))
    siblings.remove(step)
    if not siblings:
        holder = next(s for s, _ in walk(before["flow"]) if s["name"] == spot.owner)
        del holder[spot.side]
    assert said(after) == before
    if "[{" not in text and "- {" not in text:
        assert subsequence(after.rstrip("\n").split("\n"), text.split("\n"))


@laws
@given(texts(), st.data())
def test_a_moved_step_keeps_its_words_and_its_comments(text: str, data: Any) -> None:
    before = said(text)
    step, old = data.draw(st.sampled_from(walk(before["flow"])))
    spot = data.draw(st.sampled_from(spots(before)))
    assume(spot.owner not in inner_names(step))
    siblings = list_at(before, old)
    if len(siblings) == 1 and old.side in ("flow", "steps") and (spot.owner, spot.side) != (old.owner, old.side):
        with pytest.raises(InputError):
            edit_flow(text, "w.yaml", Move(step["name"], spot))
        return
    try:
        after, _ = edit_flow(text, "w.yaml", Move(step["name"], spot))
    except InputError as error:
        assert "brackets" in str(error) or "comments" in str(error)
        return
    target = list_at(before, spot)
    target.insert(spot.index, copy.deepcopy(step))
    gone = next(i for i, one in enumerate(siblings) if one is step)
    del siblings[gone]
    for one, _ in walk(before["flow"]):
        for side in SIDES:
            if side in one and not one[side]:
                del one[side]
    assert said(after) == before
    if "[{" not in text and "- {" not in text:
        kept = Counter(line.strip() for line in text.split("\n") if "# " in line and not line.strip().startswith("if_"))
        assert not kept - Counter(line.strip() for line in after.split("\n")), "no comment is lost"


@laws
@given(texts(), st.data())
def test_a_new_name_is_everywhere_and_other_lines_are_the_same(text: str, data: Any) -> None:
    before = said(text)
    old = data.draw(st.sampled_from(walk(before["flow"])))[0]["name"]
    after, _ = edit_flow(text, "w.yaml", Rename(old, "neu"))
    assert parse_workflow(after, "w.yaml").id == "w"
    lines_before, lines_after = text.split("\n"), after.split("\n")
    assert len(lines_before) == len(lines_after)
    for one, other in zip(lines_before, lines_after, strict=True):
        assert one == other or old in one
    names = inner_names({"steps": said(after)["flow"]})
    assert "neu" in names
    assert old not in names
    back, _ = edit_flow(after, "w.yaml", Rename("neu", old))
    assert said(back) == before


@laws
@given(texts(), st.data())
def test_a_copy_stands_behind_its_original_and_every_old_line_stays(text: str, data: Any) -> None:
    before = said(text)
    step, spot = data.draw(st.sampled_from(walk(before["flow"])))
    try:
        after, name = edit_flow(text, "w.yaml", Duplicate(step["name"]))
    except InputError as error:
        assert "comments" in str(error)
        return
    twin = list_at(said(after), spot)[spot.index + 1]
    assert twin["name"] == name
    names = inner_names({"steps": said(after)["flow"]})
    assert len(set(names)) == len(names)
    assert inner_names(step) == [n.rpartition("_")[0] for n in inner_names(twin)]
    list_after = said(after)
    list_at(list_after, spot).pop(spot.index + 1)
    assert list_after == before


@laws
@given(texts(), st.data(), st.sampled_from(["/p", "x: y", "# z", "'q'", "", "ä"]))
def test_a_changed_value_changes_its_line_and_no_other(text: str, data: Any, path: str) -> None:
    before = said(text)
    calls = [step for step, _ in walk(before["flow"]) if step["type"] == "http"]
    assume(calls)
    step = data.draw(st.sampled_from(calls))
    after, _ = edit_flow(text, "w.yaml", Change(step["name"], {"path": path, "when": None, "method": "POST"}))
    step["path"] = path
    step.pop("when", None)
    step["method"] = "POST"
    assert said(after) == before
    kept = [line for line in text.split("\n") if "path" not in line and "when" not in line]
    assert subsequence([line for line in kept if line], after.split("\n"))


# ---- the sample, by hand ---------------------------------------------------------------------------------------------


def difference(before: str, after: str) -> tuple[list[str], list[str]]:
    gone, new = Counter(before.split("\n")), Counter(after.split("\n"))
    return sorted((gone - new).elements()), sorted((new - gone).elements())


def test_a_step_of_the_sample_moves_into_a_branch_with_its_comments() -> None:
    after, _ = edit_flow(SHOP, "w.yaml", Move("receipt", Spot("coupon_refused", "if_true", 1)))
    gone, new = difference(SHOP, after)
    assert [line.strip() for line in gone] == [line.strip() for line in new]
    assert "      - name: receipt" in new
    parse_workflow(after, "w.yaml")


def test_a_step_with_blank_lines_on_both_sides_leaves_one() -> None:
    a, b, c = (f"  - {{name: {name}, type: http}}\n" for name in "abc")
    text = f"id: w\nflow:\n{a}\n  # of b\n{b}\n{c}"
    after, _ = edit_flow(text, "w.yaml", Delete("b"))
    assert after == f"id: w\nflow:\n{a}\n{c}"


def test_the_payment_is_renamed_in_every_condition_and_rule() -> None:
    after, _ = edit_flow(SHOP, "w.yaml", Rename("pay", "charge"))
    gone, new = difference(SHOP, after)
    assert len(gone) == len(new) == 9
    assert "# At most three rounds. Each step of a loop keeps its name: effects('pay')" in after, "words are no names"
    assert "p95('charge.latency_ms')" in after
    assert "while: not reached('charge') or charge.failed" in after


def test_a_name_that_cannot_stand_before_a_point_is_refused_with_the_place() -> None:
    with pytest.raises(InputError, match="while of 'payment' says pay"):
        edit_flow(SHOP, "w.yaml", Rename("pay", "pay-now"))
    with pytest.raises(InputError, match="called 'browse' already"):
        edit_flow(SHOP, "w.yaml", Rename("pay", "browse"))


def test_an_option_is_renamed_where_conditions_compare_with_it() -> None:
    after, _ = edit_flow(SHOP, "w.yaml", RenameOption("after_browse", "leave", "go_away"))
    gone, new = difference(SHOP, after)
    assert len(gone) == len(new) == 2
    assert "    condition: browse_next == 'go_away'" in new


def test_a_latency_is_changed_in_place() -> None:
    model = said(SHOP)["flow"][0]["model"]
    model["latency_ms"]["p95"] = 500
    after, _ = edit_flow(SHOP, "w.yaml", Change("browse", {"model": model}))
    assert difference(SHOP, after) == (
        ["      latency_ms: {p50: 120, p95: 450, p99: 1200}"],
        ["      latency_ms: {p50: 120, p95: 500, p99: 1200}"],
    )


def test_what_an_alias_shares_is_refused() -> None:
    text = "id: w\nflow:\n  - &a {name: one, type: http}\n  - {name: b, type: branch, condition: x, if_true: [*a]}\n"
    with pytest.raises(InputError, match="shared by an alias"):
        edit_flow(text, "w.yaml", Delete("one"))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("pay.failed", ["pay"]),
        ("not reached('pay') or pay.status == 2", ["pay", "pay"]),
        ("p95('pay.latency_ms') <= 4", ["pay"]),
        ("x == 'pay'", []),
        ("cart.pay.failed", []),
        ("repay.failed", []),
        ("violations('pay') > 1", []),
        ("{{ pay.json.id }} == 1", ["pay"]),
    ],
)
def test_an_expression_names_a_step_only_where_it_means_one(source: str, found: list[str]) -> None:
    assert [source[a:b] for a, b in spans(source, "expression", "pay")] == found
    assert spans(renamed(source, "expression", "pay", "neu"), "expression", "pay") == []
