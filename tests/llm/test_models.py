"""The list of models and the reading of GGUF headers."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.llm.tiny_gguf import vocabulary, write
from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.home import home_directory
from turbulence_app.llm.errors import ModelFileError
from turbulence_app.llm.gguf import read_header
from turbulence_app.llm.memory import estimate
from turbulence_app.llm.models import ModelRegistry


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write(tmp_path_factory.mktemp("model") / "tiny.gguf")


def test_a_header_says_what_the_model_is(model):
    header = read_header(model)
    assert (header.name, header.architecture, header.quantisation) == ("tiny-random", "llama", "F32")
    assert (header.context_length, header.layers, header.chat_template) == (8192, 2, True)
    assert header.kv_bytes_per_token == 2 * 2 * 64 * 2
    assert header.parameters * 4 < header.size_bytes == model.stat().st_size
    assert header.shape == (64, 128, 4, 16, len(vocabulary()))
    assert header.repacked_bytes == 0
    assert header.ram_bytes(4096) == estimate(header, 4096).total > header.size_bytes + 4096 * 512


def test_the_same_arguments_give_the_same_model(model, tmp_path):
    assert write(tmp_path / "again.gguf").read_bytes() == model.read_bytes()
    assert write(tmp_path / "other.gguf", seed=8).read_bytes() != model.read_bytes()


def test_models_are_listed_replaced_and_removed(model, tmp_path):
    registry = ModelRegistry(tmp_path / "home")
    assert registry.list() == ()
    assert registry.default() is None
    first = registry.add(model)
    assert (first.name, first.default, first.present) == ("tiny", True, True)
    assert first.sha256 == hashlib.sha256(model.read_bytes()).hexdigest()
    assert first.ram_bytes > first.size_bytes
    second = registry.add(model, "other")
    assert not second.default
    assert registry.set_default("other").default
    assert [m.default for m in ModelRegistry(tmp_path / "home").list()] == [False, True]
    assert registry.add(model, "other").default
    assert len(registry.list()) == 2
    assert registry.verify("tiny")
    registry.remove("other")
    assert registry.default() == registry.get("tiny")
    with pytest.raises(InputError, match="known: tiny"):
        registry.get("other")
    with pytest.raises(InputError, match="not a name"):
        registry.add(model, "../x")


def test_a_changed_file_is_noticed(tmp_path):
    path = write(tmp_path / "m.gguf")
    registry = ModelRegistry(tmp_path)
    registry.add(path)
    write(path, seed=9)
    os.utime(path, ns=(1, 1))
    assert not registry.get("m").present
    assert not registry.verify("m")
    path.unlink()
    assert not registry.verify("m")


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_the_list_is_for_the_user_alone(model, tmp_path):
    registry = ModelRegistry(tmp_path / "home")
    registry.add(model)
    assert stat.S_IMODE(registry.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(registry.home.stat().st_mode) == 0o700
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in registry.home.iterdir()} == {
        "models.json": 0o600,
        "models.lock": 0o600,
        "digests.json": 0o600,
    }


@pytest.mark.parametrize("text", ["{", "[]", '{"models": [{"name": 1}]}', "\udcff"])
def test_a_damaged_list_is_one_clear_error(text, tmp_path):
    (tmp_path / "models.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"models\.json"):
        ModelRegistry(tmp_path).list()


def test_a_list_that_cannot_be_written_is_one_clear_error(model, tmp_path):
    (tmp_path / "home").write_text("a file")
    registry = ModelRegistry(tmp_path / "home" / "x")
    with pytest.raises((MachineError, InputError)):
        registry.add(model)


def test_the_home_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path))
    assert home_directory() == tmp_path
    assert ModelRegistry().file == tmp_path / "models.json"
    monkeypatch.delenv("TURBULENCE_HOME")
    assert "turbulence" in str(home_directory())


def test_weights_that_are_not_all_there_are_noticed(model, tmp_path):
    path = tmp_path / "cut.gguf"
    path.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(ModelFileError, match="cut off"):
        read_header(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_of_the_header_is_read_or_refused(model, tmp_path, data):
    content = bytearray(model.read_bytes()[:40_000])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, 400))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.gguf"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with pytest.raises(ModelFileError) as caught:
        read_header(path)
    assert "\n" not in str(caught.value)
    assert json.dumps(str(caught.value))


def test_processes_that_add_at_once_lose_nothing(model, tmp_path):
    code = (
        "import sys; from pathlib import Path; from turbulence_app.llm.models import ModelRegistry as R\n"
        "for n in range(8): R(Path(sys.argv[1])).add(Path(sys.argv[2]), f'{sys.argv[3]}-{n}')"
    )
    home = tmp_path / "home"
    running = [subprocess.Popen([sys.executable, "-c", code, home, model, who]) for who in ("a", "b", "c")]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    found = ModelRegistry(home).list()
    assert len(found) == 24
    assert sum(m.default for m in found) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links are POSIX's")
def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.gguf")
    (tmp_path / "loop.gguf").symlink_to("loop.gguf")
    for name in ("pipe.gguf", "loop.gguf", "~nobody-of-that-name/x.gguf", "/dev/zero", "/dev/null"):
        with pytest.raises(ModelFileError, match=r"not a file|no such file|link"):
            ModelRegistry(tmp_path / "home").add(tmp_path / name if name.endswith(".gguf") else Path(name), "x")
    with pytest.raises(ModelFileError):
        ModelRegistry(tmp_path / "home").add(Path("~nobody-of-that-name/x.gguf"))


@pytest.mark.parametrize("name", ["a/b", "a\\b", "a\x1b[31mb", "a\nb", " ", "a\u202eb"])
def test_a_name_is_one_printable_word_or_more(model, tmp_path, name):
    with pytest.raises(InputError, match="not a name"):
        ModelRegistry(tmp_path / "home").add(model, name)


@pytest.mark.parametrize("wrong", [{"path": None}, {"size_bytes": "1"}, {"default": 1}, {"added_at": []}, {"new": 1}])
def test_a_list_of_other_types_is_one_clear_error(model, tmp_path, wrong):
    registry = ModelRegistry(tmp_path)
    registry.add(model)
    found = json.loads(registry.file.read_text())
    found["models"][0] |= wrong
    registry.file.write_text(json.dumps(found))
    with pytest.raises(InputError, match=r"models\.json: damaged"):
        registry.list()
