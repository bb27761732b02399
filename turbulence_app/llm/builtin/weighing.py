"""Weights of a decision's options: what the clauses say of them, what kind they are, and what the person is like."""

from __future__ import annotations

import numpy as np

from turbulence_app.llm.builtin.choices import FLOOR, Choice
from turbulence_app.llm.builtin.denials import ruled_out
from turbulence_app.llm.builtin.encoder import Array, Encoder
from turbulence_app.llm.builtin.heads import KINDS
from turbulence_app.llm.builtin.naming import MATCH_GAIN, MIDDLE, SHARED_WORD, named, same_concepts, shared_words
from turbulence_app.llm.builtin.quantities import frequency_said
from turbulence_app.llm.builtin.reading import Reading
from turbulence_app.llm.builtin.situations import ATTEMPTS, INDIFFERENT, LEAVING, OTHER_WAY, SLOW, TROUBLE
from turbulence_app.llm.builtin.text import Clause, is_condition, is_negated, leanings, without_negation

TRAIT_GAIN = 2.1
RELEVANT, RELEVANT_WIDTH = 0.27, 0.05
"""Cosine at which a clause counts as speaking about an option, and how sharply."""

UNLIKE_NOT = 0.1
"""What a clause without a negation takes from options that do without something, in cosine."""
REPEATED = 0.2
"""What `tries another one` takes from options that do the same again, in cosine."""
NEAREST_WINS = 1.5
"""How much less everything counts beside a condition that describes just this decision (exponent of the ratio)."""
SPOKEN_ENOUGH, LIKED_ENOUGH = 0.35, 0.25
"""Logits above the mean from which a clause, or a trait, is evidence for the likeliest option."""
LEAST_FIT = 0.08
"""What a clause counts at a decision that it is not about."""
SPEAKS_OF = 0.3
"""Cosine from which somebody who leaves leaves at one prompt rather than anywhere."""
UNSEEN = 0.8
"""Share that the kinds count where no word of the clause is near any option."""
STILL_ALIKE = 0.3
"""Share of a negated clause's likeness that still speaks for an option: some options are said in the same negation."""
TYPED_GAIN = 4.0
"""What it counts that a clause speaks of the same kind of act as an option (both from the fitted map), in logits."""
LIMIT = 5.0
"""All clauses together move an option by at most this, in logits."""
SPREAD = 2.9
"""Two options are never further apart than this, in logits: 0.95 to 0.05."""
SELDOM = 0.1
"""Shares below this deny something, and what is denied is no option that is a `not` itself."""
HOLDS_HERE, PLAINLY, NAMED_PLAINLY = 0.5, 1.2, 0.45
"""From which fit a stated frequency holds at a decision; logits and likeness by which it is plain what it speaks of."""
AFFINITY: dict[str, dict[str, float]] = {
    "leave": {"leave": 0.9, "persist": -0.8, "patience": -0.5},
    "retry": {"persist": 1.2, "leave": -0.3},
    "wait": {"patience": 1.4, "visit": 0.3},
    "later": {"patience": 0.3, "think": 0.2},
    "study": {"think": 1.0, "explore": 0.7, "guard": 0.2, "visit": 0.3},
    "browse": {"explore": 1.0, "visit": 0.4, "think": 0.3},
    "quick": {"think": -1.0, "visit": -0.5, "patience": -0.4, "explore": -0.5},
    "cheap": {"thrift": 1.4},
    "dear": {"thrift": -1.4, "visit": -0.1},
    "human": {"people": 1.3},
    "machine": {"people": -1.0},
    "switch": {"persist": 0.6, "leave": -0.3},
    "accept": {"guard": -1.2},
    "decline": {"guard": 1.2, "thrift": 0.2, "visit": -0.2},
    "detail": {"skip": -1.1, "think": 0.4},
    "brief": {"skip": 0.5, "visit": -0.4, "think": -0.3},
    "complain": {"patience": -0.4},
    "proceed": {"leave": -0.5, "explore": -0.2, "think": -0.3},
}
FAILURE_ONLY = ("persist", "leave")


