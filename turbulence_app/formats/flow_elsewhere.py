"""Another name for a step where policies and scenarios speak of it, in their own texts: comments and layout stay."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from turbulence_app.domain.errors import InputError
from turbulence_app.formats.flow_names import Site, in_field_form, is_word, of_invariant, renamed
from turbulence_app.formats.rewriting import UNUSUAL, checked, key_edit, rebuilt, scalar_edit, site_edits
from turbulence_app.formats.splice import Edit, apply
from turbulence_app.formats.tree import Node, read_tree

_BY_STEP = ("retries", "pacing")
"""Parts of a policy that have numbers of their own for single steps."""


@dataclass
class _Changes:
    """What is to change in one text, on the characters and on the plain data."""

    text: str
    old: str
    new: str
    edits: list[Edit] = field(default_factory=list)
    values: dict[int, str] = field(default_factory=dict)
    keys: dict[int, dict[str, str]] = field(default_factory=dict)

    def value(self, node: Node | None) -> None:
        """A value that is the name itself."""
        if node is not None and node.value == self.old:
            self.edits.append(scalar_edit(self.text, node, self.new))
            self.values[id(node)] = self.new

    def site(self, site: Site) -> None:
        """A text that may speak of the step."""
        source = str(site.node.value)
        if not is_word(self.new) and in_field_form(source, site.kind, self.old):
            words = f"{site.owner} says {self.old}.…, where {self.new!r} cannot stand"
            raise InputError(words, "use letters, digits and '_'")
        found = site_edits(self.text, site, self.old, self.new)
        if found:
            self.edits += found
            self.values[id(site.node)] = renamed(source, site.kind, self.old, self.new)

    def key(self, node: Node | None, old: str, new: str) -> None:
        """A key of a mapping."""
        if node is None or old == new or old not in node.keys:
            return
        if new in node.keys:
            raise InputError(f"there is an entry for {new!r} already", "take one of the two out in the text")
        self.edits.append(key_edit(node.keys[old], new))
        self.keys.setdefault(id(node), {})[old] = new

    def done(self, root: Node, file: str) -> str:
        """The text with all of it, read back. What stands in several places by an alias is left to the writer."""
        times = Counter(id(node) for node in _all(root))
        if any(times[place] > 1 for place in (*self.values, *self.keys)):
            raise InputError(*UNUSUAL)
        return checked(apply(self.text, self.edits), file, rebuilt(root, self.values, self.keys))


def renamed_in_policies(text: str, file: str, workflow: str, old: str, new: str) -> str:
    """A file of policies with another name for a step of a workflow; those of other workflows stay as they are.

    Raises:
        InputError: the new name is taken there, or the layout is too unusual for a change in place.
    """
    root = read_tree(text, file)
    changes = _Changes(text, old, new)
    for policy in _policies(root):
        named = policy.entries.get("workflow")
        if named is None or named.value == workflow:
            _in_policy(changes, policy)
    return changes.done(root, file)


def renamed_in_scenario(text: str, file: str, old: str, new: str) -> str:
    """A scenario's text with another name for a step in its faults and invariants. Raises ``InputError`` as above."""
    root = read_tree(text, file)
    changes = _Changes(text, old, new)
    for number, fault in enumerate(_items(root, "faults"), 1):
        changes.value(fault.entries.get("step"))
        when = fault.entries.get("when")
        if when is not None and isinstance(when.value, str):
            changes.site(Site(when, "expression", f"fault {number}"))
    for rule in _items(root, "invariants"):
        for site in of_invariant(rule):
            changes.site(site)
    return changes.done(root, file)


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in (*node.entries.values(), *node.items):
        yield from _all(child)


def _policies(root: Node) -> list[Node]:
    """The policies of a file that may hold one, a bare list, or a list under a key of its own."""
    node = root.entries.get("policies") or root.entries.get("policy") or root
    return node.items if isinstance(node.value, list) else [node]


def _in_policy(changes: _Changes, policy: Node) -> None:
    for part in _BY_STEP:
        section = policy.entries.get(part)
        changes.key(section.entries.get("steps") if section is not None else None, changes.old, changes.new)
    for when in _conditions(policy):
        changes.site(Site(when, "expression", "a case"))
    for part in ("evidence", "ranges"):
        section = policy.entries.get(part)
        for path in list(section.keys) if section is not None else ():
            changes.key(section, path, _path(path, changes.old, changes.new))


def _path(path: str, old: str, new: str) -> str:
    """The path of a number, as ``retries.steps.pay`` or ``pacing.steps.pay.max``, with the new name."""
    found = re.fullmatch(rf"((?:{'|'.join(_BY_STEP)})\.steps\.){re.escape(old)}((?:\.(?:min|max|p\d+))?)", path)
    return f"{found[1]}{new}{found[2]}" if found is not None else path


def _conditions(policy: Node) -> Iterator[Node]:
    decisions = policy.entries.get("decisions")
    for decision in decisions.entries.values() if decisions is not None else ():
        for case in _items(decision, "cases"):
            when = case.entries.get("when")
            if when is not None and isinstance(when.value, str):
                yield when


def _items(node: Node, key: str) -> list[Node]:
    listed = node.entries.get(key)
    return listed.items if listed is not None else []
