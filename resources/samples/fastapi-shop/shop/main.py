"""The application. ``uvicorn --factory shop.main:create_app`` serves it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from shop import admin, customers
from shop.provider import ProviderBooks
from shop.records import ShopError
from shop.services import Services
from shop.settings import Settings
from shop.store import stocked


def create_app(settings: Settings | None = None) -> FastAPI:
    """A shop with full shelves. ``state.database`` and ``state.provider_books`` are what outlives a crash."""
    settings = settings or Settings.from_environment()
    app = FastAPI(title="Studio shop", lifespan=_lifespan)
    app.state.settings = settings
    app.state.database = stocked(settings)
    app.state.provider_books = ProviderBooks()
    app.add_exception_handler(ShopError, _refused)
    app.include_router(customers.router)
    app.include_router(admin.router)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services = Services.over(app.state.database, app.state.provider_books, app.state.settings)
    app.state.services = services
    await services.provider.start()
    housekeeping = asyncio.create_task(services.housekeeping())
    yield
    housekeeping.cancel()
    await asyncio.gather(housekeeping, return_exceptions=True)
    await services.provider.stop()


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    """What a customer is told."""
    assert isinstance(error, ShopError)
    return JSONResponse({"error": error.code, "message": error.message}, status_code=error.status)
