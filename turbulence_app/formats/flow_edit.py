"""Edits of a workflow's flow, made in its text: what they do not touch keeps its characters, comments and all.

Each edit is made twice: on the text, and on the plain data that the text says. Only where the new text says exactly the
new data is it given out; where a layout is too unusual for that, the edit is refused in one line.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.formats.flow_names import in_field_form, is_word, of_step, option_spans, renamed, sites
from turbulence_app.formats.flow_places import SIDES, Spot, find, placed
from turbulence_app.formats.flow_text import Chunk, fresh, lifted, with_step, without
from turbulence_app.formats.rewriting import (
    checked,
    key_edit,
    rebuilt,
    rewritten,
    scalar_edit,
    site_edits,
)
from turbulence_app.formats.splice import Edit, apply, changes, same
from turbulence_app.formats.tree import Node, read_tree

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Insert:
    """A new step at a spot."""

    spot: Spot
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delete:
    """A step, with everything inside it, goes; the flow closes behind it."""

    step: str


@dataclass(frozen=True, slots=True)
class Move:
    """A step, with everything inside it, to another spot (counted before it is taken out)."""

    step: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A copy of a step right behind it; it and what is inside it get names of their own."""

    step: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name for a step, everywhere in the workflow."""

    step: str
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """Other values of a step's keys; None takes a key out."""

    step: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenameOption:
    """Another name for an option of a decision, also where conditions compare with it."""

    step: str
    option: str
    name: str


FlowEdit = Insert | Delete | Move | Duplicate | Rename | Change | RenameOption


def edit_flow(text: str, file: str, edit: FlowEdit) -> tuple[str, str]:
    """The text after an edit, and the step that it is about then ('' if that is gone).

    Raises:
        InputError: the text is no workflow, the step or the spot is not there, or it cannot be done in place.
    """
    root = read_tree(text, file)
    if not isinstance(root.value, dict) or "flow" not in root.entries:
        raise InputError("this is no workflow", "write 'flow:' with a list of steps")
    match edit:
        case Insert():
            data = {**edit.data, "name": free_name(str(edit.data.get("name") or "step"), set(placed(root)))}
            return _put(text, file, root, edit.spot, fresh(data)), data["name"]
        case Delete():
            after = without(text, find(root, edit.step))
            return checked(after, file, _without(root.value, edit.step)), ""
        case Move():
            return _move(text, file, root, edit), edit.step
        case Duplicate():
            return _duplicate(text, file, root, edit.step)
        case Rename():
            return _rename(text, file, root, edit.step, edit.name), edit.name
        case Change():
            return _change(text, file, root, edit), edit.step
        case RenameOption():
            return _rename_option(text, file, root, edit), edit.step


def free_name(wanted: str, taken: set[str]) -> str:
    """The name itself, or the first of ``name_2``, ``name_3``, … that nobody has."""
    if wanted not in taken:
        return wanted
    base = wanted.rpartition("_")[0] if wanted.rpartition("_")[2].isdigit() and "_" in wanted else wanted
    number = 2
    while f"{base}_{number}" in taken:
        number += 1
    return f"{base}_{number}"


def inner_names(step: Mapping[str, Any]) -> list[str]:
    """The names of a step and of all inside it."""
    found = [str(step.get("name", ""))]
    for side in SIDES:
        for inner in step.get(side) or ():
            found += inner_names(inner)
    return found


# ---- on the plain data --------------------------------------------------------------------------------


def _list_of(data: Data, spot: Spot) -> list[Any]:
    if not spot.owner:
        found: list[Any] = data["flow"]
        return found
    holder = _holder(data["flow"], spot.owner)
    if holder is None:
        raise InputError(f"no step is called {spot.owner!r}", "look at the text: it may have changed")
    if not holder.get(spot.side):
        holder[spot.side] = []
    made: list[Any] = holder[spot.side]
    return made


def _holder(steps: list[Any], name: str) -> Data | None:
    for step in steps:
        if step.get("name") == name:
            found: Data = step
            return found
        for side in SIDES:
            inner = _holder(step.get(side) or [], name)
            if inner is not None:
                return inner
    return None


def _without(data: Data, name: str) -> Data:
    made = copy.deepcopy(data)
    _drop(made["flow"], name)
    return made


def _drop(steps: list[Any], name: str) -> bool:
    for step in steps:
        if step.get("name") == name:
            steps.remove(step)
            return True
        for side in SIDES:
            if side in step and step[side] and _drop(step[side], name):
                if not step[side]:
                    del step[side]
                return True
    return False


def _with(data: Data, spot: Spot, step: Any) -> Data:
    made = copy.deepcopy(data)
    steps = _list_of(made, spot)
    steps.insert(max(0, spot.index), copy.deepcopy(step))
    return made


# ---- on the text --------------------------------------------------------------------------------


def _put(text: str, file: str, root: Node, spot: Spot, chunk: Chunk) -> str:
    return checked(with_step(text, file, spot, chunk), file, _with(root.value, spot, chunk.data))


def _move(text: str, file: str, root: Node, edit: Move) -> str:
    one, spot = find(root, edit.step), edit.spot
    if spot.owner in inner_names(one.node.value):
        raise InputError(f"step {edit.step!r} cannot go into itself", "choose another place")
    if (spot.owner, spot.side) == (one.spot.owner, one.spot.side):
        if spot.index in (one.spot.index, one.spot.index + 1):
            return text
        if spot.index > one.spot.index:
            spot = Spot(spot.owner, spot.side, spot.index - 1)
    chunk = lifted(text, one)
    gone = without(text, one)
    wanted = _with(_without(root.value, edit.step), spot, chunk.data)
    return checked(with_step(gone, file, spot, chunk), file, wanted)


