"""Contents of model files: pinned, vouched for, changed; read once, and read again when asked."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from tests.llm.tiny_gguf import write
from turbulence_app.domain.errors import InputError
from turbulence_app.llm import errors, gguf
from turbulence_app.llm.backends import llamacpp
from turbulence_app.llm.errors import ModelFileError
from turbulence_app.llm.ladder import Ladder
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.llm.trust import Trust, digest


@pytest.fixture
def model(tmp_path):
    return write(tmp_path / "m.gguf")


@pytest.fixture
def registry(tmp_path):
    return ModelRegistry(tmp_path / "home")


@pytest.fixture
def reads(monkeypatch):
    """The files that were read whole."""
    found, real = [], gguf.sha256
    monkeypatch.setattr(gguf, "sha256", lambda path, *rest: found.append(path) or real(path, *rest))
    return found


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_pinned_model_is_verified_and_no_other_content_is_taken(model, registry):
    with pytest.raises(ModelFileError, match=sha256(model)):
        registry.add(model, sha256="0" * 64)
    assert registry.list() == ()
    entry = registry.add(model, sha256=f"sha256:{sha256(model).upper()}")
    assert entry.pinned
    assert registry.state(entry) == "verified"
    with pytest.raises(InputError, match="64 digits"):
        registry.add(model, sha256="abc")


def test_trust_is_given_by_name_and_outlives_the_list(model, registry, tmp_path):
    entry = registry.add(model)
    assert registry.state(entry) == "unknown"
    registry.vouch("m")
    assert registry.state(entry) == "verified"
    registry.remove("m")
    assert registry.state(registry.add(model, "again")) == "verified"
    assert ModelRegistry(tmp_path / "elsewhere").state(entry) == "unknown"


def test_a_changed_file_is_neither_trusted_nor_used(model, registry):
    entry = registry.add(model)
    write(model, seed=9)
    assert registry.state(entry) == "changed"
    assert not registry.verify("m")
    with pytest.raises(InputError, match="no longer"):
        registry.vouch("m")
    assert registry.trust.known() == {}


@pytest.mark.skipif(not llamacpp.installed(), reason="the extra llama is not installed")
def test_the_way_to_models_refuses_a_changed_file_and_takes_one_that_was_only_moved(model, registry):
    registry.add(model)
    ladder = Ladder(registry, None, (), 1)
    os.utime(model, ns=(1, 1))
    assert next(ladder.rungs("llamacpp", "m", None)).digest == sha256(model)
    write(model, seed=9)
    with pytest.raises(errors.ModelFileError, match="not what was added"):
        next(ladder.rungs("llamacpp", "m", None))
    ladder.close()


def test_a_file_is_read_once_until_something_about_it_changes(model, registry, reads):
    trust = registry.trust
    assert trust.sha256(model) == Trust(registry.home).sha256(model) == sha256(model)
    assert len(reads) == 1
    assert trust.sha256(model, again=True) == sha256(model)
    assert len(reads) == 2
    copy = model.with_name("copy")
    copy.write_bytes(model.read_bytes())
    os.utime(copy, ns=(model.stat().st_mtime_ns,) * 2)
    copy.replace(model)
    assert trust.sha256(model) == sha256(model)
    assert len(reads) == 3, "another inode under the same name, size and time"


def test_verifying_notes_a_new_time_of_the_same_content(model, registry):
    registry.add(model)
    os.utime(model, ns=(1, 1))
    assert registry.state(registry.get("m")) == "changed"
    assert registry.verify("m")
    assert registry.state(registry.get("m")) == "unknown"


def test_a_damaged_list_of_trust_is_an_error_and_a_damaged_memory_is_not(model, registry):
    entry = registry.add(model)
    (registry.home / "digests.json").write_text("{")
    assert registry.trust.sha256(model) == sha256(model)
    registry.trust.file.write_text('{"digests": []}')
    with pytest.raises(InputError, match=r"trusted\.json"):
        registry.state(entry)


def test_what_ships_as_trusted_is_a_list_of_digests():
    from turbulence_app.resources import resource_path

    shipped = json.loads((resource_path("models") / "trusted.json").read_text())
    assert all(digest(key) == key and isinstance(name, str) for key, name in shipped["digests"].items())


def test_a_list_of_an_earlier_version_is_read(model, registry):
    registry.add(model)
    document = json.loads(registry.file.read_text())
    for entry in document["models"]:
        del entry["inode"], entry["pinned"]
    registry.file.write_text(json.dumps(document))
    assert registry.state(registry.get("m")) == "unknown"
