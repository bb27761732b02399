"""Applications that never give the turn away: the engine process says where, and ends."""

from __future__ import annotations

import time

import pytest

from tests.world.places import inputs, place
from turbulence_app.domain.errors import CancelledError, InputError, MachineError
from turbulence_app.engine.world import host as hosts
from turbulence_app.engine.world.execute import execute_app
from turbulence_app.engine.world.host import Host

BUSY = """
{top}
def create_app():
    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise RuntimeError("no lifespan")
        await serve(send)
    return app

async def serve(send):
    {body}
"""


def test_an_endpoint_that_never_awaits_is_named(tmp_path) -> None:
    here = place(tmp_path, BUSY.format(top="", body="while True: pass"))
    with (
        Host(patience_s=1) as host,
        pytest.raises(InputError, match="serve has been running for more than 1 s") as told,
    ):
        execute_app(inputs(users=2), here, audited=False, host=host)
    assert str(told.value).startswith("sut.py:11:")


def test_an_import_that_never_ends_is_named(tmp_path) -> None:
    here = place(tmp_path, BUSY.format(top="while True: pass", body="pass"))
    with Host(patience_s=1) as host, pytest.raises(InputError, match=r"the import has been running") as told:
        execute_app(inputs(users=2), here, audited=False, host=host)
    assert str(told.value).startswith("sut.py:2:")


def test_native_code_that_never_returns_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(hosts, "SILENCE_S", 1.0)
    here = place(tmp_path, BUSY.format(top="import re", body="re.match(r'(a+)+$', 'a' * 60 + 'b')"))
    with Host(patience_s=1) as host, pytest.raises(MachineError, match="holds the interpreter") as told:
        execute_app(inputs(users=2), here, audited=False, host=host)
    where = told.value.problem.where
    assert where is not None
    assert (where.file.endswith("sut.py"), where.line) == (True, 11)


def test_a_stop_is_heard_while_the_application_is_stuck(tmp_path) -> None:
    here = place(tmp_path, BUSY.format(top="", body="while True: pass"))
    began = time.monotonic()
    with Host(patience_s=600) as host, pytest.raises(CancelledError):
        execute_app(inputs(users=2), here, audited=False, host=host, should_stop=lambda: time.monotonic() - began > 2)
