"""Models of an Ollama server: on this machine, or on one that the user put on a list."""

from turbulence_app.llm.backends.ollama.address import DEFAULT_URL, Address, check_host, is_local, server_url
from turbulence_app.llm.backends.ollama.backend import KEEP_ALIVE, OllamaBackend
from turbulence_app.llm.backends.ollama.pulling import Consent, Pulled, pull, source_of
from turbulence_app.llm.backends.ollama.replies import Entry, Running
from turbulence_app.llm.backends.ollama.server import OllamaServer
from turbulence_app.llm.backends.ollama.settings import OllamaSettings

__all__ = [
    "DEFAULT_URL",
    "KEEP_ALIVE",
    "Address",
    "Consent",
    "Entry",
    "OllamaBackend",
    "OllamaServer",
    "OllamaSettings",
    "Pulled",
    "Running",
    "check_host",
    "is_local",
    "pull",
    "server_url",
    "source_of",
]
