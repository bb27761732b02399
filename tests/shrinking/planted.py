"""A shop with a planted deep bug, as a pure function of choices: the same shop that the peers are measured on.

The key that keeps a charge from happening twice comes from the cart once a coupon is on: pay (the charge happens, the
answer is lost), put a coupon on, pay again. Ten actions with a whole number each, sixty of them: six are needed.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from turbulence_app.engine.shrinking.addresses import Loop
from turbulence_app.engine.shrinking.candidate import Candidate, Outcome

ACTIONS = ("add", "remove", "coupon", "ship", "topay", "back", "pay", "noop", "wait", "refresh")
STEPS = 60
VALUES = 1001
BACK = {"pay": "ship", "ship": "cart"}


class Shop:
    """One visitor's checkout."""

    def __init__(self) -> None:
        self.cart: list[int] = []
        self.coupon = self.done = False
        self.step = "cart"
        self.charges: list[int] = []
        self.keys: set[object] = set()

    def do(self, action: str, x: int) -> None:
        if self.done:
            return
        if action == "add":
            self.cart.append(x)
        elif action == "remove" and self.cart:
            self.cart.pop()
        elif action == "coupon" and self.cart:
            self.coupon = True
        elif action == "ship" and self.cart:
            self.step = "ship"
        elif action == "topay" and self.step == "ship":
            self.step = "pay"
        elif action == "back":
            self.step = BACK.get(self.step, "cart")
        elif action == "pay" and self.step == "pay" and self.cart:
            self.pay(x)

    def pay(self, x: int) -> None:
        key: object = tuple(self.cart) if self.coupon else "order-1"
        if x % 4 == 3:
            return
        if key not in self.keys:
            self.keys.add(key)
            self.charges.append(sum(self.cart))
        if x % 4 != 1:
            self.done = True

    @property
    def holds(self) -> bool:
        return len(self.charges) <= 1


ACTION_AT = [f"do#{i}.0:choice" for i in range(STEPS)]
VALUE_AT = [f"do#{i}.0:value" for i in range(STEPS)]
ACTION_WORDS = tuple(-(-(i << 32) // len(ACTIONS)) for i in range(len(ACTIONS)))
VALUE_WORDS = tuple(-(-(v << 32) // VALUES) for v in range(8))
NOOP = ACTION_WORDS[ACTIONS.index("noop")]
LOOPS = (Loop(STEPS, {"do": 1}),)
USED = [dict(item for j in range(i + 1) for item in ((ACTION_AT[j], NOOP), (VALUE_AT[j], 0))) for i in range(STEPS)]


def steps(choices: Mapping[str, int]) -> list[tuple[str, int]]:
    """What is really done."""
    found = []
    for at, value in zip(ACTION_AT, VALUE_AT, strict=True):
        word = choices.get(at, NOOP)
        action = ACTIONS[word * len(ACTIONS) >> 32]
        if action != "noop":
            found.append((action, choices.get(value, 0) * VALUES >> 32))
    return found


def run(candidate: Candidate) -> Outcome | None:
    """Really run it."""
    shop, choices = Shop(), candidate.choices
    for i in range(STEPS):
        word = choices.get(ACTION_AT[i])
        if word is None:
            continue
        shop.do(ACTIONS[word * 10 >> 32], choices.get(VALUE_AT[i], 0) * VALUES >> 32)
        if len(shop.charges) > 1:
            return Outcome(USED[i], (i,))
    return None


def alternatives(address: str) -> tuple[int, ...]:
    return ACTION_WORDS if address.endswith(":choice") else VALUE_WORDS


def failing(seed: int) -> tuple[Candidate, int]:
    """The first failing world of a seed, with every choice recorded, and how many were run to find it."""
    generator, runs = random.Random(seed), 0
    while True:
        runs += 1
        choices = {}
        for at, value in zip(ACTION_AT, VALUE_AT, strict=True):
            choices[at], choices[value] = generator.getrandbits(32), generator.getrandbits(32)
        found = Candidate(choices)
        if run(found) is not None:
            return found, runs
