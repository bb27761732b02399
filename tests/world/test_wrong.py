"""Applications and functions of rules that cannot be used: one line, with the place in the project."""

from __future__ import annotations

import pytest

from tests.world.places import PLAIN, inputs, place
from turbulence_app.domain.errors import InputError
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.world.world import World, WorldSpec

FUNCTIONS = {
    "a syntax error": ("x = 1\ndef f(:\n", "checks.py:2: ", "cannot be imported: SyntaxError: "),
    "no such function": ("def g(world): return True\n", "", "cannot be found: .*'f'"),
    "an import that fails": ("\nraise OSError('no disk')\n", "checks.py:2: ", "OSError: no disk"),
    "async": ("async def f(world):\n    return False\n", "checks.py:1: ", "is an async function"),
    "a coroutine": (
        "async def g(world): return False\ndef f(world): return g(world)\n", "checks.py:2: ", "is an async function",
    ),
    "an error in a library": (
        "import json\ndef f(world):\n    return json.loads('nonsense')\n", "checks.py:3: ", "JSONDecodeError",
    ),
    "wrong arguments": ("\ndef f(): return True\n", "checks.py:2: ", "TypeError: "),
}  # fmt: skip


@pytest.mark.parametrize("way", sorted(FUNCTIONS))
def test_a_function_of_a_rule_that_cannot_be_asked_is_placed(way: str, tmp_path) -> None:
    source, where, words = FUNCTIONS[way]
    here = place(tmp_path, PLAIN)
    (tmp_path / "checks.py").write_text(source)
    rule = {"name": "r", "at_end": "python('checks:f')", "targets": ["app"]}
    plan = compile_plan(inputs(users=1, workflow={"invariants": [rule]}))
    with pytest.raises(InputError, match=words) as told:
        World(plan, here).run(WorldSpec(1, (0,)))
    assert str(told.value).startswith(where or "python(")
    assert "\n" not in str(told.value)


APPLICATIONS = {
    "arguments": ("\ndef create_app(settings):\n    return None\n", "sut.py:2: .*takes arguments .settings."),
    "an async factory": ("\nasync def create_app():\n    return None\n", "sut.py:2: .*async function"),
    "a factory of coroutines": ("async def f(): pass\ndef create_app(): return f()\n", "made coroutine"),
    "a syntax error": ("\n\ndef create_app(:\n", "sut.py:3: .*cannot be imported: SyntaxError: "),
}


@pytest.mark.parametrize("way", sorted(APPLICATIONS))
def test_an_application_that_cannot_be_one_is_placed(way: str, tmp_path) -> None:
    source, words = APPLICATIONS[way]
    here = place(tmp_path, source)
    with pytest.raises(InputError, match=words):
        World(compile_plan(inputs(users=1)), here).run(WorldSpec(1, (0,)))


def test_an_application_of_the_older_kind_is_still_one(tmp_path) -> None:
    older = """
    def create_app(scope):
        async def serve(receive, send):
            if scope["type"] != "http":
                raise RuntimeError("no lifespan")
            await send({"type": "http.response.start", "status": 201, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        return serve
    """
    result = World(compile_plan(inputs(users=1)), place(tmp_path, older)).run(WorldSpec(1, (0,)))
    assert [visit.outcome for visit in result.visits] == ["completed"]
