"""The model's process when it misbehaves: every fault ends in time, with a typed error, and leaves nothing behind."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.llm.faulty_worker import COMMAND
from tests.llm.test_llamacpp import LONG, prompt
from tests.llm.tiny_gguf import write
from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Prompt
from turbulence_app.llm.backends.llamacpp import LlamaCppBackend, confinement
from turbulence_app.llm.grammar import Grammar
from turbulence_app.llm.worker.client import IdleExitError, Patience, Worker
from turbulence_app.llm.worker.process import ended

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="the extra llama is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's"),
]
NOTHING = Grammar('root ::= "{}"\n', 2)
IMPATIENT = Patience(silent_s=1.5, still_s=1.5)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture
def worker():
    found = Worker(command=COMMAND, patience=IMPATIENT)
    yield found
    found.kill()


def gone(pid, seconds=10.0):
    """Whether the process ends, zombies included."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("crash", "SIGSEGV"),
        ("too new", "compiled for a newer processor"),
        ("abort", "SIGABRT: ggml: a last word"),
        ("leave", "status 7"),
    ],
)
def test_a_native_crash_is_an_error_that_names_its_signal(worker, fault, words):
    with pytest.raises(errors.ModelCrashError, match=words) as caught:
        worker.request(fault, "never", 60.0)
    assert "\n" not in str(caught.value)
    assert gone(worker.pid)


@pytest.mark.parametrize(("fault", "words"), [("hold", "no sign of life"), ("stand", "stood still")])
def test_native_code_that_hangs_is_noticed_long_before_the_deadline(worker, fault, words):
    with pytest.raises(errors.ModelCrashError, match=words):
        worker.request(fault, "never", 600.0)
    assert gone(worker.pid)


def test_a_process_that_is_stopped_is_noticed_too(worker):
    os.kill(worker.pid, signal.SIGSTOP)
    with pytest.raises(errors.ModelCrashError, match="no sign of life"):
        worker.request("network", "tried", 600.0)
    assert gone(worker.pid)


def test_a_hang_ends_at_the_deadline_where_that_is_earlier():
    patient = Worker(command=COMMAND)
    with pytest.raises(errors.ModelTimeoutError, match="ended"):
        patient.request("hold", "never", 0.5)
    assert gone(patient.pid)


def test_a_stop_ends_a_hang_as_well():
    patient = Worker(command=COMMAND)
    with pytest.raises(CancelledError):
        patient.request("stand", "never", 600.0, should_stop=lambda: True)
    assert gone(patient.pid)


def test_no_memory_is_an_error_of_its_own_and_the_process_goes_on(worker):
    with pytest.raises(errors.ModelMemoryError):
        worker.request("many", "never", 60.0)
    assert worker.request("network", "tried", 60.0)["native"] == "closed"


def test_native_code_has_no_network_and_the_process_says_so(worker):
    assert worker.hello["egress"]["native"] == "closed"
    assert worker.request("network", "tried", 60.0)["native"] == "closed"
    found = confinement()
    assert found.sealed
    assert found.level in ("seccomp", "netns", "landlock")


def test_secrets_and_core_files_stay_out(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "x")
    worker = Worker(command=COMMAND)
    seen = worker.request("peek", "peeked", 60.0)
    worker.close()
    assert "SOME_API_KEY" not in seen["environment"]
    assert seen["core"] == 0


def test_an_idle_process_gives_its_memory_back_and_the_next_question_starts_another(model):
    backend = LlamaCppBackend(model, threads=1, idle_s=0.2)
    first = backend.complete(prompt(grammar=NOTHING))
    pid = backend.pid
    assert first.load_ms > 0
    assert gone(pid), "ended and reaped, although nobody asked for anything"
    again = backend.complete(prompt(grammar=NOTHING))
    assert again.text == "{}"
    assert again.load_ms > 0
    backend.close()


def test_a_question_that_meets_the_end_of_an_idle_process_is_asked_again(model):
    class Leaving(Worker):
        def request(self, op, answer, seconds, **data):
            if op == "generate" and not left:
                left.append(self.pid)
                raise IdleExitError("it had just ended")
            return super().request(op, answer, seconds, **data)

    left = []
    backend = LlamaCppBackend(model, threads=1, start=Leaving)
    assert backend.complete(prompt(grammar=NOTHING)).text == "{}"
    assert len(left) == 1
    backend.close()


def test_loading_tells_how_far_it_is_and_can_be_stopped(model):
    signs, backend = [], LlamaCppBackend(model, threads=1, start=lambda: Worker(command=(*COMMAND, "slow")))
    with pytest.raises(CancelledError):
        backend.complete(prompt(grammar=NOTHING), on_tick=signs.append, should_stop=lambda: len(signs) > 2)
    assert {sign.stage for sign in signs} == {"load"}
    assert 0 < signs[-1].done < 1000
    assert backend.pid is None
    assert backend.complete(prompt(grammar=NOTHING), on_tick=signs.append).text == "{}"
    loads = [sign for sign in signs if sign.stage == "load"]
    assert loads[-1].done == loads[-1].total == 1000
    assert [sign.stage for sign in signs][-1] in ("prompt", "answer")
    backend.close()