def weigh(choice: Choice, reading: Reading, encoder: Encoder, contexts: Array) -> tuple[Array, Clause | None]:
    """Shares of the options (sum 1) and the clause that moved them most; None where only the prior speaks.

    ``contexts`` are the vectors of all the workflow's prompts: a condition counts for the decision it is nearest to.
    """
    fits = _fits(choice, reading, encoder, contexts)
    said, moves = _said(choice, reading, encoder, fits)
    liked = _liked(choice, reading, fits)
    logits = choice.prior + said + liked
    likeliest = int(logits.argmax())
    clause = _spokesman(moves, likeliest)
    if clause is None and liked[likeliest] - liked.mean() > LIKED_ENOUGH:
        clause = _clause_of_traits(choice, reading)
    shares = np.exp(SPREAD * np.tanh((logits - logits.max()) / SPREAD))
    shares = shares / shares.sum()
    told = shares_said(choice, reading, encoder, fits, contexts)
    if told:
        shares = as_said(shares, {option: share for option, (share, _) in told.items()})
        top = int(shares.argmax())
        clause = told[top][1] if top in told else clause or next(iter(told.values()))[1]
    most = {option: cap for option, cap in ruled_out(choice, reading, encoder, fits).items() if option not in told}
    return floored(at_most(shares, most)), clause


def shares_said(
    choice: Choice, reading: Reading, encoder: Encoder, fits: Array, contexts: Array
) -> dict[int, tuple[float, Clause]]:
    """Options of which a clause says how often they are taken (`usually`, `7 in 10`), with that share; leaving can be
    an option anywhere, so it holds at the prompt that the clause is nearest to."""
    found: dict[int, tuple[float, Clause]] = {}
    leaving = choice.kinds[:, KINDS.index("leave")]
    for clause, (condition, main), fit in zip(reading.clauses, reading.settings, fits, strict=True):
        said = frequency_said(main) if len(leanings(main)) == 1 else None
        if said is None or fit < HOLDS_HERE:
            continue
        text = without_negation(said[1]) if said[0] < 1 else said[1]
        match = named(text, choice, encoder)
        best = match.best(NAMED_PLAINLY, PLAINLY)
        if best is None or (said[0] < SELDOM and choice.negated[best]):
            continue
        about = contexts @ match.vector
        if condition or leaving[best] < SPOKEN_ENOUGH or match.vector @ choice.context > about.max() - 1e-6:
            found.setdefault(best, (said[0], clause))
    return found


def as_said(shares: Array, told: dict[int, float]) -> Array:
    """The shares with those of some options given; the others keep their proportions in what is left."""
    given: Array = shares.copy()
    rest = np.array([i not in told for i in range(len(shares))])
    for option, share in told.items():
        given[option] = share
    left = max(0.0, 1 - sum(told.values()))
    if rest.any() and given[rest].sum() > 0:
        given[rest] *= left / given[rest].sum()
    total: Array = given / max(float(given.sum()), 1e-6)
    return total


def at_most(shares: Array, most: dict[int, float]) -> Array:
    """The shares with none of the given options above its bound; the others share what that leaves."""
    over = {option: bound for option, bound in most.items() if shares[option] > bound}
    return as_said(shares, over) if len(over) < len(shares) else shares


def insistence(choice: Choice, shares: Array, moved: bool) -> float:
    """How much a decision about a failure says of trying again (+) or leaving (-); 0 where the text says nothing."""
    if not moved or choice.failure < 0.5:
        return 0.0
    kinds = shares @ choice.kinds
    return float(kinds[KINDS.index("retry")] - kinds[KINDS.index("leave")])


def floored(shares: Array) -> Array:
    """The same shares with none below :data:`FLOOR`, to three digits, as sums to about 1."""
    lifted = np.maximum(shares, FLOOR)
    rounded: Array = np.maximum(np.round(lifted / lifted.sum(), 3), FLOOR)
    return rounded


def _spokesman(moves: list[tuple[Array, Clause]], likeliest: int) -> Clause | None:
    """The clause that speaks most for the likeliest option; None where none does so plainly."""
    spoken = [(float(move[likeliest] - move.mean()), clause) for move, clause in moves]
    loudest, clause = max(spoken, key=lambda pair: pair[0], default=(0.0, None))
    return clause if loudest > SPOKEN_ENOUGH else None


