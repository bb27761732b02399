"""What every test gets: a private home, no screen needed, and a failure for whatever it leaves behind.

Rules (each test is checked, nothing to ask for):
- a log record at WARNING or above fails the test, unless it is marked `expects_log`;
- a thread that is not a daemon and outlives the test fails it, and so does a top-level widget still shown.
Warnings are errors by the configuration in pyproject.toml.
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

THREAD_GRACE_S = 3.0
TOGETHER = frozenset({"tests/gui/test_screenshots.py"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Pictures of the window are renewed on wish."""
    parser.addoption("--update-shots", action="store_true", help="write the reference pictures of the window anew")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With several processes the pictures of the window stay together: they share a window, in their order.

    Decided here, in the process that hands out the tests: options that are set by a hook never reach the others, so
    that groups by mark would be known to one side only.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if file in TOGETHER else nodeid

    return Together(config, log)


def _private_home() -> Path:
    """Point every place that the program may write to into a new folder; runs before any import of the program."""
    home = Path(tempfile.mkdtemp(prefix="turbulence-tests-"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        os.environ[name] = str(home / name.removeprefix("XDG_").removesuffix("_HOME").lower())
    os.environ["TURBULENCE_HOME"] = str(home / "turbulence")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in [name for name in os.environ if name.startswith(("OLLAMA_", "LLM_"))]:
        del os.environ[name]
    return home


HOME = _private_home()

# Started in the background (a CI runner, nohup), the tests would hand their children an interrupt that is ignored.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Nothing here may depend on how fast the machine is. `ci` is the default: the same examples each time, so that the
# test command gives the same verdict twice; `dev` looks for new ones, `nightly` for many.
settings.register_profile(
    "ci", derandomize=True, database=None, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("dev", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", parent=settings.get_profile("dev"), max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_unconfigure() -> None:
    """Leave nothing of the private home."""
    shutil.rmtree(HOME, ignore_errors=True)


class _Loud(logging.Handler):
    """Remembers what was logged at WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which something was logged at WARNING or above."""
    loud = _Loud()
    logging.getLogger().addHandler(loud)
    yield
    logging.getLogger().removeHandler(loud)
    if loud.records and request.node.get_closest_marker("expects_log") is None:
        pytest.fail("logged: " + "; ".join(f"{r.levelname} {r.name}: {r.getMessage()}" for r in loud.records))


def _alive(before: set[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]


@pytest.fixture(autouse=True)
def no_leaked_thread() -> Iterator[None]:
    """Fail a test that leaves a thread which would keep the program from ending."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + THREAD_GRACE_S
    while (left := _alive(before)) and time.monotonic() < deadline:
        left[0].join(timeout=0.05)
    assert not left, f"threads left running: {[thread.name for thread in left]}"


@pytest.fixture(autouse=True)
def no_leaked_widget() -> Iterator[None]:
    """Fail a test that leaves a window on the screen."""
    before = _shown_widgets()
    yield
    left = _shown_widgets() - before
    if left:
        gc.collect()
        left &= _shown_widgets()
    assert not left, f"windows left open: {sorted(left)}"


def _shown_widgets() -> set[str]:
    """Addresses and types of the top-level widgets on the screen; empty as long as no test has loaded Qt."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    application = widgets.QApplication.instance() if widgets else None
    if widgets is None or not isinstance(application, widgets.QApplication):
        return set()
    application.sendPostedEvents(None, 52)  # QEvent.Type.DeferredDelete
    return {f"{type(w).__name__} at {id(w):#x}" for w in application.topLevelWidgets() if w.isVisible()}
