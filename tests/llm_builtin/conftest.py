import pytest

from turbulence_app.llm.backends.builtin import BuiltinBackend


@pytest.fixture(scope="session")
def backend() -> BuiltinBackend:
    return BuiltinBackend()
