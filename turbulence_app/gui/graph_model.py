"""A workflow as a graph: one node per step, one edge per way on. Qt-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from turbulence_app.domain.workflow import (
    BranchStep,
    DecideStep,
    EndStep,
    FormStep,
    GrpcStep,
    HttpStep,
    RepeatStep,
    Step,
    Workflow,
)

EdgeKind = Literal["next", "yes", "no", "skip", "body", "again"]
"""``skip`` goes round a step whose condition may be false; ``body`` and ``again`` enter a loop and return to it."""


MAX_SKIPS = 6
"""Ways round a row of conditional steps that are drawn; with all of them a long row would be a black block."""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A step: what to write into its card."""

    name: str
    kind: str
    detail: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """A way from a step to another."""

    source: str
    target: str
    kind: EdgeKind = "next"


@dataclass(frozen=True, slots=True)
class Block:
    """A step with the sequences inside it: the shape that the layout follows."""

    node: GraphNode
    sides: tuple[tuple[Block, ...], ...] = ()
    """A branch's true and false side, a repeat's body; empty for any other step."""
    guarded: bool = False

    @property
    def ends(self) -> bool:
        """Whether nothing goes on behind this step."""
        if self.node.kind == "branch":
            return all(sequence_ends(side) for side in self.sides)
        return self.node.kind == "end" and not self.guarded


def sequence_ends(blocks: Sequence[Block]) -> bool:
    """Whether no way leads out of the sequence."""
    return any(block.ends for block in blocks)


@dataclass(frozen=True, slots=True)
class Graph:
    """The whole workflow."""

    blocks: tuple[Block, ...]
    nodes: dict[str, GraphNode] = field(default_factory=dict)
    edges: tuple[GraphEdge, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """What a run has measured so far, for the graph. Counts are users."""

    users: int = 0
    reached: Mapping[str, int] = field(default_factory=dict)
    ways: Mapping[tuple[str, str], int] = field(default_factory=dict)
    broken: Mapping[str, int] = field(default_factory=dict)
    """Violations by the step at which they showed."""
    gone: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """Users whose visit was cut short at a step, and why in a word or two."""
    mix: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Users who reached a step by persona, in the order of the crowd; empty where that is not shown."""


def build_graph(workflow: Workflow) -> Graph:
    """The graph of a workflow; nodes and edges in the order in which the steps are written."""
    blocks = tuple(_block(step) for step in workflow.flow)
    nodes = {step.name: GraphNode(step.name, step.type, _detail(step), _outcome(step)) for step in workflow.steps()}
    return Graph(blocks, nodes, connect(blocks))


def connect(blocks: Sequence[Block]) -> tuple[GraphEdge, ...]:
    """The ways between the steps of a sequence, in the order in which the steps are written."""
    edges: dict[tuple[str, str], GraphEdge] = {}
    _connect(blocks, [], edges)
    return tuple(edges.values())


def _block(step: Step) -> Block:
    node = GraphNode(step.name, step.type, _detail(step), _outcome(step))
    guarded = step.guard is not None
    if isinstance(step, BranchStep):
        sides = (tuple(_block(s) for s in step.if_true), tuple(_block(s) for s in step.if_false))
        return Block(node, sides, guarded)
    if isinstance(step, RepeatStep):
        return Block(node, (tuple(_block(s) for s in step.steps),), guarded)
    return Block(node, (), guarded)


def _detail(step: Step) -> str:
    if isinstance(step, HttpStep):
        return f"{step.method} {step.path}"
    if isinstance(step, DecideStep):
        return " / ".join(step.options) or step.decision
    if isinstance(step, BranchStep):
        return step.condition
    if isinstance(step, RepeatStep):
        return f"{step.while_} (at most {step.max})"
    if isinstance(step, FormStep):
        return f"{len(step.fields)} field" + ("s" if len(step.fields) > 1 else "")
    if isinstance(step, EndStep):
        return step.outcome
    return step.method if isinstance(step, GrpcStep) else step.type


def _outcome(step: Step) -> str:
    return step.outcome if isinstance(step, EndStep) else ""


def spread(ways: Mapping[tuple[str, str], int], edges: Sequence[GraphEdge]) -> dict[tuple[str, str], int]:
    """Users per drawn edge. A run counts from executed step to executed step, which may leave a loop in one go: such a
    way is counted on every edge of the shortest drawn path between the two."""
    onward: dict[str, list[str]] = {}
    for edge in edges:
        onward.setdefault(edge.source, []).append(edge.target)
    found: dict[tuple[str, str], int] = {}
    for (source, target), users in ways.items():
        for step in _path(source, target, onward):
            found[step] = found.get(step, 0) + users
    return found


def _path(source: str, target: str, onward: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Edges of a shortest path; empty where there is none."""
    if target in onward.get(source, ()):
        return [(source, target)]
    before: dict[str, str] = {source: ""}
    queue = [source]
    for name in queue:
        for near in onward.get(name, ()):
            if near not in before:
                before[near] = name
                queue.append(near)
    path: list[tuple[str, str]] = []
    while target in before and target != source:
        path.append((before[target], target))
        target = before[target]
    return path[::-1] if target == source else []


Exit = tuple[str, EdgeKind]


def _connect(blocks: Sequence[Block], entries: list[Exit], edges: dict[tuple[str, str], GraphEdge]) -> list[Exit]:
    """Join a sequence to the open ends before it; returns the open ends behind it."""
    for block in blocks:
        name = block.node.name
        for source, kind in entries:
            edges.setdefault((source, name), GraphEdge(source, name, kind))
        behind: list[Exit] = [(source, "skip") for source, _ in entries[:MAX_SKIPS]] if block.guarded else []
        entries = _inside(block, edges) + behind
    return entries


def _inside(block: Block, edges: dict[tuple[str, str], GraphEdge]) -> list[Exit]:
    name, kind = block.node.name, block.node.kind
    if kind == "end":
        return []
    if kind == "repeat":
        for source, _ in _connect(block.sides[0], [(name, "body")], edges):
            edges.setdefault((source, name), GraphEdge(source, name, "again"))
        return [(name, "next")]
    if kind == "branch":
        exits: list[Exit] = []
        words: tuple[EdgeKind, EdgeKind] = ("yes", "no")
        for side, word in zip(block.sides, words, strict=True):
            exits += _connect(side, [(name, word)], edges)
        return exits
    return [(name, "next")]