def _said(choice: Choice, reading: Reading, encoder: Encoder, fits: Array) -> tuple[Array, list[tuple[Array, Clause]]]:
    """How the clauses move each option against the others, by likeness to its words: in all, and clause by clause."""
    total = np.zeros(len(choice.names), np.float32)
    if not reading.clauses:
        return total, []
    units = [
        (text, sign, float(fit), clause)
        for clause, (_, main), fit in zip(reading.clauses, reading.settings, fits, strict=True)
        for text, sign in leanings(main)
        if text
    ]
    texts = [text for text, _, _, _ in units]
    layers = encoder.layers(texts)
    vectors = layers[:, -1]
    likeness = np.stack([vectors @ form.T for form in choice.vectors]).mean(0)
    worded = layers[:, 1] @ choice.middle.T
    likeness = likeness + MIDDLE * (worded - worded.mean(axis=1, keepdims=True))
    unit_kinds = _another_way(texts, reading.kinds_of(texts))
    typed = _typed(unit_kinds, choice)
    leaving = choice.kinds[:, KINDS.index("leave")]
    declining = np.clip(3 * choice.kinds[:, KINDS.index("decline")], 0, 1)
    nots = np.array(choice.negated) * (1 - leaving) * declining
    moves: list[tuple[Array, Clause]] = []
    for row, (text, sign, fit, clause) in enumerate(units):
        near = likeness[row] + SHARED_WORD * shared_words(text, choice)
        if OTHER_WAY.search(text):
            near = near - REPEATED * choice.kinds[:, KINDS.index("retry")]
        if sign > 0 and not is_negated(text):
            near = near - UNLIKE_NOT * nots
        relevance = 1 / (1 + np.exp(-(near.max() - RELEVANT) / RELEVANT_WIDTH))
        if sign > 0:
            move = near - near.mean()
        else:
            about = float(vectors[row] @ choice.context)
            refused = 1 / (1 + np.exp(-(max(float(near.max()), about) - RELEVANT - 0.04) / RELEVANT_WIDTH))
            relevance = max(relevance, refused)
            move = _against(near, choice)
        move = move * relevance * clause.strength * fit * MATCH_GAIN
        if sign > 0 and typed is not None:
            seen = UNSEEN + (1 - UNSEEN) * relevance
            move = move + TYPED_GAIN * seen * min(1.0, fit) * clause.strength * typed[row]
        move = move + same_concepts(text, sign, choice) * min(1.0, fit) * clause.strength
        move = _unless_said(move, leaving, _says_leaving(text, unit_kinds[row]))
        total += move
        moves.append((move, clause))
    limited: Array = LIMIT * np.tanh(total / LIMIT)
    return limited, moves


def _typed(unit_kinds: Array, choice: Choice) -> Array | None:
    """How far each unit does what an option's kind is (leaves, tries again, asks somebody), against the others."""
    if not len(unit_kinds):
        return None
    alike = unit_kinds @ choice.kinds.T
    centred: Array = alike - alike.mean(axis=1, keepdims=True)
    return centred


def _against(near: Array, choice: Choice) -> Array:
    """A negated clause: down with what it names, up with what says the same `not`, or refuses."""
    contrast = near - near.mean()
    move: Array = -np.clip(contrast, 0, None)
    for i, negated in enumerate(choice.negated):
        if negated and near[i] > near.mean() - 0.05:
            move[i] = abs(contrast[i]) + 0.12
    refusing = choice.kinds[:, KINDS.index("decline")] + 0.1 * choice.kinds[:, KINDS.index("leave")]
    agreeing = choice.kinds[:, KINDS.index("accept")] + choice.kinds[:, KINDS.index("detail")]
    against: Array = move + 0.22 * refusing - 0.1 * agreeing
    mixed: Array = (1 - STILL_ALIKE) * against + STILL_ALIKE * contrast
    return mixed


def _unless_said(move: Array, leaving: Array, said: float) -> Array:
    """Options that mean leaving gain nothing on the others by a clause that does not speak of leaving."""
    unsaid = np.clip(leaving * 1.5, 0, 1) * (1 - said)
    staying = 1 - leaving
    others = (staying @ move - staying * move) / np.maximum(staying.sum() - staying, 1e-3)
    kept: Array = move + unsaid * np.minimum(0, others - move)
    return kept


