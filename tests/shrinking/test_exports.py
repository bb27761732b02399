"""Exports: each is used for what it is for, and holds nothing of this machine."""

import csv
import getpass
import io
import os
import re
import runpy
import shutil
import subprocess
import sys
import types
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.shrinking.machine import ROOT
from tests.shrinking.tills import paying, till
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.run import RunManifest, Summary, Verdict
from turbulence_app.engine.build_steps import CHARACTERS as TYPED
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import run_user
from turbulence_app.formats.exports import tables
from turbulence_app.formats.exports.html import COLOURS, html
from turbulence_app.formats.exports.junit import junit
from turbulence_app.formats.exports.locust import CHARACTERS, locust_file
from turbulence_app.formats.exports.python import Translator
from turbulence_app.gui.tokens import SCHEMES
from turbulence_app.service import exports
from turbulence_app.service.projects import database_path
from turbulence_app.store.database import Database
from turbulence_app.store.runs import RunStore

NASTY = "<script>alert('x')</script>\x00\"&]]>"


@pytest.fixture(scope="module")
def made(ran: Path, tmp_path_factory: pytest.TempPathFactory):
    """Every kind of export of one run, as text."""
    folder = tmp_path_factory.mktemp("exports")
    texts = {}
    with Database(database_path(ran)) as database:
        exports.export(database, ran, "pytest", "last", folder / "tests" / "test_found.py")
        for kind in ("html", "junit", "locust"):
            exports.export(database, ran, kind, "last", folder / kind)
            texts[kind] = (folder / kind).read_text(encoding="utf-8")
        done = exports.export(database, ran, "csv", "last", folder / "tables")
    texts["pytest"] = (folder / "tests" / "test_found.py").read_text(encoding="utf-8")
    for path in done.files:
        texts[path.name] = path.read_text(encoding="utf-8")
    return folder, texts, ran


def test_nothing_of_this_machine_goes_out(made) -> None:
    _, texts, root = made
    for name, text in texts.items():
        for secret in (str(root), str(ROOT), str(Path.home()), os.uname().nodename):
            assert len(secret) < 4 or secret not in text, (name, secret)
        assert not re.search(rf"\b{re.escape(getpass.getuser())}\b", text) or len(getpass.getuser()) < 5, name


def run_pytest(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=env, cwd=file.parent, capture_output=True, text=True, check=False)


def test_the_generated_test_fails_until_the_defect_is_mended(made, tmp_path: Path) -> None:
    folder, texts, _ = made
    broken = run_pytest(folder / "tests" / "test_found.py")
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "Nobody is charged more than once." in broken.stdout
    mended = tmp_path / "test_mended.py"
    text = re.sub(r'"name": "pay",\n', '"name": "pay",\n"idempotent": true,\n', texts["pytest"], count=1)
    mended.write_text(text, encoding="utf-8")
    assert run_pytest(mended).returncode == 0


def test_junit_is_what_readers_of_it_expect(made) -> None:
    root = ElementTree.fromstring(made[1]["junit"])
    assert root.tag == "testsuites"
    (suite,) = root
    cases = suite.findall("testcase")
    broken, skipped = (sum(case.find(tag) is not None for case in cases) for tag in ("failure", "skipped"))
    assert [int(suite.get(k)) for k in ("tests", "failures", "skipped", "errors")] == [len(cases), broken, skipped, 0]
    assert broken == 1
    assert [child.tag for child in suite] == ["properties"] + ["testcase"] * len(cases)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp"))
    for case in cases:
        assert set(case.attrib) == {"name", "classname", "time"}
        for child in case:
            assert set(child.attrib) <= {"message", "type"}
    failure = suite.find("testcase/failure")
    assert "BREAKS: charged_once" in failure.text


