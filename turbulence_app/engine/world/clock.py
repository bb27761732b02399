"""The application's clocks: all of them show the world's time, which starts at a fixed date, in UTC.

``datetime`` is patched inside its C type, so that classes stay what they are for whoever compares, validates or stores
them; names imported before see the change, too.
"""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.engine.world.active import ACTIVE, world
from turbulence_app.engine.world.guards import place_of_application, refuse
from turbulence_app.engine.world.handles import START_US

BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""When every world begins: a Monday morning."""
BEGIN_US = int(BEGIN.timestamp()) * 1_000_000
BUSY_READS = 500_000
"""Readings of the clock at one moment after which the application is said to wait by looking at it."""
_WALL = (getattr(time, "CLOCK_REALTIME", 0), getattr(time, "CLOCK_REALTIME_COARSE", 5), getattr(time, "CLOCK_TAI", 11))


def monotonic_us() -> int | None:
    """The monotonic clock, or None outside of worlds."""
    loop = world()
    if loop is None:
        return None
    if loop.read_at != loop.now:
        loop.read_at, loop.reads = loop.now, 0
    loop.reads += 1
    if loop.reads > BUSY_READS:
        raise _busy()
    return START_US + loop.now + (loop.slept or 0)


def wall_us() -> int | None:
    """The wall clock, microseconds since 1970, or None outside of worlds."""
    now = monotonic_us()
    if now is None:
        return None
    ACTIVE.wall_reads += 1
    return BEGIN_US - START_US + now + ACTIVE.skew_us


def _busy() -> InputError:
    where = place_of_application()[1]
    return refuse_loop("waits by looking at the clock again and again", "wait with asyncio.sleep", where)


def refuse_loop(what: str, advice: str, where: Any) -> InputError:
    """End the world for what the application does."""
    error = InputError(f"the application {what}", advice, where)
    loop = world()
    if loop is not None:
        loop.fatal = loop.fatal or error
    return error


def _seconds(read: Callable[[], int | None], real: Callable[[], float]) -> Callable[[], float]:
    def clock() -> float:
        now = read()
        return real() if now is None else now / 1e6

    return clock


def _nanoseconds(read: Callable[[], int | None], real: Callable[[], int]) -> Callable[[], int]:
    def clock() -> int:
        now = read()
        return real() if now is None else now * 1000

    return clock


def _gettime(real: Callable[[int], Any], unit: Callable[[int], Any]) -> Callable[[int], Any]:
    def clock_gettime(clock: int) -> Any:
        now = wall_us() if clock in _WALL else monotonic_us()
        return real(clock) if now is None else unit(now)

    return clock_gettime


def _broken_down(real: Callable[..., Any], shift: Callable[[float], Any]) -> Callable[..., Any]:
    def breakdown(seconds: float | None = None) -> Any:
        now = wall_us()
        if now is None:
            return real(seconds)
        return shift(now / 1e6 if seconds is None else seconds)

    return breakdown


def _formatted(real: Callable[..., str], gmtime: Callable[..., Any]) -> Callable[..., str]:
    def strftime(form: str, t: Any = None) -> str:
        now = wall_us() if t is None else None
        return real(form, *(() if t is None else (t,))) if now is None else real(form, gmtime(now / 1e6))

    return strftime


def _asctime(real: Callable[..., str], gmtime: Callable[..., Any]) -> Callable[..., str]:
    def asctime(t: Any = None) -> str:
        now = wall_us() if t is None else None
        return real(*(() if t is None else (t,))) if now is None else real(gmtime(now / 1e6))

    return asctime


def _sleep(real: Callable[[float], None]) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        loop = world()
        if loop is None:
            real(seconds)
        elif loop.slept is not None:
            loop.slept += max(0, int(seconds * 1e6))
        else:
            raise refuse(
                "calls time.sleep, which stops everybody else, too",
                "wait with asyncio.sleep, or run the function in a thread (asyncio.to_thread)",
            )

    return sleep


def time_patches() -> list[tuple[Any, str, Any]]:
    """What replaces the functions of :mod:`time`."""
    gmtime = time.gmtime
    clocks: dict[str, Any] = {
        "time": _seconds(wall_us, time.time),
        "time_ns": _nanoseconds(wall_us, time.time_ns),
        "gmtime": _broken_down(time.gmtime, gmtime),
        "localtime": _broken_down(time.localtime, gmtime),
        "ctime": _broken_down(time.ctime, lambda seconds: time.asctime(gmtime(seconds))),
        "strftime": _formatted(time.strftime, gmtime),
        "asctime": _asctime(time.asctime, gmtime),
        "sleep": _sleep(time.sleep),
    }
    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        clocks[name] = _seconds(monotonic_us, getattr(time, name))
        clocks[f"{name}_ns"] = _nanoseconds(monotonic_us, getattr(time, f"{name}_ns"))
    if hasattr(time, "clock_gettime"):
        clocks["clock_gettime"] = _gettime(time.clock_gettime, lambda us: us / 1e6)
        clocks["clock_gettime_ns"] = _gettime(time.clock_gettime_ns, lambda us: us * 1000)
    return [(time, name, made) for name, made in clocks.items()]


def _moment() -> datetime | None:
    now = wall_us()
    return None if now is None else BEGIN + timedelta(microseconds=now - BEGIN_US)


def _cast(kind: type[datetime], moment: datetime) -> datetime:
    return moment if kind is datetime else kind.combine(moment.date(), moment.timetz())


def _now(kind: type[datetime], tz: Any = None) -> datetime:
    moment = _moment()
    if moment is None:
        return _REAL_NOW.__get__(None, kind)(tz)  # type: ignore[no-any-return]
    return _cast(kind, moment.replace(tzinfo=None) if tz is None else moment.astimezone(tz))


def _utcnow(kind: type[datetime]) -> datetime:
    moment = _moment()
    if moment is None:
        return _REAL_UTCNOW.__get__(None, kind)()  # type: ignore[no-any-return]
    return _cast(kind, moment.replace(tzinfo=None))


def _today(kind: type[date]) -> date:
    moment = _moment()
    if moment is None:
        return _REAL_TODAY.__get__(None, kind)()  # type: ignore[no-any-return]
    if issubclass(kind, datetime):
        return _cast(kind, moment.replace(tzinfo=None))
    return kind(moment.year, moment.month, moment.day)


_REAL_NOW, _REAL_UTCNOW = datetime.__dict__["now"], datetime.__dict__["utcnow"]
_REAL_TODAY = date.__dict__["today"]


class DatePatch:
    """Methods inside the C types :class:`datetime.datetime` and :class:`datetime.date`."""

    def __init__(self) -> None:
        # CPython gives the dictionary of a built-in type only behind a read-only view; the view refers to it.
        self._moments: dict[str, Any] = gc.get_referents(datetime.__dict__)[0]
        self._days: dict[str, Any] = gc.get_referents(date.__dict__)[0]

    def install(self) -> None:
        """Show the world's time."""
        self._put(classmethod(_now), classmethod(_utcnow), classmethod(_today))

    def remove(self) -> None:
        """Show the real time."""
        self._put(_REAL_NOW, _REAL_UTCNOW, _REAL_TODAY)

    def _put(self, now: Any, utcnow: Any, today: Any) -> None:
        self._moments.update(now=now, utcnow=utcnow)
        self._days["today"] = today
        for kind in (datetime, date):
            ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
