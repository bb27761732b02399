"""What the environment decides. Read once, whenever an application is made; nothing else reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

BUGS: Mapping[str, str] = {
    "lost_idempotency": "An order that is sent again is made and charged again.",
    "check_then_act": "Stock is looked at first and taken later; in between, somebody else takes it.",
    "double_apply": "A payment event that is delivered twice is booked twice.",
    "stale_cache": "The product page stays in the cache when the stock changes.",
    "missing_rollback": "A declined payment does not give the goods back to the shelf.",
    "off_by_one": "One piece more can be sold than there is.",
    "coupon_twice": "The coupon can be put on the same cart again, and counts again.",
    "unbounded_retry": "The shop asks the payment company again and again, for as long as it takes.",
}
"""Mistakes that can be switched on, one at a time, with SHOP_BUG=name. They are here to be found."""

PRODUCTS: Mapping[str, tuple[str, int, int]] = {
    "mug-blue": ("Mug, blue glaze", 1_800, 4),
    "teapot": ("Teapot", 6_400, 2),
    "tray": ("Tray, ash wood", 3_200, 4),
}
"""By stock keeping unit: name, price in cents, pieces on the shelf. A studio: few of each."""

COUPONS: Mapping[str, int] = {"WELCOME10": 10}
"""By code: per cent off the order. Each customer may use each code once."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this application behaves. Durations are in seconds."""

    bug: str = ""
    stock_factor: int = 1
    charge_attempts: int = 4
    charge_timeout: float = 2.0
    first_backoff: float = 0.2
    longest_backoff: float = 1.0
    sweep_every: float = 3.0
    """How often orders are looked for whose payment nobody is waiting for any more."""
    sweep_after: float = 12.0
    """How old such an order must be; longer than a charge with all its attempts takes."""
    cache_seconds: float = 60.0
    products: Mapping[str, tuple[str, int, int]] = field(default_factory=lambda: PRODUCTS)
    coupons: Mapping[str, int] = field(default_factory=lambda: COUPONS)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings of this process: ``SHOP_BUG`` (a name, or nothing) and ``SHOP_STOCK`` (times as many pieces).

        Raises:
            ValueError: a variable says something that is not known.
        """
        bug = environment.get("SHOP_BUG", "").strip()
        if bug and bug not in BUGS:
            raise ValueError(f"SHOP_BUG={bug!r} is not known; there are: {', '.join(BUGS)}")
        factor = environment.get("SHOP_STOCK", "1").strip()
        if not factor.isdecimal() or int(factor) < 1:
            raise ValueError(f"SHOP_STOCK={factor!r} is not a whole number from 1")
        return cls(bug=bug, stock_factor=int(factor))

    def has(self, bug: str) -> bool:
        """Whether this planted mistake is switched on."""
        return self.bug == bug
