"""YAML from anybody: plain values with their places, or precise problems; hostile files cost no time."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.engine.documents import MAX_BYTES, MAX_NODES, Document, read_yaml

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n"
    for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


def problems(document: Document) -> list[str]:
    return [f"{problem.source}: {problem.code} {problem.message}" for problem in document.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(BOMB, ["2:8 alias"], id="alias bomb"),
        pytest.param("a: &x [*x]\n", ["1:8 alias"], id="alias of itself"),
        pytest.param("[" * 500, ["1:21 too-deep"], id="deep flow"),
        pytest.param("- " * 500, ["1:41 too-deep"], id="deep block"),
        pytest.param("{a: " * 500, ["1:81 too-deep"], id="deep mappings"),
        pytest.param("a: 1\nb: !!python/object/apply:os.system ['id']\n", ["2:4 tag"], id="python tag"),
        pytest.param("a: !mine x\nb: !!int 5\n", ["1:4 tag", "2:4 tag"], id="every tag"),
        pytest.param("a: !!binary aGk=\n", ["1:4 tag"], id="binary"),
        pytest.param("a: 1\nb: 2\na: 3\n", ["3:1 duplicate-key"], id="duplicate key"),
        pytest.param("x:\n- {a: 1, a: 2}\n- {b: 1, b: 2}\n", ["2:10 duplicate-key", "3:10 duplicate-key"], id="twice"),
        pytest.param("? [a, b]\n: c\n", ["1:3 key"], id="list as key"),
        pytest.param('a: "x\\0y"\n', ["1:4 control-character"], id="escaped NUL"),
        pytest.param('"a\\0": x\n', ["1:1 control-character"], id="NUL in a key"),
        pytest.param(b"a: \xff\xfe\n", ["1:4 not-utf-8"], id="not UTF-8"),
        pytest.param("a: é\n".encode("utf-16"), ["1:1 not-utf-8"], id="UTF-16"),
        pytest.param("a: b\n  c: d\n", ["2:4 not-yaml"], id="bad indent"),
        pytest.param("a: [1, 2\n", ["2:1 not-yaml"], id="open list"),
        pytest.param("a: 1\n--- \nb: 2\n", ["2:1 not-yaml"], id="two documents"),
        pytest.param("a: @x\n", ["1:4 not-yaml"], id="reserved character"),
        pytest.param("", ["0:0 empty"], id="empty"),
        pytest.param("# nothing\n", ["0:0 empty"], id="only a comment"),
        pytest.param("a" * (MAX_BYTES + 1), ["0:0 too-large"], id="too large"),
    ],
)  # fmt: skip
def test_what_is_not_welcome_is_refused_where_it_stands(text: str | bytes, expected: list[str]) -> None:
    started = process_time()
    found = read_yaml(text, "f")
    assert [f"{p.source.line}:{p.source.column} {p.code}" for p in found.problems] == expected
    assert found.value is None
    assert process_time() - started < 1


def test_a_problem_says_what_is_wrong_in_words() -> None:
    text = "a: !mine x\nb: 1\nb: 2\n? [c]\n: d\n"
    assert problems(read_yaml(text, "f")) == [
        "f:1:4: tag the tag !mine is not allowed here",
        "f:3:1: duplicate-key “b” stands here a second time",
        "f:4:3: key a key must be plain text",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: x\0y\n", "f:1:5: control-character the character U+0000 cannot stand in a text"),
        (b"a: x\r\n\xc3\xa9: \x00\n", "f:2:4: control-character the character U+0000 cannot stand in a text"),
        ("\ufeffa: \x07\n", "f:1:4: control-character the character U+0007 cannot stand in a text"),
        ('a: "\\x1b[31m"\n', "f:1:4: control-character the character U+001B cannot stand in a text"),
        ("a: \ud800\n", "f:1:4: control-character the character U+D800 cannot stand in a text"),
    ],
)
def test_control_characters_are_refused_however_they_are_written(text: str | bytes, expected: str) -> None:
    assert problems(read_yaml(text, "f")) == [expected]


@pytest.mark.parametrize("unit", ["- x\n", "- {}\n", "- []\n", "- a: b\n", "[],"])
def test_a_file_of_very_many_values_is_refused_in_bounded_time(unit: str) -> None:
    text = unit * (MAX_BYTES // len(unit))
    started = process_time()
    document = read_yaml(text if not text.endswith(",") else f"[{text[: MAX_BYTES - 2]}]", "f")
    assert process_time() - started < 3
    assert [problem.code for problem in document.problems] == ["too-many"]
    assert document.value is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: '" + "x" * 1_000_000, id="one open string"),
        pytest.param("#" * 1_000_000, id="one comment"),
        pytest.param("\n" * 1_000_000, id="only line ends"),
        pytest.param(" " * 1_000_000 + "a", id="one indent"),
        pytest.param("a: |\n" + " x\n" * 300_000, id="one long block"),
        pytest.param("? " * 500_000, id="only question marks"),
        pytest.param("a" * 1000 + ": b\n" * 1, id="a long key"),
        pytest.param("&a " * 300_000, id="only anchors"),
        pytest.param("%YAML 1.1\n" * 100_000, id="only directives"),
        pytest.param('"' + "\\x41" * 250_000 + '"', id="only escapes"),
    ],
)
def test_strange_files_cost_bounded_time(text: str) -> None:
    started = process_time()
    read_yaml(text, "f")
    assert process_time() - started < 3


def test_every_scalar_is_text_until_the_schema_says_otherwise() -> None:
    text = (
        "a: No\nb: yes\nc: on\nd: 1.0\ne: 2024-01-01\nf: null\ng: ~\nh:\ni: 010\nj: 1_000\nk: 0x1F\nl: .inf\nNO: NO\n"
    )
    document = read_yaml(text, "f")
    assert document.problems == []
    assert document.value == {
        "a": "No", "b": "yes", "c": "on", "d": "1.0", "e": "2024-01-01", "f": "null", "g": "~", "h": "",
        "i": "010", "j": "1_000", "k": "0x1F", "l": ".inf", "NO": "NO",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["a: x\r\nb:\r\n  - y\r\n", "\ufeffa: x\nb:\n  - y\n", "a: x\rb:\r  - y\r"])
def test_line_ends_and_a_byte_order_mark_change_nothing(text: str) -> None:
    for given_as in (text, text.encode()):
        document = read_yaml(given_as, "f")
        assert document.problems == []
        assert document.value == {"a": "x", "b": ["y"]}
        assert str(document.place(("b", 0))) == "f:3:5"


def test_every_value_knows_its_place_and_what_is_missing_knows_the_nearest() -> None:
    document = read_yaml("a:\n  - x: 1\n    y: [p, q]\nb: {c: d}\n", "f")
    places = {
        path: str(document.place(path)) for path in [("a", 0, "y", 1), ("a", 0), ("b", "c"), ("a", 0, "z"), ("no",)]
    }
    assert places == {
        ("a", 0, "y", 1): "f:3:12",
        ("a", 0): "f:2:5",
        ("b", "c"): "f:4:8",
        ("a", 0, "z"): "f:2:5",
        ("no",): "f:1:1",
    }


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200), st.text("ab:- \n[]{}&*!?|>'\"#%@`,\t", max_size=60)))
def test_any_file_at_all_is_read_or_refused(text: str | bytes) -> None:
    document = read_yaml(text, "f")
    assert (document.value is None) <= bool(document.problems)
    assert all(str(problem).startswith("f") and problem.message for problem in document.problems)


def test_just_as_many_values_as_are_allowed_are_read() -> None:
    assert len(read_yaml("- x\n" * (MAX_NODES - 1), "f").value) == MAX_NODES - 1
    assert read_yaml("- x\n" * MAX_NODES, "f").value is None


def test_whatever_is_read_can_be_written_as_utf_8() -> None:
    document = read_yaml('a: "\\uD800"\n', "f")
    assert document.value is None
    assert document.problems[0].source.line == 1
