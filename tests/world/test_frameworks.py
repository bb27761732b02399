"""Real applications of the usual frameworks, driven in process."""

from __future__ import annotations

import pytest

from tests.world.places import make_world
from turbulence_app.engine.world.world import World, WorldSpec

FLOW = [
    {"name": "item", "type": "http", "service": "shop", "path": "/items/7", "query": {"q": "a b"}},
    {"name": "make", "type": "http", "service": "shop", "method": "POST", "path": "/items",
     "json": {"name": "tea", "n": 2}, "extract": {"made": "$.id"}},
    {"name": "look", "type": "http", "service": "shop", "path": "/items/{{made}}"},
]  # fmt: skip

FASTAPI = """
import asyncio
from contextlib import asynccontextmanager
from fastapi import BackgroundTasks, FastAPI
from pydantic import BaseModel

class Item(BaseModel):
    name: str
    n: int

@asynccontextmanager
async def lifespan(app):
    app.state.log = ["up"]
    yield {"from_lifespan": 5}
    app.state.log.append("down")

def create_app():
    app = FastAPI(lifespan=lifespan)
    app.state.items = {}
    @app.get("/items/{number}")
    async def item(number: int, q: str = ""):
        await asyncio.sleep(0.01)
        return {"id": number, "q": q, "known": number in app.state.items}
    @app.post("/items", status_code=201)
    def make(item: Item, later: BackgroundTasks):
        number = len(app.state.items) + 100
        app.state.items[number] = item.name
        later.add_task(mail, app)
        return {"id": number}
    async def mail(app):
        await asyncio.sleep(0.5)
        app.state.log.append("mail")
    @app.get("/log")
    async def log():
        return app.state.log
    return app
"""

STARLETTE = """
import asyncio
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

items = None

class Stamp(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        response = await call_next(request)
        response.headers["x-stamp"] = "yes"
        return response

def create_app():
    items = {}
    async def item(request):
        number = int(request.path_params["number"])
        return JSONResponse({"id": number, "q": request.query_params.get("q", ""), "known": number in items})
    async def make(request):
        body = await request.json()
        number = len(items) + 100
        async def pieces():
            yield b'{"id": '
            await asyncio.sleep(0.01)
            items[number] = body["name"]
            yield str(number).encode() + b"}"
        return StreamingResponse(pieces(), status_code=201, media_type="application/json")
    routes = [Route("/items/{number}", item), Route("/items", make, methods=["POST"])]
    return Starlette(routes=routes, middleware=[Middleware(Stamp)])
"""

LITESTAR = """
from dataclasses import dataclass
from typing import Annotated
from litestar import Litestar, get, post
from litestar.params import Body, PathParameter, QueryParameter

@dataclass
class Item:
    name: str
    n: int

def create_app():
    items = {}
    @get("/items/{number:int}")
    async def item(number: Annotated[int, PathParameter()], q: Annotated[str, QueryParameter()] = "") -> dict:
        return {"id": number, "q": q, "known": number in items}
    @post("/items", sync_to_thread=True)
    def make(data: Annotated[Item, Body()]) -> dict:
        number = len(items) + 100
        items[number] = data.name
        return {"id": number}
    return Litestar([item, make])
"""

DJANGO = """
import json
from django.conf import settings
if not settings.configured:
    settings.configure(
        DEBUG=False, SECRET_KEY="x", ALLOWED_HOSTS=["*"], ROOT_URLCONF="sut", USE_TZ=True,
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"], LOGGING_CONFIG=None,
    )
import django
django.setup()
from django.core.handlers.asgi import ASGIHandler
from django.http import JsonResponse
from django.urls import path

ITEMS = {}

async def item(request, number):
    return JsonResponse({"id": number, "q": request.GET.get("q", ""), "known": number in ITEMS})

def make(request):
    body = json.loads(request.body)
    number = len(ITEMS) + 100
    ITEMS[number] = body["name"]
    return JsonResponse({"id": number}, status=201)

urlpatterns = [path("items/<int:number>", item), path("items", make)]

def create_app():
    ITEMS.clear()
    return ASGIHandler()
"""

