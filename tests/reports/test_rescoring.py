"""The same answers by another version: each change alone, in words; and that the parts sum to the movement, always."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.engine.answers import Answers, carry
from assessment.engine.assess import assess
from assessment.engine.loading import load_scenarios
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.engine.result import ENGINE, Outcome
from assessment.reports.comparison.movement import CAUSES, Cause
from assessment.reports.comparison.rescored import Rescored, as_data, lines, rescore
from tests.engine.sound import Dice
from tests.engine.strategies import SEEDS, Case, answers_to, generated, shipped, shipped_case, weighed_otherwise
from tests.engine.tiny import tiny, tiny_with
from tests.reports.conftest import FOLDER
from tests.storage.conftest import changed

BACKUPS, ACCESS, WHOLE = "banks/backups.yaml", "banks/access.yaml", "questionnaire.yaml"
NEXT = (WHOLE, 'version: "1"', 'version: "2"')
GIVEN: Answers = {
    "profile.staff": "few",
    "profile.sector": "other",
    "backups.made": "weekly",
    "backups.tested": "never",
    "access.second-step": "some",
    "access.leavers": "always",
}
"""Backups: made 60 at weight 2, tested 0 at weight 1, so 40; signing in: 60 and 100, so 80; overall (2·40 + 80) ÷ 3."""

LEAVERS = """  - id: leavers
    code: A2
    short: Leavers
    ask: Are leavers locked out?
    weight: 1
    when: {profile.staff: {at_least: few}}
    does_not_apply: {says: Nobody ever left.}
    options:
      - {id: never, says: Never, points: 0}
      - {id: always, says: Always, points: 100}
"""
LOCK_OUT = (
    "  - {id: lock-out, code: R4, do: Lock them out., why: So., raises: {leavers: always}, effort: {owner: 1}, "
    'horizon: "90", who: owner, impact: 30}\n'
)
GUESTS = """  - id: guests
    code: A3
    short: Guests
    ask: Do guests have a network of their own?
    weight: 2
    settled: {when: {second-step: {at_most: some}}, as: no-network}
    options:
      - {id: no-network, says: They do not, points: 0}
      - {id: own, says: They do, points: 100}
