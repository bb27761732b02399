"""What a setting is, and which values it takes. No file, no window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Value = bool | int | float | str
LONGEST = 500
"""Characters of a text that is a setting."""


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    def check(self, value: object) -> Value:
        """The value itself. Raises ``ValueError`` that says what is expected."""
        if not isinstance(value, bool):
            raise ValueError("is true or false")
        return value

    def parse(self, text: str) -> Value:
        """A value as a person types it."""
        known = {
            "true": True,
            "on": True,
            "yes": True,
            "1": True,
            "false": False,
            "off": False,
            "no": False,
            "0": False,
        }
        if text.strip().lower() not in known:
            raise ValueError("is on or off")
        return known[text.strip().lower()]

    def words(self, value: Value) -> str:
        """A value for people."""
        return "on" if value else "off"


@dataclass(frozen=True, slots=True)
class Number:
    """A number from ``least`` to ``most``, both included; ``step`` is for the arrows of a field, and below 1 it allows
    fractions. ``none`` says what 0 means where it is special."""

    least: float
    most: float
    step: float = 1
    unit: str = ""
    none: str = ""

    @property
    def whole(self) -> bool:
        """Whether only whole numbers count."""
        return self.step == int(self.step)

    def check(self, value: object) -> Value:
        """The number itself. Raises ``ValueError`` that says what is expected."""
        kind = "a whole number" if self.whole else "a number"
        allowed: tuple[type, ...] = (int,) if self.whole else (int, float)
        fits = isinstance(value, allowed) and not isinstance(value, bool)
        if not fits or not (isinstance(value, int | float) and self.least <= value <= self.most):
            raise ValueError(f"is {kind} from {self.least:,g} to {self._most()}")
        return value

    def parse(self, text: str) -> Value:
        """A number as a person types it: blanks and commas between digits do not count, nor does its own unit."""
        bare = text.strip().removesuffix(self.unit).replace(",", "").replace(" ", "").replace("\u202f", "")
        try:
            if len(bare) > 40 or not bare.isascii():
                raise ValueError
            number: Value = int(bare) if self.whole else float(bare)
        except ValueError:
            number = ""
        return self.check(number)

    def words(self, value: Value) -> str:
        """A number with its unit."""
        if self.none and value == 0:
            return self.none
        return f"{value:,} {self.unit}".strip()

    def _most(self) -> str:
        return f"{int(self.most):,}" if self.most < 1e15 else "18446744073709551615"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few: the word of the file, and the words for people."""

    options: tuple[tuple[str, str], ...]

    def check(self, value: object) -> Value:
        """The word itself. Raises ``ValueError`` that says what is expected."""
        if not isinstance(value, str) or value not in dict(self.options):
            raise ValueError(f"is one of {', '.join(key for key, _ in self.options)}")
        return value

    def parse(self, text: str) -> Value:
        """The file's word or the one for people."""
        wanted = text.strip().lower()
        return self.check(next((key for key, words in self.options if wanted in (key, words.lower())), wanted))

    def words(self, value: Value) -> str:
        """What stands on the switch."""
        return dict(self.options).get(str(value), str(value))


def _anything(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Text:
    """A short line, or none. ``fits`` returns it tidied, or raises ``ValueError`` that says what is expected."""

    fits: Callable[[str], str] = _anything
    hint: str = ""

    def check(self, value: object) -> Value:
        """The line, tidied. Raises ``ValueError`` that says what is expected."""
        if not isinstance(value, str):
            raise ValueError("is a text")
        text = value.strip()
        if len(text) > LONGEST or not text.isprintable():
            raise ValueError(f"is one line of at most {LONGEST} characters")
        return self.fits(text) if text else ""

    def parse(self, text: str) -> Value:
        """As it was typed."""
        return self.check(text)

    def words(self, value: Value) -> str:
        """The line; what an empty one means."""
        return str(value) or self.hint


Kind = Switch | Number | Choice | Text


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the table. ``key`` is ``group.name``; ``title`` are the short words, ``says`` the long ones;
    ``synonyms`` are other words by which it is found; ``variable`` of the environment wins over the file; ``restart``
    tells that it counts from the next start on."""

    key: str
    title: str
    says: str
    kind: Kind
    default: Value
    synonyms: str = ""
    variable: str = ""
    restart: bool = False

    @property
    def group(self) -> str:
        """The part before the dot: a section of the file."""
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """The part after the dot."""
        return self.key.partition(".")[2]