TWICE = """
import json

class App:
    def __init__(self, scope):
        self.scope = scope
    async def __call__(self, receive, send):
        if self.scope["type"] == "lifespan":
            while True:
                event = await receive()
                await send({"type": event["type"] + ".complete"})
                if event["type"] == "lifespan.shutdown":
                    return
        status, number = (201, 100) if self.scope["method"] == "POST" else (200, int(self.scope["path"].split("/")[-1]))
        q = "a b" if b"a" in self.scope["query_string"] else ""
        known = number == 100 and self.scope["method"] == "GET"
        body = json.dumps({"id": number, "q": q, "known": known}).encode()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})
"""

SOURCES = {"fastapi": FASTAPI, "starlette": STARLETTE, "litestar": LITESTAR, "django": DJANGO, "asgi2": TWICE}


def world_of(name: str, folder) -> World:
    return make_world(folder, SOURCES[name], FLOW, app="sut:App" if name == "asgi2" else "sut:create_app", users=3)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_framework_is_served(name: str, tmp_path) -> None:
    world = world_of(name, tmp_path)
    result = world.run(WorldSpec(11, (0, 1, 2)))
    for visit in result.visits:
        item, make, look = (visit.state_of(step) for step in ("item", "make", "look"))
        assert (item.answer.status, make.answer.status, look.answer.status) == (200, 201, 200), result.notes
        assert item.answer.json == {"id": 7, "q": "a b", "known": False}
        assert look.answer.json["id"] == make.answer.json["id"] >= 100
        assert look.answer.json["known"] is True
        assert make.effects == 1
    assert result.requests == 9
    assert result.digest == world.run(WorldSpec(11, (0, 1, 2))).digest


def test_fastapi_has_lifespan_background_tasks_and_plain_functions(tmp_path) -> None:
    world = make_world(
        tmp_path, FASTAPI, FLOW, users=2,
        workflow={"invariants": [{"name": "mailed", "at_end": "len(probe('/log').json) == 3"}]},
    )  # fmt: skip
    result = world.run(WorldSpec(1, (0, 1)))
    assert result.broken == ()
    assert "2 plain functions ran in line: races between threads are not explored" in result.notes


def test_headers_and_streams_arrive(tmp_path) -> None:
    result = make_world(tmp_path, STARLETTE, FLOW, users=1).run(WorldSpec(1, (0,)))
    assert result.visits[0].state_of("make").answer.headers["x-stamp"] == "yes"


STREAMED = """
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

def create_app():
    app = FastAPI()
    @app.middleware("http")
    async def stamp(request, call_next):
        return await call_next(request)
    @app.get("/export")
    async def export():
        async def rows():
            for number in range(3):
                yield f"{number},tea\\n"
        return StreamingResponse(rows(), media_type="text/csv")
    return app
"""


def test_streams_behind_a_middleware_are_the_same_in_every_world_and_process(tmp_path) -> None:
    from turbulence_app.engine.world.audit import audit

    flow = [{"name": "export", "type": "http", "service": "shop", "path": "/export"}]
    rule = {"name": "csv", "at_end": "body == '0,tea\n1,tea\n2,tea\n'"}
    world = make_world(tmp_path, STREAMED, flow, users=5, workflow={"invariants": [rule]})
    for seed in range(20):
        found = [world.run(WorldSpec(seed, tuple(range(5)))) for _ in range(3)]
        assert found[0].broken == ()
        assert len({one.digest for one in found}) == 1
    audit(world.plan.inputs, world.application.place)


def test_an_application_that_is_no_factory_is_imported_afresh_for_each_world(tmp_path) -> None:
    source = STARLETTE + "\napp = create_app()\nSEEN = []\n"
    world = make_world(tmp_path, source, FLOW, app="sut:app", users=1)
    assert not world.application.factory
    numbers = {world.run(WorldSpec(s, (0,))).visits[0].state_of("make").answer.json["id"] for s in range(3)}
    assert numbers == {100}
