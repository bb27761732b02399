import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.expressions import ExpressionError, Literal, Name, StepField, parse
from turbulence_app.engine.names import VISIT_FUNCTIONS
from turbulence_app.engine.scalar import evaluate, leaves

CONTEXT = {"qty": 3, "name": "Ada", "flag": True, "items": [1, {"id": 7}], "nothing": None, "cart_id": "c-1"}


def value(source, **more):
    known = {**CONTEXT, **more}

    def look_up(leaf):
        return known.get(leaf.name) if isinstance(leaf, Name) else more.get("leaf")

    return evaluate(parse(source).root, look_up)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("qty + 2 * 3 == 9", True),
        ("1 < qty < 4", True),
        ("1 < qty < 3", False),
        ("not flag or qty == 3", True),
        ("not (flag and qty == 3)", False),
        ("name in ['Ada', 'Bob']", True),
        ("'z' not in name", True),
        ("items[1].id == 7", True),
        ("items[9].id == none", True),
        ("missing < 5", False),
        ("missing > 5", False),
        ("missing != 5", True),
        ("missing == null", True),
        ("qty / 0 == none", True),
        ("qty // 2", 1),
        ("-qty % 2", 1),
        ("name < 5", False),
        ("lower(name) == 'ada'", True),
        ("max(1, qty, 2)", 3),
        ("int('12') + 1", 13),
        ("int('x')", None),
        ("round(2.345, 2)", 2.35),
        ("len(items)", 2),
        ("context.get('cart_id') == 'c-1'", True),
        ("context['cart_id'] == 'c-1'", True),
        ("context.get('gone', 4) == 4", True),
        ("{{ gone | default:5 }} > 4", True),
        ("'{{qty}}' == '3'", True),
        ("'{{flag}}' == 'true'", True),
        ("flag == True and nothing == None", True),
        ("name + '!' == 'Ada!'", True),
        ("name * 3", None),
        ("contains(name, 'd') && startswith(name, 'A')", True),
    ],
)
def test_meaning(source, expected):
    assert value(source) == expected


@pytest.mark.parametrize(
    ("source", "position", "words"),
    [
        ("a = 1", 2, "write =="),
        ("a == ", 4, "unexpected the end"),
        ("(a", 2, "expected ')'"),
        ("foo(1)", 0, "unknown function 'foo'"),
        ("__import__('os')", 0, "unknown function"),
        ("a $ b", 2, "unexpected '$'"),
        ("'open", 0, "without a closing"),
        ("effects(pay)", 0, "quoted names"),
        ("count()", 0, "takes 1 to 2"),
        ("{{ a", 0, "template without"),
        ("(" * 60 + "1" + ")" * 60, 50, "deeper than 50"),
        ("+".join("1" * 500), 0, "deeper than 100"),
        ("9" * 400, 0, "too large"),
        ("x" * 2001, 0, "2001 characters"),
    ],
)
def test_errors_say_where_and_how_to_mend(source, position, words):
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert words in str(caught.value)
    assert caught.value.position == position


def test_what_it_refers_to():
    tree = parse("effects('pay') <= 1 and pay.json.id == x and context.user.status == 1")
    assert tree.steps() == {"pay"}
    assert tree.names() == {"x", "user"}
    assert tree.functions() == {"effects"}
    assert not tree.is_gate
    assert parse("p95('pay.latency_ms') <= 4000").is_gate
    assert parse("pass_rate < 95").is_gate
    assert parse("pay.failed").root == StepField("pay", "failed")
    assert leaves(parse("qty + failures('a') > qty").root, VISIT_FUNCTIONS)[0] == Name("qty")


def test_parsing_is_cached():
    assert parse("qty > 1") is parse("qty > 1")


@given(st.text(max_size=200))
def test_any_text_parses_or_says_why(text):
    found = None
    try:
        parse(text)
    except ExpressionError as error:
        found = error
    assert found is None or (found.message and 0 <= found.position <= len(text))


words = st.sampled_from(["a", "1", "'x'", "(", ")", "+", "-", "/", "%", "and", "or", "not", "in", "[", "]", ",", ".", "==", "<",  # noqa: E501
                         "len(", "min(", "items", "{{ a }}", "2.5", "none"])  # fmt: skip


@given(st.lists(words, max_size=25).map(" ".join))
def test_what_parses_evaluates_without_raising(source):
    try:
        root = parse(source).root
    except ExpressionError:
        return
    evaluate(root, lambda leaf: CONTEXT.get(getattr(leaf, "name", "")))


def test_literals_stay_what_they_are():
    assert parse("-3").root == Literal(-3)
    assert parse("007").root == Literal(7)