def _says_leaving(text: str, kinds: Array) -> float:
    """How plainly the words say that somebody leaves, 0 to 1; nobody who uses a service means to leave it."""
    return 1.0 if LEAVING.search(text) else float(np.clip(kinds[KINDS.index("leave")] * 2.2 - 0.3, 0, 1))


def _another_way(texts: list[str], kinds: Array) -> Array:
    """`Tries another one` is another way, and never the same again."""
    turned: Array = kinds.copy()
    for row, text in enumerate(texts):
        if OTHER_WAY.search(text):
            turned[row, KINDS.index("retry")] = 0
            turned[row, KINDS.index("switch")] = max(0.8, turned[row, KINDS.index("switch")])
    return turned


def _fits(choice: Choice, reading: Reading, encoder: Encoder, contexts: Array) -> Array:
    """How well what each clause is about describes this decision, 0.08 to 1.5; a condition that describes just this
    decision takes weight from all the others."""
    found = np.array([_condition_fits(c, main, choice, encoder, contexts) for c, main in reading.settings], np.float32)
    top = max(1.0, float(found.max(initial=1.0)))
    weighed: Array = found * (found / top) ** NEAREST_WINS
    return weighed


def _condition_fits(condition: str, text: str, choice: Choice, encoder: Encoder, contexts: Array) -> float:
    """How well `if ...` describes this decision: 0.08 (something else) to 1.5 (just this); 1 without a condition."""
    if INDIFFERENT.search(text):
        return LEAST_FIT
    told = condition or text
    trouble, slowness = bool(TROUBLE.search(told)), bool(SLOW.search(condition))
    vector = encoder([told])[0]
    about = float(vector @ choice.context)
    nearest = float((contexts @ vector).max())
    if not condition:
        if ATTEMPTS.search(text) and not trouble:
            return 0.25 + 0.75 * choice.failure
        elsewhere = LEAVING.search(text) and nearest > SPEAKS_OF
        return max(LEAST_FIT, float(np.exp(-(nearest - about) / 0.25))) if elsewhere else 1.0
    fits = 0.35 + (about - 0.1) * 3.0 + 0.35 * choice.failure * trouble
    fits *= float(np.exp(-(nearest - about) / 0.25))
    if slowness:
        fits *= 0.15 + 0.85 * choice.slow
    elif trouble:
        fits *= 0.15 + 0.85 * choice.failure
    return float(np.clip(fits, LEAST_FIT, 1.5 if is_condition(condition) else 1.0))


def _liked(choice: Choice, reading: Reading, fits: Array) -> Array:
    """How the person's traits move each option, by its kind."""
    pull = np.zeros(len(KINDS), np.float32)
    repeats = np.array([not OTHER_WAY.search(clause.text) for clause in reading.clauses], np.float32)
    for column, kind in enumerate(KINDS):
        for trait, weight in AFFINITY.get(kind, {}).items():
            scale = 1.0 - 0.3 * choice.failure
            if trait in FAILURE_ONLY:
                scale = 0.45 + 0.55 * choice.failure
            elif kind == "leave":
                scale = max(0.4 * choice.failure, choice.slow)
            value = reading.trait(trait)
            if trait in FAILURE_ONLY:
                value = reading.trait_where(trait, fits * repeats if kind == "retry" else fits)
            pull[column] += weight * scale * value
    liked: Array = choice.kinds @ pull * TRAIT_GAIN
    return liked


def _clause_of_traits(choice: Choice, reading: Reading) -> Clause | None:
    strongest: dict[str, float] = {}
    present = choice.kinds.max(0)
    for column, kind in enumerate(KINDS):
        for trait, weight in AFFINITY.get(kind, {}).items():
            strength = abs(weight * float(present[column]) * reading.trait(trait))
            strongest[trait] = max(strongest.get(trait, 0.0), strength)
    for trait in sorted(strongest, key=lambda t: -strongest[t]):
        source = reading.sources.get(trait)
        if source is not None and strongest[trait] > 0.1:
            return source
    return None
