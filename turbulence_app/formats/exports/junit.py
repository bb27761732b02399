"""JUnit XML: invariants and gates as test cases, as continuous integration reads it."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

from turbulence_app.domain.failure import Failure
from turbulence_app.domain.run import RunManifest, Summary, Verdict
from turbulence_app.formats.exports.stories import why_broken

Stories = Mapping[str, tuple[Failure, tuple[str, ...]]]
"""By invariant: a failure that represents it, and its story line by line."""


def junit(manifest: RunManifest, summary: Summary, stories: Stories) -> str:
    """The document. Broken: ``failure`` with the story; never exercised: ``skipped``, because nothing was shown."""
    broken = sum(v.status == "broken" for v in summary.verdicts)
    skipped = sum(v.status == "never_exercised" for v in summary.verdicts)
    name = manifest.scenario or manifest.workflow
    counts = {"tests": str(len(summary.verdicts)), "failures": str(broken), "errors": "0"}
    time = f"{manifest.elapsed_s:.3f}"
    root = ElementTree.Element("testsuites", {"name": "turbulence", **counts, "time": time})
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        {"name": name, **counts, "skipped": str(skipped), "time": time, "timestamp": manifest.created_at[:19]},
    )
    properties = ElementTree.SubElement(suite, "properties")
    for key, value in _properties(manifest, summary):
        ElementTree.SubElement(properties, "property", {"name": key, "value": _clean(value)})
    for verdict in summary.verdicts:
        _case(suite, name, verdict, stories)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _properties(manifest: RunManifest, summary: Summary) -> list[tuple[str, str]]:
    return [
        ("run", manifest.run_id), ("target", manifest.target), ("users", str(summary.users)),
        ("seed", str(manifest.seed)), ("digest", manifest.digest), ("version", manifest.version),
        ("completed", str(summary.completed)), ("abandoned", str(summary.abandoned)), ("failed", str(summary.failed)),
    ]  # fmt: skip


def _case(suite: ElementTree.Element, name: str, verdict: Verdict, stories: Stories) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", {"name": _clean(verdict.name), "classname": f"{_clean(name)}.{verdict.kind}", "time": "0"}
    )
    if verdict.status == "broken":
        failure = ElementTree.SubElement(
            case, "failure", {"message": _clean(why_broken(verdict)), "type": verdict.kind}
        )
        found = stories.get(verdict.name)
        failure.text = _clean("\n".join((verdict.expression, *(found[1] if found else ()))))
    elif verdict.status == "never_exercised":
        ElementTree.SubElement(case, "skipped", {"message": "never exercised: nobody came where it could break"})


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF))
