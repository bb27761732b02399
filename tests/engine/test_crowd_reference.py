import numpy as np

from tests.engine.shop import shop
from turbulence_app.engine.crowd import Chunk
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import execute_user


def test_shop_users_are_the_same_in_both_executors():
    plan = compile_plan(shop())
    chunk = Chunk(plan, 0, 4096)
    chunk.run()
    visits = [execute_user(plan, user) for user in range(4096)]
    assert chunk.fingerprints.tolist() == [v.fingerprint for v in visits]
