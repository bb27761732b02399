"""What an application says, keeps and leaves behind, as its user gets to know of it."""

from __future__ import annotations

import pytest

from tests.world.places import BUY, PLAIN, inputs, make_world, place
from turbulence_app.domain.errors import InputError
from turbulence_app.engine.world.audit import audit
from turbulence_app.engine.world.execute import execute_app
from turbulence_app.engine.world.world import WorldSpec

PRINTS = PLAIN.replace(
    "event = await receive()",
    "event = await receive(); print('hello'); sys.stderr.write('half'); logging.getLogger('shop').warning('careful')",
).replace("import asyncio, json", "import asyncio, json, logging, sys\nprint('imported')")


def test_what_the_application_prints_is_told_once_and_in_short(tmp_path, capfd: pytest.CaptureFixture[str]) -> None:
    done = execute_app(inputs(users=4), place(tmp_path, PRINTS))
    said = [note for note in done.summary.notes if "printed" in note]
    assert said[0] == "the application printed: hello"
    assert said[1] == "the application printed: halfcareful"
    assert (len(said), said[-1]) == (3, "the application printed 6 more lines")
    assert capfd.readouterr() == ("", "")


HTTPX = """
import httpx
def create_app():
    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise RuntimeError("no lifespan")
        await ask()
    return app

async def ask():
    async with httpx.AsyncClient() as client:
        await client.get("http://127.0.0.1:9/")
"""


def test_a_client_library_is_named_by_the_line_that_calls_it(tmp_path) -> None:
    with pytest.raises(InputError, match=r"^sut\.py:12: .*ask .*connection") as told:
        make_world(tmp_path, HTTPX, users=1).run(WorldSpec(1, (0,)))
    assert "anyio" not in str(told.value)


@pytest.mark.parametrize(("name", "said"), [("state.nosuch", True), ("sut:NOTHING", True), ("sut:KEPT", False)])
def test_what_is_said_to_be_durable_and_is_not_there_is_noted(name: str, said: bool, tmp_path) -> None:
    world = make_world(tmp_path, PLAIN + "\nKEPT = {}\n", workflow={"durable": [name]})
    notes = world.run(WorldSpec(1, (0, 1))).notes
    assert (f"durable: the application has no {name}" in notes) is said


DJANGO = {
    "sut": """
        from django.conf import settings
        if not settings.configured:
            settings.configure(
                DEBUG=False, SECRET_KEY="x", ROOT_URLCONF="shop_urls", ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None,
                MIDDLEWARE=["django.middleware.common.CommonMiddleware"], INSTALLED_APPS=[],
                DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            )
        from django.core.asgi import get_asgi_application
        application = get_asgi_application()
        """,
    "shop_urls": """
        import asyncio
        from django.db import connection
        from django.http import JsonResponse
        from django.urls import path
        state = {"n": 0}
        async def buy(request):
            state["n"] += 1
            return JsonResponse({"n": state["n"], "rows": await asyncio.to_thread(rows)}, status=201)
        def rows():
            with connection.cursor() as cursor:
                cursor.execute("create table if not exists sold (n integer)")
                cursor.execute("insert into sold values (1)")
                return cursor.execute("select count(*) from sold").fetchone()[0]
        urlpatterns = [path("buy", buy)]
        """,
}


def test_state_in_a_module_of_a_django_project_is_new_in_every_world(tmp_path) -> None:
    for name, source in DJANGO.items():
        here = place(tmp_path, source, name)
    wanted = inputs(BUY, users=3, app="sut:application")
    audit(wanted, here)
