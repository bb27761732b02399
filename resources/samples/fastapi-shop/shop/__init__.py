"""A small web shop on FastAPI: products, carts, a coupon, orders, payment by another company, receipts by mail."""
