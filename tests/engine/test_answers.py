"""Raw values become typed answers, or problems that say what may be given; whatever is accepted can be scored."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assessment.engine.answers import BadAnswer, Sheet, as_data, parse_answer, read_sheet
from assessment.engine.assess import assess
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, Depth, Question
from tests.engine.strategies import Case, any_cases
from tests.engine.tiny import tiny


def question(kind: str, **more: Any) -> Question:
    options = [{"id": option, "says": option.title()} for option in ("a", "b")] + [
        {"id": "none", "says": "None", "exclusive": kind == "multiple"}
    ]
    choices = {"options": options} if kind in ("single", "multiple") else {}
    return Question.model_validate({"id": "bank.q", "short": "Q", "ask": "Q?", "kind": kind, **choices, **more})


@pytest.mark.parametrize(
    ("kind", "raw", "answer"),
    [
        ("single", "a", "a"),
        ("multiple", "a", frozenset("a")),
        ("multiple", ["a", "b"], frozenset("ab")),
        ("multiple", ["a", "a"], frozenset("a")),
        ("multiple", ("none",), frozenset(["none"])),
        ("number", "12", 12),
        ("number", 12, 12),
        ("number", " 1,200 ", 1200),
        ("number", "1 200", 1200),
        ("number", "0", 0),
        ("text", "  plain  ", "plain"),
        ("text", "one\ntwo", "one\ntwo"),
        ("text", "not-sure", "not-sure"),
        ("text", "bell\x07 and \x1bescape", "bell and escape"),
        ("text", "half \ud800 a pair", "half ? a pair"),
        ("text", "x" * 2000, "x" * 2000),
    ],
)
def test_a_raw_value_becomes_a_typed_answer(kind: str, raw: object, answer: object) -> None:
    assert parse_answer(question(kind), raw) == answer


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("single", "c", "unknown-option"),
        ("single", "", "unknown-option"),
        ("single", "A", "unknown-option"),
        ("single", "a ", "unknown-option"),
        ("single", None, "unknown-option"),
        ("single", 0, "unknown-option"),
        ("single", ["a"], "unknown-option"),
        ("single", {"a": 1}, "unknown-option"),
        ("single", "not-sure", "not-sure-not-offered"),
        ("single", "does-not-apply", "always-applies"),
        ("multiple", [], "nothing-chosen"),
        ("multiple", None, "nothing-chosen"),
        ("multiple", 7, "nothing-chosen"),
        ("multiple", [7], "nothing-chosen"),
        ("multiple", {"a"}, "nothing-chosen"),
        ("multiple", ["a", "c"], "unknown-option"),
        ("multiple", "", "unknown-option"),
        ("multiple", ["a", "none"], "exclusive"),
        ("multiple", "not-sure", "not-sure-not-offered"),
        ("multiple", ["not-sure"], "unknown-option"),
        ("number", "twelve", "not-a-number"),
        ("number", "", "not-a-number"),
        ("number", "1.5", "not-a-number"),
        ("number", 1.5, "not-a-number"),
        ("number", "-", "not-a-number"),
        ("number", "--5", "not-a-number"),
        ("number", "1e3", "not-a-number"),
        ("number", "٣", "not-a-number"),
        ("number", "²", "not-a-number"),
        ("number", "9" * 5000, "not-a-number"),
        ("number", True, "not-a-number"),
        ("number", None, "not-a-number"),
        ("number", [1], "not-a-number"),
        ("number", "0", "too-small"),
        ("number", "-3", "too-small"),
        ("number", "501", "too-large"),
        ("text", "", "empty"),
        ("text", " \n ", "empty"),
        ("text", "\x00\x01", "empty"),
        ("text", None, "empty"),
        ("text", 5, "empty"),
        ("text", "x" * 2001, "too-long"),
    ],
)
def test_a_bad_raw_value_is_refused_with_a_code_and_a_sentence(kind: str, raw: object, code: str) -> None:
    limits = {"at_least": 1, "at_most": 500} if kind == "number" else {}
    with pytest.raises(BadAnswer, match=r"[A-Z“].*\.$") as caught:
        parse_answer(question(kind, **limits), raw)
    assert caught.value.code == code


def test_a_number_without_limits_still_has_one_and_says_it() -> None:
    assert parse_answer(question("number"), "1000000000000") == 10**12
    with pytest.raises(BadAnswer, match="1000000000000 or less"):
        parse_answer(question("number"), "1000000000001")


@pytest.mark.parametrize("kind", ["single", "multiple", "number"])
def test_not_sure_and_does_not_apply_are_answers_where_they_are_offered(kind: str) -> None:
    offering = question(kind, not_sure=10, does_not_apply={"says": "Not us."})
    assert parse_answer(offering, "not-sure") == NOT_SURE
    assert parse_answer(offering, "does-not-apply") == DOES_NOT_APPLY


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["a", "none", "12"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize("kind", ["single", "multiple", "number", "text"])
@given(raw=anything)
@example(raw="a space before a control character \x1b")
def test_anything_at_all_is_an_answer_or_refused_and_what_is_kept_reads_back(kind: str, raw: object) -> None:
    asked = question(kind, not_sure=10)
    try:
        answer = parse_answer(asked, raw)
    except BadAnswer:
        return
    assert parse_answer(asked, json.loads(json.dumps(as_data(answer)))) == answer


# Answer files.


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    return tiny()


def test_a_sheet_is_read_by_id(questionnaire: Questionnaire) -> None:
    sheet = read_sheet(questionnaire, {"depth": "quick", "answers": {"profile.staff": "few", "backups.made": "daily"}})
    assert sheet == Sheet(Depth.QUICK, {"profile.staff": "few", "backups.made": "daily"})


def test_a_sheet_is_read_by_code_and_level(questionnaire: Questionnaire) -> None:
    sheet = read_sheet(questionnaire, {"codes": {"B1": 2, "B2": "NS"}, "profile": {"staff": "few"}})
    assert sheet.answers == {"profile.staff": "few", "backups.made": "daily", "backups.tested": NOT_SURE}
    assert sheet.problems == ()


def test_a_code_that_is_marked_as_not_applying_is_left_out(questionnaire: Questionnaire) -> None:
    assert read_sheet(questionnaire, {"codes": {"B1": "NA"}}) == Sheet(Depth.FULL, {})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([], ["not-answers an answers file is one JSON object"]),
        ("x", ["not-answers an answers file is one JSON object"]),
        ({"answers": []}, ["not-answers “answers” must be an object of question and answer"]),
        ({"answer": {}}, ["unknown-key “answer” is no key of an answers file"]),
        ({"depth": "deep"}, ["unknown-depth “deep” is no depth"]),
        ({"questionnaire": "other"}, ["other-questionnaire these answers are for “other”, not “tiny”"]),
        ({"answers": {"backups.no": "x"}}, ["unknown-question there is no question “backups.no”"]),
        ({"codes": {"B9": 1}}, ["unknown-question there is no question “B9”"]),
        ({"codes": {"B1": 3}}, ["unknown-level B1: '3' is no level"]),
        ({"codes": {"B1": True}}, ["unknown-level B1: 'True' is no level"]),
        ({"codes": {"B1": -1}}, ["unknown-level B1: '-1' is no level"]),
        (
            {"answers": {"backups.made": "x", "profile.staff": 1}},
            [
                "unknown-option backups.made: Choose one of the answers. (got 'x')",
                "unknown-option profile.staff: Choose one of the answers. (got '1')",
            ],
        ),
    ],
)
def test_everything_wrong_with_a_sheet_is_said_at_once(
    questionnaire: Questionnaire, data: object, expected: list[str]
) -> None:
    problems = read_sheet(questionnaire, data).problems
    assert [f"{problem.code} {problem.message}" for problem in problems] == expected


@given(
    anything
    | st.dictionaries(
        st.sampled_from(["answers", "codes", "profile", "depth", "questionnaire"]),
        anything | st.dictionaries(st.sampled_from(["B1", "backups.made", "staff"]), anything),
    )
)
def test_any_json_at_all_is_a_sheet_that_can_be_scored(data: object) -> None:
    sheet = read_sheet(tiny(), data)
    assert assess(tiny(), sheet.answers, sheet.depth).depth is sheet.depth


@given(any_cases)
def test_answers_come_back_from_a_file_as_they_were_given(case: Case) -> None:
    data = {"depth": case.depth, "answers": {question: as_data(answer) for question, answer in case.answers.items()}}
    sheet = read_sheet(case.questionnaire, json.loads(json.dumps(data)))
    assert sheet == Sheet(case.depth, dict(case.answers))
