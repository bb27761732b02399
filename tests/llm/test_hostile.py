"""Model files that pass for whole and are not: whatever llama.cpp makes of them, there is an answer or one line."""

from __future__ import annotations

import importlib.util
import random

import pytest

from tests.llm.test_llamacpp import prompt
from tests.llm.tiny_gguf import write
from turbulence_app.llm import errors
from turbulence_app.llm.backends.llamacpp import LlamaCppBackend
from turbulence_app.llm.gguf import read_header
from turbulence_app.llm.grammar import Grammar

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None, reason="the extra llama is not installed"
)


def damaged(good, seed):
    """Some bytes of the header, of the vocabulary or of the weights are others."""
    rng, content = random.Random(seed), bytearray(good)
    end = rng.choice((800, 60_000, len(content)))
    for _ in range(rng.choice((1, 4, 200))):
        content[rng.randrange(24, end)] = rng.randrange(256)
    return bytes(content)


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_model_answers_or_fails_in_one_line(seed, tmp_path):
    path = write(tmp_path / "m.gguf")
    path.write_bytes(damaged(path.read_bytes(), seed))
    backend = LlamaCppBackend(path, threads=1)
    try:
        done = backend.complete(prompt(grammar=Grammar('root ::= "{" [0-9]{1,3} "}"\n', 5), seconds=30.0))
        assert done.text.startswith("{")
    except errors.ModelError as error:
        assert "\n" not in str(error)
    finally:
        backend.close()


def test_a_file_whose_weights_lie_over_each_other_is_refused_unopened(tmp_path):
    path = write(tmp_path / "m.gguf")
    content = path.read_bytes()
    name = b"output.weight"
    at = content.index(name, content.index(b"blk.1.ffn_down.weight")) + len(name) + 4 + 16 + 4
    path.write_bytes(content[:at] + bytes(8) + content[at + 8 :])
    with pytest.raises(errors.ModelFileError, match="damaged"):
        read_header(path)


def test_the_line_says_what_llama_cpp_did_not_like(tmp_path):
    path = write(tmp_path / "m.gguf")
    named = b"\x05" + bytes(7) + b"llam"
    path.write_bytes(path.read_bytes().replace(named + b"a", named + b"b"))
    with pytest.raises(errors.ModelFileError, match="unknown model architecture: 'llamb'"):
        LlamaCppBackend(path).complete(prompt())


def test_a_process_that_was_ended_while_idle_is_replaced_without_a_word(tmp_path):
    backend = LlamaCppBackend(write(tmp_path / "m.gguf"), threads=1)
    brief = prompt(grammar=Grammar('root ::= "{}"\n', 2))
    backend.complete(brief)
    assert backend._worker
    backend._worker._child.process.kill()
    backend._worker._child.process.wait(10)
    assert backend.complete(brief).text == "{}"
    backend.close()
