"""Rules that need the application's own objects. The app target calls them when a world has come to rest."""

from __future__ import annotations

from typing import Any


def orders_match_charges(world: Any) -> bool:
    """Whether the payment company captured each paid order, for its own price, and nothing else."""
    orders = world.state.database.orders.values()
    paid = {order.order_id: order.total_cents for order in orders if order.status == "paid"}
    return bool(paid == world.state.provider_books.captured)
