"""The reader of streams: how bytes are cut into pieces makes no difference, and nothing but an object comes out."""

from __future__ import annotations

import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.llm import errors
from turbulence_app.llm.backends.ollama.lines import LineReader, object_of, objects, whole_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
PARTS = st.lists(st.dictionaries(st.text(max_size=8), JSON, max_size=4), max_size=6)
SEPARATORS = st.sampled_from([b"\n", b"\r\n", b"\n\n", b" \n\t\n"])


def cut(data, places):
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in itertools.pairwise(edges)]


def collect(pieces):
    found = []
    try:
        for one in objects(pieces):
            found.append(one)
    except errors.ModelGarbageError as error:
        return found, str(error)
    return found, ""


@given(PARTS, SEPARATORS, st.booleans(), st.lists(st.integers(0, 10_000), max_size=30))
def test_any_cut_of_a_valid_stream_gives_the_same_objects(parts, separator, ended, places):
    data = separator.join(json.dumps(part).encode() for part in parts) + (separator if ended else b"")
    assert list(objects(cut(data, places))) == parts


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=30))
def test_any_cut_of_any_bytes_gives_the_same_lines_and_the_same_complaint(data, places):
    whole, pieces = [data], cut(data, places)
    assert _lines(whole) == _lines(pieces) == _lines([bytes([b]) for b in data])
    assert collect(whole) == collect(pieces)


def _lines(pieces, most=24):
    reader, lines = LineReader(most), []
    try:
        for piece in pieces:
            for line in reader.feed(piece):
                lines.append(line)
        lines.extend(reader.end())
    except errors.ModelGarbageError:
        return lines, "too long"
    return lines, ""


@given(st.binary(max_size=200))
def test_bytes_are_an_object_or_a_typed_failure(data):
    try:
        found = object_of(data)
    except errors.ModelGarbageError:
        return
    assert isinstance(found, dict)


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=10), max_size=5))
def test_any_text_can_be_written_afterwards(parts):
    text = whole_text(parts)
    assert text.encode("utf-8").decode("utf-8") == text


@given(st.text(max_size=30), st.integers(0, 60))
def test_a_character_in_two_halves_is_one_again(text, place):
    units = text.encode("utf-16-le")
    at = 2 * (place % (len(units) // 2 + 1))
    halves = [units[:at].decode("utf-16-le", "surrogatepass"), units[at:].decode("utf-16-le", "surrogatepass")]
    assert whole_text(halves) == text
