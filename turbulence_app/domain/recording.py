"""What really went over the wire in a live run: enough to give every answer again, to the microsecond."""

from __future__ import annotations

from typing import Literal

from turbulence_app.domain.base import Noun

REDACTED = "(redacted)"
"""Stands for what a header with a secret in it said."""


class Body(Noun):
    """A body as far as it was kept: text, or base64 where it is none. ``size`` is in bytes, of the whole."""

    text: str = ""
    encoding: Literal["", "base64"] = ""
    size: int = 0
    digest: str = ""
    """SHA-256 (hex) of the whole, where only a part was kept."""

    @property
    def whole(self) -> bool:
        """Whether all of it was kept."""
        return not self.digest


class LateAct(Noun):
    """The service acted on an attempt after the person had stopped waiting; noticed during the visit's ``call``."""

    call: int
    step: str
    visit: int
    attempt: int
    times: int
    at_us: int


class Exchange(Noun):
    """One attempt: what was asked, what came back, and when. Times are microseconds of the visit's clock.

    ``due_us``: when the person asked; ``sent_us``: when the request left (0 and ``target`` empty where a fault kept it
    back); ``waited_us``: from due to the end of the waiting. ``answer`` is its name; ``status`` 0 where none came.
    """

    step: str
    visit: int = 0
    attempt: int = 0
    method: str = ""
    target: str = ""
    request_headers: dict[str, str] = {}
    request_body: Body = Body()
    answer: str = ""
    status: int = 0
    headers: dict[str, str] = {}
    body: Body = Body()
    due_us: int = 0
    sent_us: int = 0
    waited_us: int = 0
    acts: int = 0
    ended: bool = False
    changed: tuple[int, ...] = ()
    """Numbers of the faults without which it would have gone otherwise."""
    why: str = ""
    """Why no answer came, in the words of the socket or the parser."""

    @property
    def address(self) -> str:
        """``step#visit.attempt``; a rule's question has the step ``@probe`` and its number as the attempt."""
        return f"{self.step}#{self.visit}.{self.attempt}"


class WorldViolation(Noun):
    """A rule about other users too was broken in a visit: when, at which step, as which of its events (from 1)."""

    rule: str
    at_us: int
    step: str = ""
    events: int
    message: str = ""


class Recording(Noun):
    """All exchanges of one user, in the order in which they began."""

    user: int
    arrived_us: int = 0
    exchanges: tuple[Exchange, ...] = ()
    late: tuple[LateAct, ...] = ()
    world: tuple[WorldViolation, ...] = ()


class Divergence(Noun):
    """The first place where a visit, done again, went another way than the recording. ``exchange`` counts from 0."""

    exchange: int
    step: str = ""
    what: str
    recorded: str = ""
    now: str = ""

    def __str__(self) -> str:
        return f"exchange {self.exchange} ({self.step}): {self.what} was {self.recorded}, is {self.now}"
