"""What a respondent is asked, in which order, and where each question stands."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

from assessment.engine.answers import Answers
from assessment.engine.flow import Route, State, relevant_facts, walk
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import PROFILE, Depth
from tests.engine.strategies import Case, any_cases
from tests.engine.tiny import tiny, tiny_with


def route(answers: Answers | None = None, depth: Depth = Depth.FULL) -> Route:
    return walk(tiny(), answers or {}, depth)


def states(answers: Answers, depth: Depth = Depth.FULL) -> dict[str, str]:
    return {question: str(standing.state) for question, standing in route(answers, depth).standings.items()}


@pytest.mark.parametrize(
    ("answers", "depth", "expected"),
    [
        pytest.param({}, "full", "unanswered unanswered unanswered unanswered", id="nothing given"),
        pytest.param({"backups.made": "daily"}, "full", "answered unanswered unanswered unanswered", id="answered"),
        pytest.param({"backups.made": "not-sure"}, "full", "not-sure unanswered unanswered unanswered", id="not sure"),
        pytest.param({"backups.made": "never"}, "full", "answered settled unanswered unanswered", id="settled"),
        pytest.param(
            {"backups.made": "never", "backups.tested": "often"},
            "full",
            "answered settled unanswered unanswered",
            id="settled whatever was answered",
        ),
        pytest.param({"backups.made": "never"}, "quick", "answered deeper unanswered deeper", id="quick"),
        pytest.param(
            {"access.leavers": "always"}, "standard", "unanswered unanswered unanswered deeper", id="standard"
        ),
        pytest.param(
            {"profile.staff": "one", "access.leavers": "always"},
            "full",
            "unanswered unanswered unanswered does-not-apply",
            id="hidden",
        ),
        pytest.param(
            {"profile.staff": "one"}, "quick", "unanswered deeper unanswered does-not-apply", id="hidden before deeper"
        ),
        pytest.param(
            {"access.leavers": "does-not-apply"},
            "full",
            "unanswered unanswered unanswered does-not-apply",
            id="chosen not to apply",
        ),
        pytest.param(
            {"backups.made": "does-not-apply"}, "full", "unanswered unanswered unanswered unanswered", id="not offered"
        ),
    ],
)
def test_each_question_has_one_state(answers: dict[str, Any], depth: str, expected: str) -> None:
    order = ["backups.made", "backups.tested", "access.second-step", "access.leavers"]
    assert states(answers, Depth(depth)) == dict(zip(order, expected.split(), strict=True))


def test_a_settled_question_counts_as_its_worst_option_and_names_what_settled_it() -> None:
    standing = route({"backups.made": "never"}).standings["backups.tested"]
    assert (standing.option, standing.level, standing.settled_by) == ("never", 0, "backups.made")


def test_hidden_is_told_apart_from_chosen_not_to_apply() -> None:
    assert route({"profile.staff": "one"}).standings["access.leavers"].hidden
    assert not route({"access.leavers": "does-not-apply"}).standings["access.leavers"].hidden


@pytest.mark.parametrize(("staff", "state"), [("many", State.DOES_NOT_APPLY), ("few", State.UNANSWERED)])
def test_does_not_apply_counts_only_where_it_is_offered(staff: str, state: State) -> None:
    reason = "does_not_apply: {says: Nobody ever left.}"
    to_many = reason.replace("}", ", when: {profile.staff: many}}")
    offering = tiny_with(("banks/access.yaml", reason, to_many))
    walked = walk(offering, {"profile.staff": staff, "access.leavers": "does-not-apply"}, Depth.FULL)
    assert walked.standings["access.leavers"].state is state


def steps(answers: Mapping[str, Any], depth: Depth = Depth.FULL) -> list[str]:
    return [question.id for question in route(answers, depth).steps]


@pytest.mark.parametrize(
    ("answers", "depth", "expected"),
    [
        ({}, "full", ["profile.staff", "backups.made", "backups.tested", "access.second-step", "access.leavers"]),
        ({}, "standard", ["backups.made", "backups.tested", "access.second-step"]),
        ({}, "quick", ["backups.made", "access.second-step"]),
        ({"profile.staff": "one"}, "full", ["profile.staff", "backups.made", "backups.tested", "access.second-step"]),
        ({"backups.made": "never"}, "full", ["profile.staff", "backups.made", "access.second-step", "access.leavers"]),
        (
            {"access.leavers": "does-not-apply"},
            "full",
            ["profile.staff", "backups.made", "backups.tested", "access.second-step", "access.leavers"],
        ),
    ],
)
def test_the_steps_are_what_applies_in_the_order_written_facts_first(
    answers: dict[str, Any], depth: str, expected: list[str]
) -> None:
    assert steps(answers, Depth(depth)) == expected


def test_a_fact_is_asked_only_where_a_condition_at_this_depth_looks_at_it() -> None:
    assert relevant_facts(tiny(), Depth.FULL) == {"profile.staff"}
    assert relevant_facts(tiny(), Depth.QUICK) == frozenset()


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        ("{all: [{made: never}, {profile.staff: many}]}", True),
        ("{all: [{tested: never}, {profile.staff: many}]}", False),
        ("{any: [{tested: never}, {all: [{made: never}, {profile.staff: many}]}]}", True),
        ("{any: [{tested: never}, {all: [{tested: never}, {profile.staff: many}]}]}", False),
    ],
)
def test_a_fact_is_asked_where_a_rule_with_a_cap_can_hold_by_it(when: str, asked: bool) -> None:
    """At quick, which asks whether backups are made, and not whether they were tested."""
    rule = f"rules:\n  - {{id: new, code: K9, severity: info, when: {when}, caps: {{overall: 50}}, finding: So.}}\n"
    capping = tiny_with(("banks/backups.yaml", "rules:\n", rule))
    assert relevant_facts(capping, Depth.QUICK) == ({"profile.staff"} if asked else frozenset())


def test_an_unknown_fact_is_taken_as_assumed_and_named() -> None:
    assert route({}).assumed == ("profile.staff",)
    assert route({"profile.staff": "not-sure"}).assumed == ("profile.staff",)
    assert route({"profile.staff": "many"}).assumed == ()
    assert route({}, Depth.QUICK).assumed == ()
    assert route({}).facts["profile.staff"] == {"few"}


def test_after_and_before_walk_the_steps() -> None:
    answers = {"profile.staff": "few", "backups.made": "daily"}
    walked = route(answers)
    assert id_of(walked.after("backups.made")) == "backups.tested"
    assert id_of(walked.before("backups.made")) == "profile.staff"
    assert walked.before("profile.staff") is None
    assert walked.place("backups.tested") == 3
    assert walked.place("nowhere") is None


def test_after_the_last_step_comes_the_first_that_is_still_open_and_then_nothing() -> None:
    answers = {
        "profile.staff": "few",
        "backups.tested": "once",
        "access.second-step": "some",
        "access.leavers": "never",
    }
    assert id_of(route(answers).after("access.leavers")) == "backups.made"
    assert route({**answers, "backups.made": "daily"}).after("access.leavers") is None
    assert id_of(route({}).after("never-heard-of")) == "profile.staff"


def test_steps_that_were_answered_are_passed_over_on_the_way_on_but_not_on_the_way_back() -> None:
    answers = {"profile.staff": "few", "backups.made": "daily", "backups.tested": "once"}
    assert id_of(route(answers).after("profile.staff")) == "access.second-step"
    assert id_of(route(answers).before("access.second-step")) == "backups.tested"


def id_of(question: Any) -> str | None:
    return None if question is None else str(question.id)


@given(any_cases)
def test_whoever_follows_the_steps_answers_each_once_and_comes_to_an_end(case: Case) -> None:
    given_so_far: dict[str, Any] = {}
    asked: list[str] = []
    while (
        question := walk(case.questionnaire, given_so_far, case.depth).after(asked[-1] if asked else "")
    ) is not None:
        asked.append(question.id)
        given_so_far[question.id] = case.answers.get(question.id) or an_answer(case.questionnaire, question.id)
    assert len(asked) == len(set(asked))
    walked = walk(case.questionnaire, given_so_far, case.depth)
    assert not walked.open_steps
    assert not walked.assumed or any(a == "not-sure" for a in given_so_far.values())


def an_answer(questionnaire: Questionnaire, question_id: str) -> Any:
    question = questionnaire.questions[question_id]
    if question.kind == "number":
        return question.at_least or 0
    if question.kind == "text":
        return "In words"
    return frozenset(question.ladder[:1]) if question.kind == "multiple" else question.ladder[0]


@given(any_cases)
def test_every_question_of_a_bank_has_a_standing_and_only_facts_come_before_them(case: Case) -> None:
    walked = walk(case.questionnaire, case.answers, case.depth)
    assert list(walked.standings) == [q.id for bank in case.questionnaire.banks for q in bank.questions]
    kinds = [question.bank == PROFILE for question in walked.steps]
    assert kinds == sorted(kinds, reverse=True)
    assert all(walked.before(step.id) in (None, *walked.steps) for step in walked.steps)