def test_loading_that_takes_too_long_is_a_timeout(model):
    backend = LlamaCppBackend(model, threads=1, start=lambda: Worker(command=(*COMMAND, "slow")))
    with pytest.raises(errors.ModelTimeoutError):
        backend.complete(prompt(grammar=NOTHING, seconds=0.1))
    assert backend.pid is None
    backend.close()


def test_a_stop_is_heard_between_the_first_and_the_last_token_of_a_prompt(tmp_path):
    """The prompt takes many seconds; that it ends in the middle shows that native code asked and obeyed."""
    backend = LlamaCppBackend(write(tmp_path / "m.gguf", width=512, layers=6), threads=1, context=8192)
    long = Prompt(({"role": "user", "content": "word " * 1900},), {}, NOTHING, 1, 120.0)
    tokens, _ = backend.count_tokens(long.messages)
    signs, pid = [], backend.pid
    with pytest.raises(CancelledError):
        backend.complete(long, on_tick=signs.append, should_stop=lambda: bool(signs))
    assert signs[-1].stage == "prompt"
    assert signs[-1].done < signs[-1].total == tokens
    assert backend.pid == pid
    assert backend.complete(prompt(grammar=NOTHING)).text == "{}"
    backend.close()


@pytest.fixture
def busy(tmp_path):
    """A backend in the middle of a long answer, and what becomes of that answer."""
    backend = LlamaCppBackend(write(tmp_path / "m.gguf", width=512, layers=6), threads=1, context=8192)
    began, ended = threading.Event(), []

    def work():
        try:
            ended.append(backend.complete(prompt(grammar=LONG), on_tick=lambda sign: sign > 0 and began.set()))
        except CancelledError as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert began.wait(60)
    yield backend, thread, ended
    backend.close()
    thread.join(60)


def test_closing_calls_off_what_is_being_answered(busy):
    backend, thread, ended = busy
    pid = backend.pid
    backend.close()
    thread.join(60)
    assert isinstance(ended[0], CancelledError)
    assert gone(pid)


def test_whoever_waits_for_a_busy_model_hears_a_stop_and_keeps_its_deadline(busy):
    backend, _, ended = busy
    with pytest.raises(CancelledError, match="somebody else"):
        backend.complete(prompt(grammar=NOTHING), should_stop=lambda: True)
    with pytest.raises(errors.ModelBusyError):
        backend.complete(prompt(grammar=NOTHING, seconds=0.1))
    assert ended == []


def test_the_process_ends_with_its_parent_whatever_it_is_doing(model):
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.llm.test_worker import *\n"
        "backend = LlamaCppBackend(Path(sys.argv[1]), threads=1)\n"
        "backend.complete(prompt(grammar=NOTHING)); print(backend.pid, flush=True)\n"
        "backend.complete(prompt(grammar=LONG), on_tick=lambda sign: sign and print('busy', flush=True))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(model)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert parent.stdout.readline() == "busy\n"
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    assert gone(child)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors where the system lists them")
def test_nothing_is_left_behind_however_a_process_ends(model):
    def descriptors():
        return len(list(Path("/proc/self/fd").iterdir()))

    backend = LlamaCppBackend(model, threads=1)
    before = descriptors()
    for _ in range(2):
        backend.complete(prompt(grammar=NOTHING))
        os.kill(backend.pid, signal.SIGKILL)
        with pytest.raises(errors.ModelCrashError):
            backend._worker.request("generate", "done", 60.0)
        faulty = Worker(command=COMMAND)
        with pytest.raises(errors.ModelCrashError):
            faulty.request("crash", "never", 60.0)
        Worker(command=COMMAND).close()
        backend.close()
    assert descriptors() == before


@pytest.mark.parametrize("code", ["print('nonsense')", "print('[1]')", "raise SystemExit(3)"])
def test_a_process_that_says_something_else_is_an_error(code):
    with pytest.raises(errors.ModelCrashError):
        Worker(command=("-c", code))


SLOW_START = ("-c", "import time; time.sleep(60)")


def test_a_process_that_never_says_hello_is_ended():
    with pytest.raises(errors.ModelTimeoutError):
        Worker(command=SLOW_START, start_s=0.2)
    with pytest.raises(CancelledError):
        Worker(command=SLOW_START, should_stop=lambda: True)


def test_exit_statuses_in_words():
    assert ended(0) == "with status 0"
    assert ended(-9) == "by SIGKILL"
    assert ended(-200) == "by signal 200"
    assert ended(0xC0000005) == "with status 0xC0000005"
