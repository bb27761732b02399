"""The look in numbers: colours, type, space, radius. Nothing else in the window names a colour or a size of type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Scheme = Literal["dark", "light"]
PERSONA_TOKENS = ("accent", "second", "dim", "warn", "good", "rose")
"""Which tokens colour the personas, in the order of the crowd. Nobody has the colour of what failed."""
Role = Literal["body", "strong", "title", "heading", "section", "small", "mono", "mono_small", "mono_strong", "figure"]

SANS = "Inter"
MONO = "JetBrains Mono"


def families(first: str) -> tuple[str, str]:
    """A shipped family, and the other one for signs that it lacks: those of the system look different everywhere."""
    return (SANS, MONO) if first == SANS else (MONO, SANS)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours of one scheme as ``#rrggbb``. Colour means persona or verdict (and one accent), never decoration."""

    scheme: Scheme
    ground: str
    panel: str
    raised: str
    line: str
    text: str
    dim: str
    accent: str
    on_accent: str
    good: str
    warn: str
    bad: str
    second: str
    rose: str
    hover: str
    soft: str
    """Accent thinned on the panel: what is selected."""
    track: str
    """The unfilled part of bars."""

    def personas(self) -> tuple[str, ...]:
        """Colours for personas, in the order of the crowd mix; repeats after the last."""
        return tuple(str(getattr(self, name)) for name in PERSONA_TOKENS)


DARK = Tokens(
    scheme="dark", ground="#0f1216", panel="#161a20", raised="#1d222a", line="#2a313c", text="#e6e9ee", dim="#919aa9",
    accent="#4cc2ff", on_accent="#08131b", good="#3ecf8e", warn="#f5b83d", bad="#ff6b6b", second="#a78bfa",
    rose="#f472b6", hover="#252b35", soft="#1d303c", track="#232934",
)  # fmt: skip
LIGHT = Tokens(
    scheme="light", ground="#f6f7f9", panel="#ffffff", raised="#f0f2f5", line="#dde2e9", text="#171b21", dim="#5d6776",
    accent="#0a7bc4", on_accent="#ffffff", good="#128a5a", warn="#b37400", bad="#d13438", second="#6d4fd8",
    rose="#c2256e", hover="#e6eaf0", soft="#e4f0f8", track="#e6e9ee",
)  # fmt: skip

SCHEMES: dict[Scheme, Tokens] = {"dark": DARK, "light": LIGHT}


@dataclass(frozen=True, slots=True)
class TypeStyle:
    """One style of type: size in pixels at scale 1, weight 100-900, letter spacing in per cent of the size."""

    family: str
    size: float
    weight: int
    spacing: float = 0.0


TYPE: dict[Role, TypeStyle] = {
    "body": TypeStyle(SANS, 13, 400),
    "strong": TypeStyle(SANS, 13, 600),
    "title": TypeStyle(SANS, 19, 700),
    "heading": TypeStyle(SANS, 14, 600),
    "section": TypeStyle(SANS, 11, 600, 5.0),
    "small": TypeStyle(SANS, 12, 400),
    "mono": TypeStyle(MONO, 12.5, 400),
    "mono_small": TypeStyle(MONO, 11, 400),
    "mono_strong": TypeStyle(MONO, 13, 500),
    "figure": TypeStyle(SANS, 22, 700),
}

GRID = 4
"""Distances are multiples of this, or of half of it between things that belong together."""
GAP = 14
"""Between cards."""
CARD = 14
"""Inside cards."""
RADIUS_CARD = 10
RADIUS_MENU = 8
"""Menus, lists that drop down."""
RADIUS_CONTROL = 7
"""Buttons, fields."""
RADIUS_ROW = 6
"""Rows and marks inside a control or a card."""
RADIUS_SMALL = 5
"""What lies inside a control: a segment, an entry of a menu."""
RADIUS_BAR = 3
"""Bars of charts, thumbs of scroll bars."""
RADIUS_HAIR = 2
"""The smallest pieces."""
RING = 2
"""Pixels of the line around what has the keyboard."""
MOTION_QUICK, MOTION_CALM = 120, 200
"""Milliseconds: something answers a press; something comes or goes. Nothing moves longer, nothing where less motion
is wanted."""


def contrasted(tokens: Tokens) -> Tokens:
    """The scheme for those who want more contrast: edges that can be seen (3 to 1), dim words that are hardly dim."""
    return replace(
        tokens,
        line=mix(tokens.dim, tokens.raised, 0.85),
        dim=mix(tokens.text, tokens.dim, 0.6),
        track=mix(tokens.dim, tokens.panel, 0.3),
    )


def mix(over: str, under: str, share: float) -> str:
    """``over`` laid on ``under`` with the given opacity, as ``#rrggbb``."""
    a, b = (tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (over, under))
    return "#" + "".join(f"{round(x * share + y * (1 - share)):02x}" for x, y in zip(a, b, strict=True))


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio of two colours, 1 to 21."""

    def luminance(color: str) -> float:
        parts = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
        r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def grounds(tokens: Tokens) -> tuple[str, ...]:
    """Everything that words are written on."""
    return (tokens.ground, tokens.panel, tokens.raised, tokens.hover, tokens.soft)


def safe_ink(color: str, tokens: Tokens) -> str:
    """``color`` for words that lie now on this ground, now on that one: readable on the worst of them."""
    return ink(color, min(grounds(tokens), key=lambda on: contrast(color, on)), tokens.text)


def ink(color: str, on: str, text: str) -> str:
    """``color`` for words: moved towards ``text`` only as far as reading on ``on`` needs (contrast 4.5)."""
    share = 1.0
    while share > 0.0 and contrast(mixed := mix(color, text, share), on) < 4.5:
        share -= 0.05
    return mixed if share > 0.0 else text