class Tags(HTMLParser):
    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: Counter[str] = Counter()

    def handle_starttag(self, tag, attrs):
        self.seen[tag] += 1
        assert not {"src", "href", "onload", "onclick", "srcset"} & {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen[tag] += 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_report_is_one_well_formed_file_without_scripts_or_links(made) -> None:
    text = made[1]["html"]
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    assert tags.seen["script"] == tags.seen["link"] == tags.seen["img"] == 0
    assert "http" not in text.replace("http-equiv", "")
    assert "prefers-color-scheme:dark" in text
    for words in ("charged_once", "Funnel", "Verdicts", "BREAKS: charged_once", "passes", "lost_receipt"):
        assert words in text
    assert tags.seen["polyline"] == 3


def test_colours_are_the_window_s() -> None:
    for scheme, colours in COLOURS.items():
        for name, value in colours.items():
            assert getattr(SCHEMES[scheme], name) == value


def test_hostile_names_stay_text() -> None:
    manifest = RunManifest(run_id="r-1", created_at="2026-01-01T00:00:00Z", workflow="w", users=1, seed=1)
    verdict = Verdict(name="v", kind="always", expression=NASTY, says=NASTY, status="broken")
    failure = Failure(failure_id="f-1", user=1, persona=NASTY, invariant="v", message=NASTY)
    summary = Summary(users=1, verdicts=(verdict,), notes=(NASTY,))
    text = html(manifest, summary, [failure], {}, {"f-1": (NASTY,)})
    tags = Tags()
    tags.feed(text)
    assert tags.seen["script"] == 0
    ElementTree.fromstring(junit(manifest, summary, {"v": (failure, (NASTY,))}))
    table = tables.failures([failure.model_copy(update={"message": "=1+1"})], dict[str, Shrunk]())
    assert ",'=1+1," in table


def test_tables_say_what_the_run_says(made) -> None:
    _, texts, root = made
    with Database(database_path(root)) as database:
        store = RunStore(database)
        summary, inputs = store.summary("r-0001"), store.inputs("r-0001")
        failures = store.failures("r-0001")
    funnel = list(csv.DictReader(io.StringIO(texts["funnel.csv"])))
    assert [(row["step"], int(row["reached"])) for row in funnel] == [(s.step, s.reached) for s in summary.funnel]
    users = list(csv.DictReader(io.StringIO(texts["users.csv"])))
    assert len(users) == inputs.users
    assert sum(row["outcome"] == "completed" for row in users) == summary.completed
    trace = run_user(compile_plan(inputs), 17)
    assert (users[17]["persona"], users[17]["last_step"]) == (trace.persona, trace.last_step)
    found = list(csv.DictReader(io.StringIO(texts["failures.csv"])))
    assert [int(row["user"]) for row in found] == [failure.user for failure in failures]


# ---- Locust ---------------------------------------------------------------------------------------------------------


class FakeClient:
    """Answers like a shop in which everything works, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, dict]] = []

    def request(self, method, url, name, **sent):
        self.asked.append((method, url, name, sent))
        return types.SimpleNamespace(status_code=200, text="", json=lambda: {"items": [{"id": "mug"}]})


def locust_module(file: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """The generated file, run with stand-ins for Locust and gevent that do not wait."""
    fired: list[dict] = []

    class User:
        def __init__(self, environment):
            self.environment, self.client = environment, FakeClient()

    class Timeout:
        def __init__(self, *given):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return False

    event = types.SimpleNamespace(fire=lambda **given: fired.append(given))
    locust = types.ModuleType("locust")
    locust.FastHttpUser, locust.task, locust.constant = User, lambda f: f, lambda n: n
    gevent = types.ModuleType("gevent")
    gevent.sleep, gevent.Timeout = lambda _: None, Timeout
    monkeypatch.setitem(sys.modules, "locust", locust)
    monkeypatch.setitem(sys.modules, "gevent", gevent)
    names = runpy.run_path(str(file), run_name="locustfile")
    names["environment"] = types.SimpleNamespace(events=types.SimpleNamespace(request=event))
    return names


def test_the_locust_file_does_what_the_crowd_does(made, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _, root = made
    names = locust_module(folder / "locust", monkeypatch)
    with Database(database_path(root)) as database:
        inputs = RunStore(database).inputs("r-0001")
    people = {m.persona: m for m in inputs.crowd}
    classes = [c for c in names.values() if isinstance(c, type) and "weight" in vars(c)]
    assert sorted(c.weight for c in classes) == sorted(round(m.weight) for m in people.values())
    steps = {step.name for step in inputs.workflow.steps() if step.type in ("http", "wait")}
    for cls in classes:
        user = cls(names["environment"])
        outcomes = Counter()
        for _ in range(300):
            user.visit()
            outcomes[user.outcome] += 1
        asked = Counter(name for _, _, name, _ in user.client.asked)
        assert set(asked) <= steps
        assert asked["browse"] == 300
        policy = people[user.begins()["persona"]].policy
        leaves = policy.decisions["browse_next"].options["leave"] / sum(
            policy.decisions["browse_next"].options.values()
        )
        carts = asked["add_to_cart"] / 300
        assert carts <= 1 - leaves + 0.12
        assert outcomes["completed"] == asked["pay"]


@pytest.mark.skipif(shutil.which("locust") is None, reason="Locust is not installed here")
def test_locust_itself_runs_it(tmp_path: Path) -> None:
    with till() as port:
        file = tmp_path / "locustfile.py"
        file.write_text(locust_file(paying(port)), encoding="utf-8")
        command = ["locust", "-f", str(file), "--headless", "-u", "2", "-r", "2", "-t", "2s", "--only-summary"]
        env = {**os.environ, "PACE": "0"}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"POST\s+pay\s+\d+\s+0\(", done.stderr + done.stdout)


def test_typing_takes_as_many_keys_as_in_the_engine() -> None:
    assert CHARACTERS == TYPED


# ---- expressions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "python"),
    [
        ("effects('pay') <= 1", "v.effects('pay') <= 1"),
        ("count('pay', 'ok') + 1 < 3 * 2", "(v.count('pay', 'ok') + 1) < (3 * 2)"),
        ("pay.failed and not paid", "v.of('pay', 'failed') and (not v.get('paid'))"),
        ("pay.waited_ms >= 15000", "compare('>=', v.of('pay', 'waited_ms'), 15000)"),
        ("basket.status == 'x'", "member(v.get('basket'), 'status') == 'x'"),
        ("context.get('a', 3) in [1, 2]", "contains([1, 2], v.get('a', 3))"),
        ("probe('/stock').json.n >= 0", "compare('>=', member(v.probe('/stock').json, 'n'), 0)"),
        ("total('pay.effects') <= 1", "compare('<=', v.of('pay', 'effects'), 1)"),
        (
            "len(body.items) / 2 > 1",
            "compare('>', arithmetic('/', plain('len', member(v.get('body'), 'items')), 2), 1)",
        ),
    ],
)
def test_expressions_become_python(ours: str, python: str) -> None:
    assert Translator(["pay"]).expression(ours) == python


def test_templates_become_python() -> None:
    value = Translator([]).value
    assert value("/p/{{ id | default:7 }}/x") == "text('/p/', v.get('id', 7), '/x')"
    assert value("Bearer {{ env.TOKEN | default:none }}") == "text('Bearer ', os.environ.get('TOKEN', 'none'))"
    assert value("{{env.BASE}}") == "os.environ.get('BASE', '')"
    assert value({"x-api-key": "redacted"}) == "{'x-api-key': os.environ.get('X_API_KEY', '')}"
    assert value({"n": "{{n}}", "list": [1, "a{{b}}"]}) == "{'n': v.get('n'), 'list': [1, text('a', v.get('b'))]}"
