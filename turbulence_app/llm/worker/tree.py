"""Questions and their possible answers as one tree of tokens, cut into batches: plain data, no model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

Tokens = tuple[int, ...]
Fork = tuple[Tokens, int, Tokens]
"""A place that counts: the tokens of the answer so far, its next token, and the tokens among which it is one: those of
its rivals (sorted, its own with them), or none for the whole vocabulary."""


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt and what might follow it, as tokens. ``whole``: every token of an answer counts, not only forks."""

    prompt: Tokens
    answers: tuple[Tokens, ...]
    whole: bool = False

    def closed(self, end: int) -> tuple[Tokens, ...]:
        """The answers with the end of a turn behind them, so that none is only the beginning of another."""
        return tuple((*answer, end) for answer in self.answers)

    def places(self, end: int) -> list[list[Fork]]:
        """For each answer where it counts."""
        if self.whole:
            return [[(a[:i], token, ()) for i, token in enumerate(a)] for a in self.answers]
        return forks(self.closed(end))


@dataclass(slots=True, eq=False)
class Node:
    """One token to evaluate. ``wanted``: what may follow it counts, so that its logits are read."""

    token: int
    position: int
    path: Tokens
    children: dict[int, Node] = field(default_factory=dict)
    wanted: bool = False
    sequences: list[int] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, parents first."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children.values()))


def common(rows: Iterable[Tokens]) -> int:
    """How many tokens all rows begin with."""
    ordered = list(rows)
    if not ordered:
        return 0
    first, last = min(ordered), max(ordered)
    pairs = zip(first, last, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(last)))


def forks(answers: Sequence[Tokens]) -> list[list[Fork]]:
    """For each answer (none is the beginning of another, equal ones may be), where it parts from others."""
    after: dict[Tokens, set[int]] = {}
    for answer in answers:
        for i, token in enumerate(answer):
            after.setdefault(answer[:i], set()).add(token)
    rivals = {before: tuple(sorted(tokens)) for before, tokens in after.items() if len(tokens) > 1}
    return [[(a[:i], t, rivals[a[:i]]) for i, t in enumerate(a) if a[:i] in rivals] for a in answers]


def grow(questions: Sequence[Question], end: int, start: int) -> list[Node]:
    """The tree of all questions behind their first ``start`` tokens (which they share), up to the last places.

    Returns the nodes right behind the shared part. A question whose answers do not differ needs no evaluation.
    """
    roots: dict[int, Node] = {}
    for question in questions:
        for found in question.places(end):
            for before, _, _ in found:
                node = _insert(roots, (*question.prompt, *before), start)
                node.wanted = True
    return list(roots.values())


def _insert(roots: dict[int, Node], path: Tokens, start: int) -> Node:
    children, node = roots, None
    for position in range(start, len(path)):
        token = path[position]
        node = children.get(token)
        if node is None:
            node = children[token] = Node(token, position, path[: position + 1])
        children = node.children
    assert node is not None, "a prompt has at least one token that is not shared"
    return node


def batches(roots: Sequence[Node], tokens: int, sequences: int, first: int) -> Iterator[list[Node]]:
    """Nodes in batches of at most so many tokens, each with the sequences that run through it, numbered from ``first``.

    Whole roots only: what shares a token is evaluated together. A root with more leaves than sequences is cut; one that
    alone has too many tokens comes as it is.
    """
    batch: list[Node] = []
    used = first
    for root in (part for whole in roots for part in _cut(whole, sequences)):
        nodes = list(root.walk())
        leaves = sum(not node.children for node in nodes)
        if batch and (len(batch) + len(nodes) > tokens or used + leaves > first + sequences):
            yield batch
            batch, used = [], first
        used = _number(root, used)
        batch += nodes
    if batch:
        yield batch


def pieces(nodes: Sequence[Node], tokens: int, wanted: int) -> Iterator[list[Node]]:
    """A batch in evaluations of at most so many tokens and rows of logits; parents stay before their children."""
    piece: list[Node] = []
    outputs = 0
    for node in nodes:
        if piece and (len(piece) == tokens or outputs + node.wanted > wanted):
            yield piece
            piece, outputs = [], 0
        piece.append(node)
        outputs += node.wanted
    if piece:
        yield piece


def rivals(questions: Sequence[Question], end: int) -> dict[Tokens, Tokens]:
    """For every place, by the tokens before it (prompt included), the tokens of answers that may follow."""
    found: dict[Tokens, set[int]] = {}
    for question in questions:
        for places in question.places(end):
            for before, token, tokens in places:
                found.setdefault((*question.prompt, *before), set()).update(tokens or (token,))
    return {path: tuple(sorted(tokens)) for path, tokens in found.items()}


def _cut(root: Node, leaves: int) -> Iterator[Node]:
    """Trees of at most so many leaves, each with the whole way down to them."""
    if sum(not node.children for node in root.walk()) <= leaves:
        yield root
        return
    part, used = replace(root, children={}, sequences=[]), 0
    for way in _ways(root):
        if used == leaves:
            yield part
            part, used = replace(root, children={}, sequences=[]), 0
        node = part
        for one in way:
            node = node.children.setdefault(one.token, replace(one, children={}, sequences=[]))
        used += 1
    yield part


def _ways(root: Node) -> Iterator[list[Node]]:
    """For every leaf the nodes from below the root to it."""
    way: list[Node] = []
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        way[depth:] = [node]
        if not node.children:
            yield way[1:]
        stack.extend((child, depth + 1) for child in reversed(node.children.values()))


def _number(root: Node, used: int) -> int:
    """Gives every leaf a sequence of its own, and every node those of the leaves below it."""
    nodes = list(root.walk())
    for node in reversed(nodes):
        if node.children:
            node.sequences = sorted(s for child in node.children.values() for s in child.sequences)
        else:
            node.sequences = [used]
            used += 1
    return used


def shares(question: Question, end: int, logits: Mapping[tuple[Tokens, int], float]) -> list[float]:
    """Logarithms of the answers' shares, which sum to 1; equal answers have equal ones.

    The probability of an answer is the product over its places of its token's probability there. ``logits`` holds, by
    the tokens so far (prompt included) and the token that follows, the logarithm of its probability in the vocabulary.
    """
    found = []
    for places in question.places(end):
        total = 0.0
        for before, token, tokens in places:
            path = (*question.prompt, *before)
            total += logits[path, token] - (_log_sum([logits[path, t] for t in tokens]) if tokens else 0.0)
        found.append(total)
    whole = _log_sum(found)
    return [total - whole for total in found]


def _log_sum(values: Sequence[float]) -> float:
    """Logarithm of the sum of exponentials, without overflow."""
    top = max(values)
    return top + math.log(math.fsum(math.exp(value - top) for value in values))
