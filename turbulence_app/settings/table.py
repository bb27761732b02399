"""The one table of settings. The file, the place in the window and the manual's page follow it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from turbulence_app.settings.kinds import Choice, Number, Setting, Switch, Text

GROUPS: dict[str, str] = {
    "look": "Appearance",
    "window": "Window",
    "notify": "Notifications",
    "run": "Runs",
    "models": "Models",
    "ollama": "Ollama",
    "log": "Log",
    "data": "Data",
}
"""Sections of the file, in the order of the place, with their headings."""

NAME = re.compile(r"[\w.:/@-]{1,200}")
KEEP_ALIVE = re.compile(r"-1|0|[1-9][0-9]{0,5}[smh]")


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError("is a model's name: letters, digits and . : / @ - _")
    return text


def _server(text: str) -> str:
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        fine = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/") and parts.port != 0
    except ValueError:
        fine = False
    if not fine or "@" in text or "?" in text or "#" in text or " " in text:
        raise ValueError("is the address of a server, such as http://127.0.0.1:11434")
    return text.rstrip("/")


def _stays(text: str) -> str:
    if not KEEP_ALIVE.fullmatch(text):
        raise ValueError("is a time such as 10m, 90s or 2h; 0 is not at all, -1 for good")
    return text


def _folder(text: str) -> str:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError("is the whole path of a folder")
    if path.exists() and not path.is_dir():
        raise ValueError("is a folder, and this is a file")
    return str(path)


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "look.theme", "Colours", "Dark or light, or as the system has them.",
        Choice((("system", "System"), ("light", "Light"), ("dark", "Dark"))), "system",
        "theme appearance dark light mode night day scheme",
    ),
    Setting(
        "look.text", "Text size", "All words and numbers, in per cent of the usual size.",
        Number(80, 200, 10, "%"), 100, "font zoom scale larger smaller accessibility type",
    ),
    Setting(
        "look.contrast", "More contrast", "Edges and dim words are stronger; the system may ask for it too.",
        Switch(), False, "high contrast accessibility borders edges visible",
    ),
    Setting(
        "look.reduced_motion", "Less motion", "Messages and menus appear at once, without sliding or fading.",
        Switch(), False, "animation accessibility effects reduced",
    ),
    Setting(
        "window.start", "At the start", "Which project opens when none is named.",
        Choice((("last", "Last project"), ("sample", "Sample shop"))), "last", "open launch restore session begin",
        restart=True,
    ),
    Setting(
        "window.autosave_s", "Drafts are kept after",
        "From the first letter to the draft on the disk: so much is lost if the program or the computer dies.",
        Number(0.1, 60, 0.1, "s"), 0.6, "autosave save recovery backup crash interval kill",
    ),
    Setting(
        "window.confirm_close", "Ask before closing while work runs",
        "A run, a campaign, a bench or a download would be stopped; what is done of it is kept.",
        Switch(), True, "quit exit confirm warn busy",
    ),
    Setting(
        "notify.show", "Messages in the corner", "All are kept under the bell and in the log, shown or not.",
        Choice((("all", "All"), ("problems", "Problems only"), ("none", "None"))), "all",
        "notifications toasts popups quiet do not disturb silence",
    ),
    Setting(
        "notify.seconds", "A message stays for",
        "Warnings stay twice as long, errors three times; the pointer on a message holds it.",
        Number(2, 60, 1, "s"), 4, "notification duration timeout toast time accessibility",
    ),
    Setting(
        "notify.jobs", "Tell when long work ends elsewhere",
        "One message when a run, a campaign or a compilation ends while you look at another place.",
        Switch(), True, "notification finished done background job",
    ),
    Setting(
        "notify.jobs_after_s", "Long work is longer than", "Shorter work ends without a message.",
        Number(1, 3600, 1, "s"), 10, "notification threshold seconds time",
    ),
    Setting(
        "run.users", "Users", "Of a run, where neither the scenario nor the project's turbulence.yaml says how many.",
        Number(1, 2**32 - 1, 1000), 20_000, "crowd size people count default",
    ),
    Setting(
        "run.seed", "Seed",
        "Of a run, where neither the scenario nor the project says one. Same seed, same files: the same bits.",
        Number(0, 2**64 - 1), 42, "random reproducible determinism",
    ),
    Setting(
        "run.workers", "Processes", "That a run is spread over; the bits stay the same.",
        Number(0, 256, 1, "", "one per processor"), 0, "workers cores cpu parallel threads",
    ),
    Setting(
        "run.keep", "Runs kept per project",
        "After a run the oldest beyond these go; runs with a pin, a name, a note or a tag stay.",
        Number(0, 100_000, 10, "", "all of them"), 0, "retention prune delete old history disk space",
    ),
    Setting(
        "models.backend", "Who reads personas", "Where the project leaves it open (nothing, or auto).",
        Choice((
            ("auto", "Best there is"), ("builtin", "Built-in"), ("llamacpp", "llama.cpp"), ("ollama", "Ollama"),
            ("rules", "Rules only"),
        )), "auto", "backend llm default model provider engine",
    ),
    Setting(
        "models.model", "Model", "Its name for that backend; empty is the usual one.",
        Text(_name, "the usual one"), "", "gguf name phi default llm",
    ),
    Setting(
        "models.timeout_ms", "Time for an answer", "With waiting, second tries and repair.",
        Number(1, 3_600_000, 1000, "ms"), 120_000, "timeout budget deadline patience slow", "LLM_TIMEOUT_MS",
    ),
    Setting(
        "models.retry_max", "Second tries", "After the first one, on errors that may pass.",
        Number(0, 20), 2, "retries attempts again", "LLM_RETRY_MAX",
    ),
    Setting(
        "models.breaker_threshold", "Failures before a pause", "So many in a row, and a model has to rest for a while.",
        Number(1, 1000), 5, "circuit breaker errors", "LLM_BREAKER_THRESHOLD",
    ),
    Setting(
        "models.cache", "Keep answers", "The same question to the same model is then answered at once.",
        Switch(), True, "cache remember reuse",
    ),
    Setting(
        "models.cache_entries", "Answers in memory", "Beside those on disk; 64 MB at most.",
        Number(1, 1_000_000, 512), 4096, "cache capacity lru size", "LLM_CACHE_CAP",
    ),
    Setting(
        "models.cache_days", "Answers hold for", "After that a model is asked again.",
        Number(0, 36_500, 1, "days", "for good"), 0, "cache expiry ttl age time",
    ),
    Setting(
        "ollama.url", "Server", "Another computer must be on the project's list (allow_hosts), too.",
        Text(_server, "http://127.0.0.1:11434"), "", "address host port url network", "OLLAMA_URL",
    ),
    Setting(
        "ollama.model", "Model", "Where none is named; empty is the newest of the server that writes text.",
        Text(_name, "the newest that writes"), "", "name default tag", "OLLAMA_MODEL",
    ),
    Setting(
        "ollama.keep_alive", "Stays in memory for", "How long the server keeps a model loaded after an answer.",
        Text(_stays, "10m"), "10m", "unload keep alive ram time",
    ),
    Setting(
        "log.level", "Level", "What is written to the log; the lower ones are for finding faults.",
        Choice((("error", "Errors"), ("warning", "Warnings"), ("info", "Usual"), ("debug", "Everything"))), "info",
        "verbosity debug logging detail",
    ),
    Setting(
        "log.megabytes", "Size", "The oldest lines beyond this are dropped.",
        Number(1, 500, 5, "MB"), 25, "rotate disk space history",
    ),
    Setting(
        "log.stall_ms", "A stall is longer than",
        "When the window does not answer for so long, the log gets the place in the program where it was.",
        Number(100, 10_000, 50, "ms"), 250, "freeze hang watchdog lag slow responsive", restart=True,
    ),
    Setting(
        "data.folder", "Data folder",
        "Models' list, samples, log, reports and these settings. Nothing is moved: the new folder starts empty.",
        Text(_folder, "the system's place for it"), "", "home directory location path move portable",
        "TURBULENCE_HOME", restart=True,
    ),
)  # fmt: skip

BY_KEY: dict[str, Setting] = {setting.key: setting for setting in SETTINGS}
HOME_KEY = "data.folder"
"""Kept outside the folder that it names, see :mod:`turbulence_app.home`."""
