"""The settings' file: any bytes are read without a traceback, what is right survives, nothing is lost."""

import json
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.resources import resource_path
from turbulence_app.settings import BY_KEY, GROUPS, SETTINGS, Preferences, Setting, Value
from turbulence_app.settings.file import ASIDE, LARGEST, SCHEMA, parse_settings, settings_text
from turbulence_app.settings.kinds import Choice, Number, Switch
from turbulence_app.settings.table import HOME_KEY

FILED = [setting for setting in SETTINGS if setting.key != HOME_KEY]
TEXTS = {
    "models.model": st.from_regex(r"[\w.:/@-]{1,40}", fullmatch=True).filter(str.isprintable),
    "ollama.url": st.sampled_from(["http://127.0.0.1:11434", "https://gpu-box:8443", "gpu-box", "http://[::1]:80"]),
    "ollama.model": st.sampled_from(["phi3", "llama3.2:3b", "a/b:c"]),
    "ollama.keep_alive": st.sampled_from(["0", "-1", "90s", "2h"]),
}


def values_of(setting: Setting) -> st.SearchStrategy[Value]:
    kind = setting.kind
    if isinstance(kind, Switch):
        return st.booleans()
    if isinstance(kind, Choice):
        return st.sampled_from([key for key, _ in kind.options])
    if isinstance(kind, Number):
        whole = st.integers(int(-(-kind.least // 1)), int(kind.most))
        return whole if kind.whole else whole | st.floats(kind.least, kind.most)
    return TEXTS[setting.key]


anything = st.fixed_dictionaries({}, optional={one.key: values_of(one) for one in FILED})
shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.binary(max_size=400))
@example(b"[" * 5000)
@example(b"a = " + b"[" * 40_000)
@example(b"[run]\nusers = " + b"9" * 6000)
@example(b"[run]\nusers = 0x" + b"f" * 6000)
@example(b"\xef\xbb\xbfversion = 1\r\n[run]\r\nusers = 7\r\n")
@example(b"version = 99\n[run]\nusers = 7")
@example(b"run = 3\nlook = [1]")
def test_any_bytes_are_read_and_what_was_wrong_is_one_line_each(raw: bytes) -> None:
    found = parse_settings(raw)
    for key, value in found.values.items():
        assert BY_KEY[key].kind.check(value) == value
    assert all(line.isprintable() and len(line) < 300 for line in found.problems)


@given(st.text(alphabet='abrunlokthem.=[]"\n 0123456789#', max_size=200))
def test_any_text_close_to_a_settings_file_is_read(text: str) -> None:
    found = parse_settings(text.encode())
    assert all(BY_KEY[key].kind.check(value) == value for key, value in found.values.items())


@given(anything)
def test_what_is_written_is_read_again(values: dict[str, Value]) -> None:
    text = settings_text(values)
    told = {key: value for key, value in values.items() if value != BY_KEY[key].default}
    found = parse_settings(text.encode())
    assert (found.values, found.problems) == (told, ())
    assert tomllib.loads(text)["version"] == SCHEMA


@given(shapes, st.sampled_from(FILED))
def test_a_check_refuses_in_words_or_keeps_the_value(value: object, setting: Setting) -> None:
    try:
        kept = setting.kind.check(value)
    except ValueError as error:
        assert str(error).startswith("is ")
        return
    assert setting.kind.check(kept) == kept
    assert setting.kind.words(kept)


@given(anything, st.sampled_from(FILED))
def test_one_bad_value_spoils_nothing_else(values: dict[str, Value], broken: Setting) -> None:
    lines = settings_text({key: value for key, value in values.items() if key != broken.key}).splitlines()
    if f"[{broken.group}]" not in lines:
        lines.append(f"[{broken.group}]")
    lines.insert(lines.index(f"[{broken.group}]") + 1, f"{broken.name} = [1, 2]")
    found = parse_settings("\n".join(lines).encode())
    assert broken.key not in found.values
    assert found.values == {k: v for k, v in values.items() if v != BY_KEY[k].default and k != broken.key}
    (line,) = found.problems
    assert broken.key in line
    assert "is used" in line


def test_the_table_is_whole() -> None:
    assert len(BY_KEY) == len(SETTINGS)
    assert {one.group for one in SETTINGS} == set(GROUPS)
    order = [one.group for one in SETTINGS]
    assert sorted(order, key=list(GROUPS).index) == order, "a section of the file is written once"
    for one in SETTINGS:
        assert one.kind.check(one.default) == one.default
        assert one.title[0].isupper()
        assert one.says.endswith(".")
        assert not one.title.endswith(".")


def test_every_variable_of_the_contract_is_a_setting() -> None:
    assert {one.variable for one in SETTINGS if one.variable} == {
        "OLLAMA_URL", "OLLAMA_MODEL", "LLM_CACHE_CAP", "LLM_TIMEOUT_MS", "LLM_RETRY_MAX", "LLM_BREAKER_THRESHOLD",
        "TURBULENCE_HOME",
    }  # fmt: skip


@pytest.fixture
def mine(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "home" / "settings.toml", {})


def test_a_file_is_the_owners_alone_and_whole(mine: Preferences) -> None:
    mine.set("run.users", 7)
    assert stat.S_IMODE(mine.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(mine.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in mine.path.parent.iterdir() if path.name.startswith(".")] == []


def test_the_environment_wins_the_file_wins_over_defaults(tmp_path: Path) -> None:
    world: dict[str, str] = {}
    mine = Preferences(tmp_path / "settings.toml", world)
    assert (mine.get("models.retry_max"), mine.source("models.retry_max")) == (2, "default")
    mine.set("models.retry_max", 4)
    assert (mine.get("models.retry_max"), mine.source("models.retry_max")) == (4, "file")
    world["LLM_RETRY_MAX"] = "9"
    assert (mine.get("models.retry_max"), mine.source("models.retry_max")) == (9, "environment")
    world["LLM_RETRY_MAX"] = "many"
    assert mine.get("models.retry_max") == 4
    assert mine.wrong_variable("models.retry_max") == "LLM_RETRY_MAX is a whole number from 0 to 20"


def test_a_value_that_does_not_fit_is_refused_and_changes_nothing(mine: Preferences) -> None:
    mine.set("look.text", 120)
    with pytest.raises(InputError, match="Text size is a whole number from 80 to 200"):
        mine.set("look.text", 500)
    assert mine.get("look.text") == 120


def test_another_process_is_heard(mine: Preferences) -> None:
    mine.set("run.users", 7)
    Preferences(mine.path, {}).set("run.users", 1234)
    assert mine.get("run.users") == 1234


def test_reset_and_undo(mine: Preferences) -> None:
    mine.set("run.users", 7)
    mine.set("look.theme", "dark")
    before = mine.values()
    mine.reset()
    assert mine.differing() == {}
    mine.replace(before)
    assert mine.differing() == {"look.theme": "dark", "run.users": 7}
    mine.reset("run.users")
    assert mine.differing() == {"look.theme": "dark"}


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"[run]\nusers = 'x'\nseed = 7\n", b"no", b"x" * (LARGEST + 1)])
def test_a_broken_file_is_kept_aside(mine: Preferences, raw: bytes) -> None:
    mine.path.parent.mkdir()
    mine.path.write_bytes(raw)
    right = mine.values()
    assert mine.heal()
    assert mine.problems() == ()
    assert mine.values() == right
    aside = mine.path.with_name("settings.broken-1.toml")
    assert aside.read_bytes() == raw
    assert mine.heal() == ()


def test_a_folder_in_the_files_place_is_kept_aside(mine: Preferences) -> None:
    (mine.path / "inner").mkdir(parents=True)
    assert mine.get("run.users") == 20_000
    mine.set("run.users", 3)
    assert mine.get("run.users") == 3
    assert (mine.path.with_name("settings.broken-1.toml") / "inner").is_dir()


def test_files_kept_aside_do_not_pile_up(mine: Preferences) -> None:
    mine.path.parent.mkdir()
    for number in range(ASIDE + 3):
        mine.path.write_bytes(b"broken %d" % number)
        mine.heal()
    assert len(list(mine.path.parent.glob("settings.broken-*"))) == ASIDE


def test_where_nothing_can_be_written_one_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MachineError, match="the settings cannot be kept"):
        Preferences(tmp_path / "file" / "settings.toml", {}).set("run.users", 3)


def test_a_file_goes_out_and_comes_in(mine: Preferences, tmp_path: Path) -> None:
    mine.set("run.users", 7)
    away = tmp_path / "away.toml"
    away.write_text(mine.exported() + "\n[nonsense]\nx = 1\n")
    mine.reset()
    assert len(mine.imported(away).problems) == 1
    assert mine.differing() == {"run.users": 7}
    away.write_text(json.dumps({"a": 1}))
    with pytest.raises(InputError, match="no settings file"):
        mine.imported(away)
    assert mine.differing() == {"run.users": 7}


def test_the_manual_names_every_setting_as_it_is() -> None:
    page = resource_path("manual/settings.md").read_text("utf-8")
    for one in SETTINGS:
        rows = [line for line in page.splitlines() if line.startswith(f"| `{one.name}` |") and one.title in line]
        assert rows, f"settings.md does not name {one.key}"
        assert any(one.says in row and one.variable in row for row in rows), one.key