def _duplicate(text: str, file: str, root: Node, name: str) -> tuple[str, str]:
    one, taken = find(root, name), set(placed(root))
    chunk = lifted(text, one)
    names: dict[str, str] = {}
    for old in inner_names(one.node.value):
        names[old] = free_name(old, taken | set(names.values()))
    copied = chunk.text
    for old, new in names.items():
        copied = _renamed_text(copied, file, old, new)
    data = read_tree(copied, file).value[0]
    spot = Spot(one.spot.owner, one.spot.side, one.spot.index + 1)
    return _put(text, file, root, spot, Chunk(copied, data)), names[name]


def _renamed_text(text: str, file: str, old: str, new: str) -> str:
    """A list of one step, with another name in it."""
    root = read_tree(text, file)
    edits: list[Edit] = []
    for site in of_step(root.items[0]):
        edits += site_edits(text, site, old, new)
    for holder in _named(root.items[0], old):
        edits.append(scalar_edit(text, holder.entries["name"], new))
    return apply(text, edits)


def _named(step: Node, name: str) -> list[Node]:
    found = [step] if "name" in step.entries and step.entries["name"].value == name else []
    for side in SIDES:
        for inner in step.entries[side].items if side in step.entries else ():
            found += _named(inner, name)
    return found


def _rename(text: str, file: str, root: Node, old: str, new: str) -> str:
    if old == new:
        return text
    one = find(root, old)
    if new in placed(root):
        raise InputError(f"a step is called {new!r} already", "choose another name")
    edits = [scalar_edit(text, one.node.entries["name"], new)]
    for site in sites(root):
        if not is_word(new) and in_field_form(str(site.node.value), site.kind, old):
            raise InputError(f"{site.owner} says {old}.…, where {new!r} cannot stand", "use letters, digits and '_'")
        edits += site_edits(text, site, old, new)
    actions = _actions(root)
    if actions is not None and old in actions.keys:
        edits.append(key_edit(actions.keys[old], new))
    return checked(apply(text, edits), file, _renamed_data(text, file, old, new))


def _actions(root: Node) -> Node | None:
    pressure = root.entries.get("turbulence")
    return pressure.entries.get("actions") if pressure is not None else None


def _renamed_data(text: str, file: str, old: str, new: str) -> Any:
    """The plain data with the new name: values are exchanged in a tree of its own."""
    root = read_tree(text, file)
    wanted: dict[int, str] = {id(find(root, old).node.entries["name"]): new}
    for site in sites(root):
        wanted[id(site.node)] = renamed(str(site.node.value), site.kind, old, new)
    actions = _actions(root)
    return rebuilt(root, wanted, {} if actions is None else {id(actions): {old: new}})


def _change(text: str, file: str, root: Node, edit: Change) -> str:
    one = find(root, edit.step)
    old: Data = one.node.value
    new = {key: value for key, value in {**old, **edit.values}.items() if value is not None or key not in edit.values}
    wanted = copy.deepcopy(root.value)
    holder = _holder(wanted["flow"], edit.step)
    assert holder is not None
    holder.clear()
    holder.update(copy.deepcopy(new))
    try:
        return checked(apply(text, changes(text, one.node, old, new)), file, wanted)
    except InputError:
        whole = _whole(text, one.node, old, new)
        return checked(apply(text, whole), file, wanted)


def _whole(text: str, node: Node, old: Data, new: Data) -> list[Edit]:
    """The same with every value that differs written anew: where only an order inside it changed."""
    edits: list[Edit] = []
    for key, value in new.items():
        if key in old and not same(old[key], value) and key in node.entries:
            part = Node({}, 1, 1, node.entries[key].start, node.entries[key].end, flow=node.flow)
            part.keys, part.entries = {key: node.keys[key]}, {key: node.entries[key]}
            edits += changes(text, part, {key: None}, {key: value})
    rest = {k: v for k, v in new.items() if k not in old}
    gone = {k: old[k] for k in old if k not in new}
    return edits + (changes(text, node, gone, rest) if rest or gone else [])


def _rename_option(text: str, file: str, root: Node, edit: RenameOption) -> str:
    one = find(root, edit.step)
    options = one.node.entries.get("options")
    if options is None or edit.option not in options.keys:
        raise InputError(f"decision {edit.step!r} has no option {edit.option!r}", "look at the text")
    if edit.name in options.keys:
        raise InputError(f"there is an option {edit.name!r} already", "choose another name")
    variable = one.node.value.get("output_var", "decision_result")
    edits = [key_edit(options.keys[edit.option], edit.name)]
    values: dict[int, str] = {}
    for site in sites(root):
        value = after = str(site.node.value)
        for start, end in reversed(option_spans(value, variable, edit.option) if site.kind == "expression" else []):
            after = after[:start] + edit.name + after[end:]
        if after != value:
            edits += rewritten(text, site.node, value, after)
            values[id(site.node)] = after
    wanted = rebuilt(root, values, {id(options): {edit.option: edit.name}})
    return checked(apply(text, edits), file, wanted)
