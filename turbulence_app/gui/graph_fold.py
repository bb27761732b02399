"""A workflow folded to what people do: decisions, conditions and ways out sit inside the step before them. Qt-free.

For watching a run. A branch whose arm only ends the visit is an exit of the step before it; a decision with the
branches on it folds into that step too; a loop is one card. What is left is the line that a visit follows, with side
ways where there is something to do on them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from turbulence_app.gui.graph_model import Block, Flow, Graph, GraphNode, connect, sequence_ends

TONES = {"completed": "good", "failed": "bad"}


@dataclass(frozen=True, slots=True)
class Way:
    """A way out of a card: how many users took it, what to call it, and what it means for them (a theme's token)."""

    users: int
    reason: str
    tone: str

    @property
    def words(self) -> str:
        """``1,204 left after browsing``."""
        return f"{self.users:,} {self.reason}"

    @property
    def short(self) -> str:
        """The same without where: that is under its card anyway."""
        verb = self.reason.split(" ", 1)[0]
        return f"{self.users:,} {verb if verb in ('left', 'gave', 'bought') else self.reason}"


@dataclass(frozen=True, slots=True)
class Folded:
    """The folded graph, and where every step of the workflow went."""

    graph: Graph
    home: Mapping[str, str] = field(default_factory=dict)
    """Step to card."""
    exits: Mapping[str, tuple[GraphNode, ...]] = field(default_factory=dict)
    """Card to the ends that are its ways out."""

    def ways_out(self, flow: Flow) -> dict[str, tuple[Way, ...]]:
        """Ways out that somebody took, most users first; those cut short by their patience included."""
        found: dict[str, list[Way]] = defaultdict(list)
        for card, ends in self.exits.items():
            for end in ends:
                if users := flow.reached.get(end.name, 0):
                    found[card].append(Way(users, end.name.replace("_", " "), TONES.get(end.outcome, "warn")))
        cut: dict[tuple[str, str], int] = Counter()
        for step, (users, reason) in flow.gone.items():
            cut[(self.home.get(step, step), reason)] += users
        for (card, reason), users in cut.items():
            if users:
                found[card].append(Way(users, reason, "warn"))
        return {card: tuple(sorted(ways, key=lambda way: -way.users)) for card, ways in found.items()}

    def flow(self, flow: Flow) -> Flow:
        """The run's counts by card."""
        ways: dict[tuple[str, str], int] = Counter()
        for (source, target), users in flow.ways.items():
            a, b = self.home.get(source, ""), self.home.get(target, "")
            if not a or not b or a == b:
                continue
            behind = self._behind(a, b) if target != b else ""
            if behind:  # past a step that is not for everybody, into what was folded into it
                ways[(a, behind)] += users
                ways[(b, behind)] -= users
            else:
                ways[(a, b)] += users
        ways = {way: max(0, users) for way, users in ways.items()}
        broken: dict[str, int] = Counter()
        for step, count in flow.broken.items():
            broken[self.home.get(step, step)] += count
        reached = {card: flow.reached.get(card, 0) for card in self.graph.nodes}
        return replace(flow, reached=reached, ways=ways, broken=dict(broken), gone={})

    def pairs(self, way: tuple[str, str], flow: Flow) -> tuple[tuple[str, str], ...]:
        """Steps that follow one another straight on a drawn way."""
        found = []
        for source, target in flow.ways:
            a, b = self.home.get(source, ""), self.home.get(target, "")
            if not a or not b or a == b:
                continue
            behind = self._behind(a, b) if target != b else ""
            if (a, behind or b) == way:
                found.append((source, target))
        return tuple(found)

    def _behind(self, before: str, card: str) -> str:
        """Where the way round a card leads, or ''."""
        onward = {edge.target for edge in self.graph.edges if edge.source == card}
        return next((e.target for e in self.graph.edges if e.source == before and e.target in onward), "")


def fold(graph: Graph) -> Folded:
    """Fold a whole graph. A workflow that begins with a decision or a condition keeps it as a card of its own."""
    folder = _Folder()
    blocks = tuple(folder.sequence(graph.blocks, None))
    nodes = {name: graph.nodes[name] for name in folder.kept(blocks)}
    edges = connect(blocks)
    exits = {card: tuple(ends) for card, ends in folder.exits.items()}
    return Folded(Graph(blocks, nodes, edges), folder.home, exits)


class _Folder:
    """Works through the sequences and remembers where things went."""

    def __init__(self) -> None:
        self.home: dict[str, str] = {}
        self.exits: dict[str, list[GraphNode]] = defaultdict(list)

    def kept(self, blocks: Sequence[Block]) -> list[str]:
        """Names of the cards, in the order of the flow."""
        names: list[str] = []
        for block in blocks:
            names.append(block.node.name)
            for side in block.sides:
                names += self.kept(side)
        return names

    def sequence(self, blocks: Sequence[Block], host: str | None) -> list[Block]:
        """Cards of a sequence; ``host`` is the card before it, into which its first small things go."""
        made: list[Block] = []
        for index, block in enumerate(blocks):
            card = made[-1].node.name if made else host
            following = blocks[index + 1] if index + 1 < len(blocks) else None
            if card is None or not self._small(block, following):
                made.append(self._card(block))
            elif block.node.kind == "branch":
                self._branch(block, made, card)
            elif block.node.kind == "end":
                self._exit(block.node, card)
            else:
                self.home[block.node.name] = card
        return made

    def _small(self, block: Block, following: Block | None) -> bool:
        """Whether the block goes into the card before it."""
        kind = block.node.kind
        if kind == "decide":
            return following is not None and following.node.kind == "branch"
        return kind == "branch" or (kind == "end" and block.guarded)

    def _card(self, block: Block) -> Block:
        name = block.node.name
        self.home[name] = name
        if block.node.kind == "repeat":
            for side in block.sides:
                self._swallow(side, name)
            return Block(replace(block.node, kind="loop"), (), block.guarded)
        if block.node.kind == "branch":
            return Block(block.node, tuple(self._arm(side, name) for side in block.sides), block.guarded)
        return Block(block.node, (), block.guarded)

    def _branch(self, block: Block, made: list[Block], card: str) -> None:
        """Fold a condition: the arms with something to do hang on the card before it, if that has none yet."""
        free = bool(made) and not made[-1].sides and not made[-1].guarded and made[-1].node.kind != "end"
        if not free and any(self._stays(side) for side in block.sides):
            made.append(self._card(block))
            return
        self.home[block.node.name] = card
        arms = tuple(self._arm(side, card) for side in block.sides)
        over = [sequence_ends(side) and not arm for side, arm in zip(block.sides, arms, strict=True)]
        if any(over):  # one arm only ends the visit, so the other one is the way on
            made += [kept for arm in arms for kept in arm]
        elif any(arms):
            host = made[-1]
            # the shape of a branch; what is drawn is the card that the graph has under this name
            made[-1] = Block(replace(host.node, kind="branch"), arms, host.guarded)

    def _arm(self, side: Sequence[Block], card: str) -> tuple[Block, ...]:
        if len(side) == 1 and side[0].node.kind == "end":
            self._exit(side[0].node, card)
            return ()
        return tuple(self.sequence(side, card))

    def _stays(self, side: Sequence[Block]) -> bool:
        """Whether folding the arm would leave a card."""
        if len(side) == 1 and side[0].node.kind == "end":
            return False
        probe = _Folder()
        return bool(probe.sequence(side, "\0"))

    def _exit(self, node: GraphNode, card: str) -> None:
        self.home[node.name] = card
        self.exits[card].append(node)

    def _swallow(self, blocks: Sequence[Block], card: str) -> None:
        """Everything inside a loop belongs to the loop's card; ends are its ways out."""
        for block in blocks:
            if block.node.kind == "end":
                self._exit(block.node, card)
            else:
                self.home[block.node.name] = card
            for side in block.sides:
                self._swallow(side, card)