"""
OWN = (
    "  - {id: own, code: R5, do: Give them one., why: So., raises: {guests: own}, effort: {owner: 1}, "
    'horizon: "90", who: owner, impact: 30}\n'
)


def scored_again(*changes: tuple[str, str, str], answers: Answers = GIVEN) -> Rescored:
    return rescore(assess(tiny(), answers, Depth.FULL), tiny(), tiny_with(NEXT, *changes), answers)


def moves(found: Rescored) -> list[tuple[Cause, str, int | None, int | None, Fraction]]:
    assert found.movement is not None
    return [(one.cause, one.about, one.was, one.now, one.points) for one in found.movement.changes]


F = Fraction
CHANGES = {
    "wording alone": (((BACKUPS, "ask: Are backups made?", "ask: Is all of it copied?"),), []),
    "points": (
        ((BACKUPS, "{id: weekly, says: Every week, points: 60}", "{id: weekly, says: Every week, points: 30}"),),
        [(Cause.POINTS, "backups.made", 60, 30, F(-40, 3))],
    ),
    "a weight": (
        ((BACKUPS, "    weight: 2\n", "    weight: 5\n"),),
        [(Cause.WEIGHT, "backups.made", 2, 5, F(20, 3))],
    ),
    "the weight of a bank": (
        ((WHOLE, "{bank: backups, weight: 2}", "{bank: backups, weight: 4}"),),
        [(Cause.BANK, "backups", 2, 4, F(48) - F(160, 3))],
    ),
    "a cap": (
        ((BACKUPS, "when: {tested: never}\n    caps: {bank: 60}", "when: {tested: never}\n    caps: {bank: 25}"),),
        [(Cause.RULE, "backups.untested", 60, 25, F(-10))],
    ),
    "a question is gone": (
        ((ACCESS, LEAVERS, ""), (ACCESS, LOCK_OUT, "")),
        [(Cause.GONE, "access.leavers", 100, None, F(-20, 3))],
    ),
    "an answer is not offered any more": (
        ((ACCESS, "{id: some, says: For some", "{id: half, says: For half"),),
        [(Cause.DROPPED, "access.second-step", 60, None, F(20, 3))],
    ),
    "a question is new, and settled": (
        ((ACCESS, "recommendations:\n", f"{GUESTS}recommendations:\n{OWN}"),),
        [(Cause.NEW, "access.guests", None, 0, F(-40, 3))],
    ),
    "a question applies to others now": (
        ((ACCESS, "when: {profile.staff: {at_least: few}}", "when: {profile.staff: many}"),),
        [(Cause.OTHERWISE, "access.leavers", 100, None, F(-20, 3))],
    ),
    "several, one after the other": (
        (
            (BACKUPS, "{id: weekly, says: Every week, points: 60}", "{id: weekly, says: Every week, points: 30}"),
            (BACKUPS, "    weight: 2\n", "    weight: 5\n"),
            (WHOLE, "{bank: backups, weight: 2}", "{bank: backups, weight: 4}"),
        ),
        [
            (Cause.POINTS, "backups.made", 60, 30, F(-40, 3)),
            (Cause.WEIGHT, "backups.made", 2, 5, F(10, 3)),
            (Cause.BANK, "backups", 2, 4, F(36) - F(130, 3)),
        ],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_moves_the_score_by_so_much_and_for_that_reason(name: str) -> None:
    changes, expected = CHANGES[name]
    found = scored_again(*changes)
    assert moves(found) == expected
    assert found.movement is not None
    assert found.movement.before == F(160, 3)
    assert found.movement.after == F(160, 3) + sum(points for *_, points in expected)


def test_an_answer_that_is_not_offered_counts_as_not_given_and_nothing_is_made_up() -> None:
    found = scored_again((ACCESS, "{id: some, says: For some", "{id: half, says: For half"))
    assert found.dropped == ("access.second-step",)
    assert found.given == {name: answer for name, answer in GIVEN.items() if name != "access.second-step"}
    states = {answer.question: answer.state for answer in found.now.answers}
    assert states["access.second-step"] == "unanswered"


def test_under_a_cap_that_holds_either_way_a_weight_is_told_of_and_moves_nothing() -> None:
    found = scored_again((BACKUPS, "    weight: 2\n", "    weight: 5\n"), answers={**GIVEN, "backups.made": "daily"})
    assert moves(found) == [(Cause.WEIGHT, "backups.made", 2, 5, F(0))]


def test_a_rule_is_new_or_gone_or_changed_or_sees_other_answers() -> None:
    untested = "    when: {tested: never}\n    caps: {bank: 60}\n"
    rule = f"  - id: untested\n    code: K2\n    severity: high\n{untested}"
    rule += "    finding: Nothing was tested.\n    recommends: [test]\n"
    cases = {
        "60 → 25 (the rule changed)": scored_again((BACKUPS, untested, untested.replace("60", "25"))),
        "60 → none (the rule is gone)": scored_again((BACKUPS, rule, "")),
        "60 → none (the same rule; what it looks at changed)": scored_again(
            (BACKUPS, "    tier: standard\n", "    tier: standard\n    when: {profile.staff: many}\n")
        ),
    }
    for says, found in cases.items():
        assert f"backups.untested holds backups at: {says}" in "\n".join(lines(found))
    back = rescore(
        assess(tiny_with(NEXT, (BACKUPS, rule, "")), GIVEN, Depth.FULL),
        tiny_with(NEXT, (BACKUPS, rule, "")),
        tiny(),
        GIVEN,
    )
    assert "backups.untested holds backups at: none → 60 (a new rule)" in "\n".join(lines(back))


def test_what_is_said_names_the_score_the_reasons_and_the_first_actions() -> None:
    found = scored_again(*CHANGES["several, one after the other"][0], (ACCESS, "impact: 85", "impact: 5"))
    assert list(lines(found))[:5] == [
        "overall: 53 → 36, band: Fair → Low",
        "  backups            40 → 25",
        "  access             80 → 80",
        "why, made one after the other in this order (-17.3 before rounding):",
        "   -13.3  What an answer is worth",
    ]
    assert "     -13.3  Backups made: 60 → 30" in list(lines(found))
    assert "      -7.3  Backups: 2 → 4" in list(lines(found))


def test_a_band_that_a_rule_holds_back_names_the_rule() -> None:
    answers = {**GIVEN, "backups.made": "never", "backups.tested": "often"}
    worse = scored_again((WHOLE, "caps: {band: fair}", "caps: {band: low}"), answers=answers)
    assert "band: Low, as before" in next(lines(worse))
    gone = scored_again((BACKUPS, "caps: {bank: 5, overall: 40}", "caps: {bank: 5, overall: 1}"), answers=answers)
    assert "  score or band held back by no rule → backups.none" in lines(gone)


def test_where_nothing_moved_it_says_so() -> None:
    told = list(lines(scored_again()))
    assert told[0] == "overall: 53 → 53, band: Fair, as before"
    assert told[-2:] == ["Nothing that these answers rest on changed.", "The first 3 actions stay as they are."]


def test_without_a_score_there_is_nothing_to_explain() -> None:
    found = scored_again(answers={"profile.staff": "few"})
    assert found.movement is None
    assert "no score → no score" in next(lines(found))
    assert as_data(found)["moved_exact"] is None


def test_an_outcome_of_another_engine_differs_by_the_engine_first() -> None:
    was = assess(tiny(), GIVEN, Depth.FULL)
    assert was.overall is not None
    older = was.model_copy(update={"engine": "0", "overall": was.overall.model_copy(update={"score_exact": F(50)})})
    found = rescore(older, tiny(), tiny_with(NEXT), GIVEN)
    assert moves(found) == [(Cause.ENGINE, "", None, None, F(10, 3))]
    assert f"engine 0 → {ENGINE}" in "\n".join(lines(found))


def test_every_cause_is_called_something() -> None:
    assert set(CAUSES) == set(Cause)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Case, Questionnaire]:
    """Answers to a small questionnaire, and a later version: with other weights, or another one but for its ids."""
    case = generated(draw(SEEDS))
    if draw(st.booleans()):
        return case, weighed_otherwise(case.questionnaire, Dice(draw(SEEDS)))
    return case, generated(draw(SEEDS)).questionnaire


def holds(found: Rescored) -> None:
    """What is true of every answer sheet scored by any two versions."""
    overall = [one.overall for one in (found.was, found.now)]
    assert found.now == assess(found.later, found.given, found.was.depth)
    if None in overall:
        assert found.movement is None
        return
    assert found.movement is not None
    assert [found.movement.before, found.movement.after] == [one and one.score_exact for one in overall]
    assert found.movement.before + sum(one.points for one in found.movement.changes) == found.movement.after
    assert all(one.cause is Cause.RULE or one.was != one.now for one in found.movement.changes)
    told = [line.split()[0] for line in lines(found) if line.startswith("  ") and line.strip()[0] in "+-0"]
    if told:
        whole = next(line for line in lines(found) if line.startswith("why")).partition("(")[2].split()[0]
        assert sum(round(10 * float(one)) for one in told) == 2 * round(10 * float(whole)), "by cause, and one by one"


@given(pairs())
def test_the_parts_sum_to_the_movement_between_any_two_questionnaires(pair: tuple[Case, Questionnaire]) -> None:
    case, other = pair
    holds(rescore(assess(case.questionnaire, case.answers, case.depth), case.questionnaire, other, case.answers))


@pytest.mark.parametrize("seed", range(6))
def test_the_parts_sum_for_the_shipped_questionnaire_weighed_otherwise(seed: int) -> None:
    case = shipped_case(seed, Depth.FULL)
    later = changed(weighed_otherwise(shipped(), Dice(seed)), version="next")
    holds(rescore(case.outcome, shipped(), later, case.answers))


@given(pairs())
def test_answers_carried_over_are_answers_there_and_unchanged(pair: tuple[Case, Questionnaire]) -> None:
    case, other = pair
    kept = carry(other, case.answers)
    assert all(case.answers[name] == answer for name, answer in kept.items())
    assert all(answer in answers_to(other.questions[name]) for name, answer in kept.items())
    assert carry(case.questionnaire, case.answers) == case.answers


def test_a_stored_outcome_reads_back_to_the_same_movement() -> None:
    (firm,) = (one for one in load_scenarios(FOLDER)[0] if one.id == "c1-dental-practice")
    answers = shipped_case(7, Depth.FULL).answers
    later = changed(shipped(), version="next")
    was = assess(shipped(), answers, firm.depth)
    found = rescore(Outcome.model_validate_json(was.to_json()), shipped(), later, answers)
    assert found.movement is not None
    assert found.movement.changes == ()
    assert as_data(found)["first"]["before"] == as_data(found)["first"]["after"]
