"""The estimate of a model's memory, and what it is compared with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.tiny_gguf import write
from turbulence_app.llm import memory
from turbulence_app.llm.errors import ModelMemoryError
from turbulence_app.llm.gguf import Header, Shape, read_header
from turbulence_app.llm.models import ModelRegistry, memory_fit

PHI = Header("phi", "phi3", 3_800_000_000, "Q4_0", 4096, 32, 393_216, 2_200_000_000, True, 2_100_000_000,
             Shape(3072, 8192, 32, 96, 32_064))  # fmt: skip


def test_the_parts_of_a_large_model():
    need = memory.estimate(PHI, 4096)
    assert need.cache == 4096 * 393_216 * 5 // 4
    assert need.total == need.mapped + need.held
    assert need.held == need.repacked + need.cache + need.work
    assert memory.estimate(PHI, 2048).cache == need.cache // 2


@given(st.integers(1, 200_000), st.integers(1, 200_000))
def test_more_context_never_needs_less(a, b):
    small, large = sorted((a, b))
    assert memory.estimate(PHI, small).total <= memory.estimate(PHI, large).total


def test_verdicts():
    need = memory.estimate(PHI, 4096)
    assert memory.fit(PHI, 4096, need.total).verdict == "fits"
    assert memory.fit(PHI, 4096, need.total - 1).verdict == "tight"
    assert memory.fit(PHI, 4096, need.held - 1).verdict == "no"
    assert memory.fit(PHI, 4096, 0).verdict == "unknown"


def test_a_model_without_memory_is_refused_before_it_is_opened(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 10**9)
    with pytest.raises(ModelMemoryError, match=r"big needs about 6\.\d GB of memory and 0\.9 GB are free"):
        memory.require(PHI, 4096, "big")
    monkeypatch.setattr(memory, "available", lambda: 10**11)
    memory.require(PHI, 4096, "big")


def test_limits_of_control_groups_count_up_to_the_root(tmp_path):
    listing, root = tmp_path / "cgroup", tmp_path / "fs"
    inner = root / "user" / "app"
    inner.mkdir(parents=True)
    listing.write_text("1:name=old:/x\n0::/user/app\n")
    assert memory._group_free(listing, root) == 2**63
    (inner / "memory.max").write_text("max\n")
    (inner.parent / "memory.max").write_text("1000000\n")
    (inner.parent / "memory.current").write_text("900000\n")
    (inner.parent / "memory.stat").write_text("anon 500000\ninactive_file 300000\nactive_file 100000\nfile 1\n")
    assert memory._group_free(listing, root) == 500_000
    (inner.parent / "memory.current").write_text("nonsense\n")
    assert memory._group_free(listing, root) == 2**63
    assert memory._group_free(tmp_path / "none", root) == 2**63


def test_this_computer_has_some():
    assert memory.available() > 2**20


def test_a_listed_model_says_how_it_fits(tmp_path):
    registry = ModelRegistry(tmp_path)
    entry = registry.add(write(tmp_path / "m.gguf"))
    found = memory_fit(entry)
    assert found.need == memory.estimate(read_header(tmp_path / "m.gguf"), 4096).total == entry.ram_bytes
    assert found.verdict == "fits"
    assert memory_fit(entry, 10**9).need == memory.estimate(read_header(tmp_path / "m.gguf"), 8192).total
