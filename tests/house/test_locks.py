"""The lock files pin what pyproject.toml asks for, with hashes, and name no place to get it from."""

import re
import tomllib
from functools import cache

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.tracked import ROOT

LOCKS = ROOT / "packaging" / "locks"
NAMES = ("build", "freeze", "llama", "llama-build", "runtime", "tests")


@cache
def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def entries(name: str) -> list[str]:
    """Logical lines: a pin with its marker and its hashes."""
    text = (LOCKS / f"{name}.lock").read_text(encoding="utf-8")
    joined = re.sub(r" *\\\n\s*", " ", text)
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def pins(name: str) -> dict[str, set[Version]]:
    found: dict[str, set[Version]] = {}
    for line in entries(name):
        requirement = Requirement(line.split(" --hash", 1)[0])
        version = next(iter(requirement.specifier)).version
        found.setdefault(canonicalize_name(requirement.name), set()).add(Version(version))
    return found


def asked(name: str) -> list[str]:
    project, groups = pyproject()["project"], pyproject()["dependency-groups"]
    return {
        "runtime": project["dependencies"],
        "tests": project["dependencies"] + groups["dev"],
        "build": groups["build"],
        "freeze": groups["freeze"],
        "llama": project["optional-dependencies"]["llama"],
        "llama-build": groups["llama-build"],
    }[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_pins_what_pyproject_asks_for(name: str) -> None:
    pinned = pins(name)
    for text in asked(name):
        requirement = Requirement(text)
        versions = pinned.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement.name} is not in {name}.lock: run packaging/lock.sh"
        assert all(requirement.specifier.contains(version) for version in versions), f"{text}: {versions}"


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_is_exact_and_hashed(name: str) -> None:
    for line in entries(name):
        assert re.match(r"^[a-z0-9._-]+==[^\s]+( ; .+?)?( --hash=sha256:[0-9a-f]{64})+$", line), line[:120]


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_names_no_address(name: str) -> None:
    text = (LOCKS / f"{name}.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--?(index|extra|find|i\b|f\b)", text, re.MULTILINE)


def test_the_set_up_s_steps_agree_on_versions() -> None:
    """Each step installs into the same environment: a later one must not move an earlier one's package."""
    runtime = pins("runtime")
    for name in ("tests", "build", "freeze", "llama"):
        for package, versions in pins(name).items():
            assert runtime.get(package, versions) == versions, f"{package} in {name}.lock"
    assert pins("runtime").keys() <= pins("tests").keys()
