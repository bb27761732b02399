"""The parts of one running application, put together, and its work in the background."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from shop.catalogue import Catalogue
from shop.checkout import Checkout
from shop.mail import Postman
from shop.payments import Payments
from shop.provider import CaptureEvent, PaymentSandbox, ProviderBooks
from shop.records import Database, LedgerEntry
from shop.settings import Settings
from shop.store import Repository


@dataclass(frozen=True, slots=True)
class Services:
    """Made anew with every start of the application; only the database and the provider's books outlive it."""

    repository: Repository
    catalogue: Catalogue
    provider: PaymentSandbox
    checkout: Checkout
    postman: Postman
    settings: Settings

    @classmethod
    def over(cls, database: Database, books: ProviderBooks, settings: Settings) -> Services:
        """All services over a database and the payment company's books."""
        repository = Repository(database, settings)

        async def book(event: CaptureEvent) -> None:
            await repository.book(LedgerEntry(event.event_id, event.key, event.cents))

        provider = PaymentSandbox(books, report=book)
        catalogue = Catalogue(repository, settings)
        checkout = Checkout(repository, Payments(provider, settings), catalogue, settings)
        return cls(repository, catalogue, provider, checkout, Postman(repository), settings)

    async def housekeeping(self) -> None:
        """Finish what was left behind, again and again, for as long as the application runs."""
        while True:
            await asyncio.sleep(self.settings.sweep_every)
            await self.checkout.sweep()
            await self.postman.deliver()


async def services_of(request: Request) -> Services:
    """The services of the application that a request came to."""
    services: Services = request.app.state.services
    return services


ShopServices = Annotated[Services, Depends(services_of)]
