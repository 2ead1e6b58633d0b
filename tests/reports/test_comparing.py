"""Two outcomes compared: tables over a tiny questionnaire, the labelled firms, and what must hold of any two."""

import json
import re
from collections import Counter
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from assessment.engine.answers import Answers, read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import load_scenarios
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.reports.charts import bank_pair, two_scores
from assessment.reports.comparison.comparing import OtherQuestionnaire, compare
from assessment.reports.comparison.comparison import (
    ActionMove,
    Comparison,
    Fate,
    FindingMove,
    Group,
    Move,
    Progress,
    Taken,
)
from assessment.reports.comparison.following import NOT_ASKED
from assessment.reports.comparison.judging import ENGINES, FIRM_CHANGED
from assessment.reports.pdf import render_comparison
from assessment.reports.report import Sponsor
from tests.engine.strategies import Case, shipped, shipped_case
from tests.engine.tiny import tiny, tiny_with
from tests.reports.conftest import FOLDER, NAMES, SPONSOR, questionnaire

TEMPLATE = Path("templates/report/comparison.typ")
MARCH, NOVEMBER = date(2026, 3, 3), date(2026, 11, 22)
GOOD: Answers = {
    "profile.staff": "few",
    "profile.sector": "other",
    "backups.made": "daily",
    "backups.tested": "often",
    "access.second-step": "everybody",
    "access.leavers": "always",
}


def taken(on: date = MARCH, depth: Depth = Depth.FULL, by: Questionnaire | None = None, **given: str) -> Taken:
    """One outcome of the tiny questionnaire: all is well but for what is given; an empty answer is none."""
    by = by or tiny()
    short = {name.partition(".")[2].replace("-", "_"): name for name in GOOD}
    answers = {**GOOD, **{short[name]: answer for name, answer in given.items()}}
    kept = {name: answer for name, answer in answers.items() if answer and name in by.questions}
    return Taken(assess(by, kept, depth), by, on)


def compared(before: Taken, after: Taken) -> Comparison:
    return compare(before, after, SPONSOR)


def moves(made: Comparison) -> dict[str, Move]:
    return {one.question: one.move for group in made.answers for one in group.of}


def findings(made: Comparison) -> list[FindingMove]:
    return [one for group in (*made.criticals, *made.findings) for one in group.of]


def fates(made: Comparison) -> dict[str, Fate]:
    return {one.rule: one.fate for one in findings(made)}


def steps(made: Comparison) -> list[ActionMove]:
    return [one for group in made.actions for one in group.of]


def progress(made: Comparison) -> dict[str, Progress]:
    return {one.id: one.progress for one in steps(made)}


MOVED = [
    ({"made": "weekly"}, {"made": "daily"}, {"backups.made": Move.BETTER}),
    ({"made": "daily"}, {"made": "weekly"}, {"backups.made": Move.WORSE}),
    ({"made": "daily"}, {"made": "daily"}, {}),
    ({"made": "not-sure"}, {"made": "weekly"}, {"backups.made": Move.KNOWN}),
    ({"made": "weekly"}, {"made": "not-sure"}, {"backups.made": Move.UNKNOWN}),
    ({"made": "weekly"}, {"made": ""}, {"backups.made": Move.UNKNOWN}),
    ({"made": ""}, {"made": "not-sure"}, {"backups.made": Move.CHANGED}),
    ({"made": "not-sure"}, {"made": "not-sure"}, {}),
    ({"leavers": "never"}, {"leavers": "does-not-apply"}, {"access.leavers": Move.NO_LONGER_APPLIES}),
    ({"leavers": "does-not-apply"}, {"leavers": "always"}, {"access.leavers": Move.NOW_APPLIES}),
    ({"staff": "one"}, {"leavers": "does-not-apply"}, {"profile.staff": Move.CHANGED}),
    ({}, {"staff": "one"}, {"profile.staff": Move.CHANGED, "access.leavers": Move.NO_LONGER_APPLIES}),
    ({"staff": ""}, {"staff": "few"}, {"profile.staff": Move.KNOWN}),
    (
        {"made": "never", "tested": ""},
        {"made": "weekly", "tested": "never"},
        {"backups.made": Move.BETTER},
    ),
    (
        {"made": "never", "tested": ""},
        {"made": "weekly", "tested": "once"},
        {"backups.made": Move.BETTER, "backups.tested": Move.BETTER},
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), MOVED, ids=repr)
def test_how_an_answer_moved(before: dict[str, str], after: dict[str, str], expected: dict[str, Move]) -> None:
    made = compared(taken(**before), taken(NOVEMBER, **after))
    asked = {one.question for one in (*made.newly_asked, *made.no_longer_asked)}
    assert moves(made) == expected
    assert asked == set()


def test_an_answer_is_quoted_then_and_now_and_says_what_it_followed_from() -> None:
    made = compared(taken(made="never", tested=""), taken(NOVEMBER, tested="once"))
    (group,) = made.answers
    told = {one.question: (one.ask, one.was, one.now, one.notes) for one in group.of}
    assert told["backups.tested"] == ("Were they tested?", "Never", "Once", ("Then it followed from “Backups made”.",))
    assert told["backups.made"] == ("Are backups made?", "Never", "Every day", ())


def test_what_a_critical_finding_rests_on_stands_first_then_what_weighs_most() -> None:
    weak = {"made": "never", "tested": "never", "second_step": "none", "leavers": "never"}
    (group,) = compared(taken(**weak), taken(NOVEMBER)).answers
    order = [one.question for one in group.of]
    assert order == ["backups.made", "backups.tested", "access.leavers", "access.second-step"]
    assert [one.critical for one in group.of] == [True, False, False, False]


FATE = [
    ({"made": "never"}, {}, {"backups.none": Fate.GONE, "held": Fate.GONE}),
    ({}, {"made": "never"}, {"backups.none": Fate.NEW, "held": Fate.NEW}),
    ({"made": "never"}, {"made": "never"}, {"backups.none": Fate.STILL, "held": Fate.STILL}),
    ({"made": "never"}, {"made": "not-sure"}, {"backups.none": Fate.STILL, "held": Fate.STILL}),
    ({"made": "not-sure"}, {}, {"backups.none": Fate.GONE, "held": Fate.GONE}),
    ({"made": "never"}, {"made": ""}, {"backups.none": Fate.NOT_SEEN, "held": Fate.NOT_SEEN}),
    ({"made": "", "tested": ""}, {"made": "never"}, {"backups.none": Fate.FIRST_SEEN}),
    ({"tested": "never"}, {}, {"backups.untested": Fate.GONE}),
    ({"tested": "never"}, {"tested": ""}, {"backups.untested": Fate.NOT_SEEN}),
]


@pytest.mark.parametrize(("before", "after", "expected"), FATE, ids=repr)
def test_what_became_of_a_finding(before: dict[str, str], after: dict[str, str], expected: dict[str, Fate]) -> None:
    found = fates(compared(taken(**before), taken(NOVEMBER, **after)))
    assert {rule: found.get(rule) for rule in expected} == expected


def test_a_finding_that_holds_only_because_of_another_is_still_there_and_says_so() -> None:
    made = compared(taken(tested="never"), taken(NOVEMBER, made="never"))
    untested = next(one for one in findings(made) if one.rule == "backups.untested")
    assert untested.fate is Fate.STILL
    assert untested.note == "Now it is part of “Nothing is backed up”."


def test_a_shallower_check_does_not_make_a_finding_go() -> None:
    made = compared(taken(tested="never"), taken(NOVEMBER, Depth.QUICK))
    (one,) = (one for one in findings(made) if one.rule == "backups.untested")
    assert (one.fate, one.note) == (Fate.NOT_SEEN, "This time: a quick check does not look at it.")
    made = compared(taken(depth=Depth.QUICK), taken(NOVEMBER, tested="never"))
    assert fates(made)["backups.untested"] is Fate.FIRST_SEEN


DONE = [
    ({"made": "never", "tested": ""}, {}, {"backups.make": Progress.DONE, "backups.test": Progress.DONE}),
    (
        {"made": "never", "tested": ""},
        {"made": "weekly", "tested": "once"},
        {"backups.make": Progress.PARTLY, "backups.test": Progress.PARTLY},
    ),
    (
        {"made": "never", "tested": ""},
        {"made": "never"},
        {"backups.make": Progress.OPEN, "backups.test": Progress.OPEN},
    ),
    ({"made": "weekly"}, {"made": "never"}, {"backups.make": Progress.OPEN}),
    ({"made": "weekly"}, {"made": "not-sure"}, {"backups.make": Progress.OPEN}),
    ({"made": "weekly"}, {"made": ""}, {"backups.make": Progress.UNSEEN}),
    ({"made": "not-sure"}, {}, {"backups.make": Progress.DONE}),
    ({"made": "not-sure"}, {"made": "weekly"}, {"backups.make": Progress.DONE}),
    ({"made": "not-sure"}, {"made": "not-sure"}, {"backups.make": Progress.OPEN}),
    ({"leavers": "never"}, {"leavers": "does-not-apply"}, {"access.lock-out": Progress.NO_LONGER_APPLIES}),
    ({"leavers": "never"}, {"staff": "one"}, {"access.lock-out": Progress.NO_LONGER_APPLIES}),
    ({"leavers": "never"}, {}, {"access.lock-out": Progress.DONE}),
]


@pytest.mark.parametrize(("before", "after", "expected"), DONE, ids=repr)
def test_how_far_an_action_is(before: dict[str, str], after: dict[str, str], expected: dict[str, Progress]) -> None:
    assert progress(compared(taken(**before), taken(NOVEMBER, **after))) == expected


def test_an_action_the_later_check_did_not_ask_about_is_neither_done_nor_open() -> None:
    made = compared(taken(leavers="never"), taken(NOVEMBER, Depth.QUICK))
    assert progress(made) == {"access.lock-out": Progress.UNSEEN}


def test_what_was_found_out_becomes_a_new_step_of_the_later_plan() -> None:
    made = compared(taken(made="not-sure"), taken(NOVEMBER, made="weekly", second_step="none"))
    (found_out,) = steps(made)
    assert found_out.note == "Found out; what to do about it stands in the later plan"
    assert [one.id for one in made.new_actions] == ["access.switch-on", "backups.make"]
    assert [one.find_out for one in made.new_actions] == [False, False]


VERDICTS = [
    (
        {"made": "never"},
        {},
        "From 33 to 100 since March: one critical finding is gone.",
    ),
    ({"made": "weekly"}, {"made": "never"}, "From 82 to 33 since March: one critical finding is new."),
    ({"made": "never"}, {"made": "never"}, "33, the same as in March: one critical finding is still there."),
    ({}, {"tested": "once"}, "From 100 to 91 since March: no critical finding, then or now."),
]


@pytest.mark.parametrize(("before", "after", "expected"), VERDICTS, ids=repr)
def test_the_verdict_says_it_in_one_sentence(before: dict[str, str], after: dict[str, str], expected: str) -> None:
    assert compared(taken(**before), taken(NOVEMBER, **after)).verdict == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 22), "on the same day"),
        (date(2026, 11, 3), "since 3 November"),
        (date(2026, 1, 3), "since January"),
        (date(2025, 11, 22), "since November 2025"),
    ],
)
def test_the_verdict_names_the_earlier_day_as_exactly_as_is_needed(on: date, expected: str) -> None:
    assert f" to 100 {expected}: " in compared(taken(on, tested="once"), taken(NOVEMBER)).verdict


def test_a_deeper_check_is_not_called_progress() -> None:
    made = compared(taken(depth=Depth.QUICK, second_step="none"), taken(NOVEMBER))
    assert made.verdict.startswith("67 in March by a quick check, 100 now by a full check: ")
    assert not made.alike
    assert made.difference == 33
    (said,) = made.cautions
    assert said == (
        "The second check asked more questions: it was a full check, the first a quick check. "
        "2 questions were asked both times. Of those answers, 1 is better."
    )
    assert {one.question for one in made.newly_asked} == {"backups.tested", "access.leavers", "profile.staff"}
    assert {one.why for one in made.newly_asked} == {"Not part of a quick check"}
    assert {bank.id: bank.note for bank in made.banks} == {
        "access": "Rests on 1 more question than before.",
        "backups": "Rests on 1 more question than before.",
    }


def test_an_open_answer_that_could_pull_the_score_down_is_told() -> None:
    made = compared(taken(), taken(NOVEMBER, made="not-sure"))
    assert re.match(r"From 100 to \d+ \(but \d+ if an open answer turns out badly\) since March: ", made.verdict)
    assert any(said.startswith("The second score is provisional: ") for said in made.cautions)


def test_ranges_that_overlap_are_told() -> None:
    made = compared(taken(tested="not-sure"), taken(NOVEMBER, tested="once"))
    assert any("The two overlap, so the true change may be smaller." in said for said in made.cautions)


def test_another_way_of_working_scores_out_and_another_firm_are_told() -> None:
    after = taken(NOVEMBER, staff="many")
    made = compared(taken(), Taken(after.outcome.model_copy(update={"engine": "of-tomorrow"}), tiny(), NOVEMBER))
    assert not made.alike
    assert made.cautions == (ENGINES, FIRM_CHANGED)


def test_without_a_score_there_is_no_difference() -> None:
    nothing = Taken(assess(tiny(), {}, Depth.FULL), tiny(), MARCH)
    made = compared(nothing, taken(NOVEMBER))
    assert made.difference is None
    assert made.verdict == "No score in March, 100 now: no critical finding, then or now."
    assert "The first check has no score, because no scored question was answered." in made.cautions
    assert compared(nothing, nothing).verdict.startswith("No score earlier that day, no score now: ")
    assert two_scores(compared(nothing, nothing).before, compared(nothing, nothing).after) == ""


def newer(*changes: tuple[str, str, str]) -> Questionnaire:
    return tiny_with(("questionnaire.yaml", 'version: "1"', 'version: "2"'), *changes)


def test_choices_that_changed_are_shown_and_not_ranked() -> None:
    other = newer(("banks/access.yaml", "{id: some, says: For some, points: 60}", "{id: some, says: Some, points: 40}"))
    made = compared(taken(second_step="none"), taken(NOVEMBER, by=other, second_step="some"))
    ((one,),) = (group.of for group in made.answers)
    assert (one.move, one.was, one.now) == (Move.CHANGED, "None", "Some")
    assert one.notes == ("Its choices are not the same any more, so the two answers are not ranked.",)
    assert made.cautions == (
        "The questions changed between the two (version 1, then 2): 1 has other choices. "
        "Answers whose choices changed are shown, and not ranked.",
    )
    assert progress(made) == {"access.switch-on": Progress.UNSEEN}
    reached = compared(taken(second_step="none"), taken(NOVEMBER, by=other))
    assert progress(reached) == {"access.switch-on": Progress.DONE}


def test_a_question_of_one_version_alone_stands_apart() -> None:
    renamed = newer(
        ("banks/access.yaml", "- id: leavers", "- id: goers"),
        ("banks/access.yaml", "raises: {leavers: always}", "raises: {goers: always}"),
    )
    made = compared(taken(), Taken(assess(renamed, {**GOOD, "access.goers": "never"}, Depth.FULL), renamed, NOVEMBER))
    assert moves(made) == {}
    assert [(one.question, one.why) for one in made.newly_asked] == [("access.goers", "Not in version 1")]
    assert [(one.question, one.why) for one in made.no_longer_asked] == [("access.leavers", "Not in version 2")]
    assert "1 question is new and 1 is gone." in made.cautions[0]


def test_a_rule_that_is_no_longer_looked_at_is_not_gone() -> None:
    dropped = newer(
        ("banks/backups.yaml", "  - id: untested\n", "  - id: never-tested\n"),
    )
    made = compared(taken(tested="never"), taken(NOVEMBER, by=dropped, tested="never"))
    assert fates(made)["backups.untested"] is Fate.NOT_SEEN
    assert fates(made)["backups.never-tested"] is Fate.FIRST_SEEN


def test_two_questionnaires_are_not_compared() -> None:
    other = tiny_with(("questionnaire.yaml", "id: tiny", "id: other"))
    with pytest.raises(OtherQuestionnaire):
        compared(taken(), taken(by=other))


# The labelled firms.


@cache
def firm(name: str, on: date, depth: str = "") -> Taken:
    scenario = next(one for one in load_scenarios(FOLDER)[0] if one.id == name)
    sheet = read_sheet(questionnaire(), {"depth": depth or scenario.depth, "answers": dict(scenario.answers)})
    return Taken(assess(questionnaire(), sheet.answers, sheet.depth), questionnaire(), on)


def texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for part in value for text in texts(part)]
    if is_dataclass(value) and not isinstance(value, type):
        return [text for field in fields(value) for text in texts(getattr(value, field.name))]
    return []


def unspaced(text: str) -> str:
    return "".join(text.replace("\u00ad", "").split())


PAIRS = [(one, other) for one, other in zip(NAMES, [*NAMES[1:], NAMES[0]], strict=True)]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_the_pdf_tells_all_of_it_and_can_be_read_aloud(before: str, after: str) -> None:
    made = compared(firm(before, MARCH), firm(after, NOVEMBER))
    pdf = PdfReader(BytesIO(render_comparison(made, TEMPLATE)), strict=True)
    assert pdf.metadata is not None
    assert pdf.metadata.title == f"{made.title}, 22 November 2026"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in pdf.trailer["/Root"]["/Metadata"].get_data()
    text = unspaced(" ".join(page.extract_text() for page in pdf.pages))
    said = [made.verdict, *made.cautions, SPONSOR.name, *(bank.title for bank in made.banks)]
    said += [part for one in findings(made) for part in (one.title, one.note)]
    said += [part for one in steps(made) for part in (one.do, one.note)]
    said += [one.do for one in made.new_actions]
    said += [part for group in made.answers for one in group.of for part in (one.ask, one.was, one.now, *one.notes)]
    said += [part for one in (*made.newly_asked, *made.no_longer_asked) for part in (one.ask, one.says, one.why)]
    assert [one for one in said if unspaced(one) not in text] == []


def test_a_step_stays_open_while_nobody_is_sure_whether_it_is_needed() -> None:
    scenario = next(one for one in load_scenarios(FOLDER)[0] if one.id == "c1-dental-practice")
    given = {**scenario.answers, "access.remote-access": "not-sure", "access.email-mfa": "every-mailbox"}
    sheet = read_sheet(questionnaire(), {"depth": "full", "answers": given})
    after = Taken(assess(questionnaire(), sheet.answers, sheet.depth), questionnaire(), NOVEMBER)
    made = compared(firm("c1-dental-practice", MARCH), after)
    (one,) = (one for one in steps(made) if one.id == "access.assume-someone-is-in")
    assert (one.progress, one.note) == (Progress.OPEN, "Nobody was sure this time")


def test_signs_that_came_and_went_are_named() -> None:
    there, back = (compared(firm(*pair), firm(*other)) for pair, other in (SIGNED, SIGNED[::-1]))
    assert there.signs is not None
    assert back.signs is not None
    assert there.signs.before - there.signs.after == len(there.signs.gone) - len(there.signs.new) > 0
    assert (there.signs.gone, there.signs.new) == (back.signs.new, back.signs.gone)


SIGNED = (("c1-dental-practice", MARCH), ("c8-architecture-firm", NOVEMBER))


@pytest.mark.parametrize("depth", list(Depth))
def test_without_any_answer_there_is_still_a_pdf_and_a_picture(depth: Depth) -> None:
    nothing = Taken(assess(questionnaire(), {}, depth), questionnaire(), MARCH)
    made = compare(nothing, firm(NAMES[0], NOVEMBER), Sponsor("🚀 #panic() " + "w" * 300))
    assert len(PdfReader(BytesIO(render_comparison(made, TEMPLATE)), strict=True).pages) >= 2
    assert "<title" in two_scores(made.before, made.after)
    assert all("now" in bank_pair(bank) for bank in made.banks)


def test_the_same_comparison_gives_the_same_bytes() -> None:
    made = compared(firm(NAMES[0], MARCH), firm(NAMES[-1], NOVEMBER))
    assert render_comparison(made, TEMPLATE) == render_comparison(made, TEMPLATE)


STAFF_WORDS = re.compile(r"\b(lead|prospect|respondent|tenant|they|their owner|staff brief)\b", re.IGNORECASE)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_its_own_sentences_could_be_read_by_the_owner(before: str, after: str) -> None:
    made = compared(firm(before, MARCH, "quick"), firm(after, NOVEMBER))
    own = [made.verdict, *made.cautions, *(one.note for one in findings(made)), *(one.note for one in steps(made))]
    assert [text for text in own if STAFF_WORDS.search(text)] == []


# What must hold of any two.

SEEDS = st.integers(0, 2**32)
DEPTHS = st.sampled_from(list(Depth)[::-1])


def outcome_of(case: Case, on: date, by: Questionnaire | None = None) -> Taken:
    by = by or case.questionnaire
    return Taken(assess(by, case.answers, case.depth), by, on)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Taken, Taken]:
    """Two of the shipped questionnaire: the later one another firm's answers in part; perhaps in a newer version."""
    depth = draw(DEPTHS)
    first, second = shipped_case(draw(SEEDS), depth), shipped_case(draw(SEEDS), draw(st.sampled_from([depth, *Depth])))
    share = draw(st.integers(0, 4))
    taken_over = {q: a for n, (q, a) in enumerate(second.answers.items()) if n % 4 < share}
    mixed = Case(shipped(), {**first.answers, **taken_over}, second.depth)
    version = draw(st.sampled_from([None, None, later_version()]))
    return outcome_of(first, MARCH), outcome_of(mixed, NOVEMBER, version)


@cache
def later_version() -> Questionnaire:
    """The shipped questionnaire as it could be later: the choices of every third question are worth something else."""
    data = json.loads(shipped().canonical_json)
    for number, question in enumerate(question for bank in data["banks"] for question in bank["questions"]):
        if number % 3 == 0 and shipped().questions[question["id"]].scored:
            question["options"][0]["points"] = 1
    return Questionnaire.model_validate({**data, "version": "2027.03"})


MIRROR = {
    Move.BETTER: Move.WORSE,
    Move.KNOWN: Move.UNKNOWN,
    Move.NO_LONGER_APPLIES: Move.NOW_APPLIES,
    Move.CHANGED: Move.CHANGED,
}
MIRROR |= {value: key for key, value in MIRROR.items()}
FATE_MIRROR = {Fate.NEW: Fate.GONE, Fate.FIRST_SEEN: Fate.NOT_SEEN, Fate.STILL: Fate.STILL}
FATE_MIRROR |= {value: key for key, value in FATE_MIRROR.items()}


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, depth=DEPTHS)
def test_compared_with_itself_nothing_moves(seed: int, depth: Depth) -> None:
    one = outcome_of(shipped_case(seed, depth), MARCH)
    made = compared(one, one)
    assert made.answers == made.newly_asked == made.no_longer_asked == made.new_actions == ()
    assert set(fates(made).values()) <= {Fate.STILL}
    assert set(progress(made).values()) <= {Progress.OPEN}
    assert made.difference in (0, None)
    assert all(bank.difference == 0 and not bank.note for bank in made.banks)
    assert made.alike


@settings(max_examples=60, deadline=None)
@given(pair=pairs())
def test_the_other_way_round_better_is_worse(pair: tuple[Taken, Taken]) -> None:
    there, back = compared(*pair), compared(*reversed(pair))
    assert moves(back) == {question: MIRROR[move] for question, move in moves(there).items()}
    assert fates(back) == {rule: FATE_MIRROR[fate] for rule, fate in fates(there).items()}
    assert [one.question for one in back.newly_asked] == [one.question for one in there.no_longer_asked]
    assert back.difference == (None if there.difference is None else -there.difference)
    assert (back.asked_both_times, back.unmoved) == (there.asked_both_times, there.unmoved)


@settings(max_examples=60, deadline=None)
@given(pair=pairs())
def test_every_answer_is_told_once_and_every_step_has_one_fate(pair: tuple[Taken, Taken]) -> None:
    made, (before, after) = compared(*pair), pair
    told = Counter([*moves(made), *(one.question for one in (*made.newly_asked, *made.no_longer_asked))])
    assert sum(len(group.of) for group in made.answers) == len(moves(made))
    assert set(told.values()) <= {1}
    was, now = ({a.question: a for a in one.outcome.answers} for one in pair)
    for question in was.keys() & now.keys():
        same = (was[question].state, was[question].options) == (now[question].state, now[question].options)
        assert not (same and question in told), question
        counted = (was[question].options, now[question].options)
        both_known = {was[question].state, now[question].state} <= {"answered", "settled"}
        assert not both_known or (counted[0] != counted[1]) == (question in told), question
    assert Counter(one.id for one in steps(made)) == Counter(action.id for action in before.outcome.plan)
    earlier = {action.id: action.mode for action in before.outcome.plan}
    expected = {
        action.id
        for action in after.outcome.plan
        if action.id not in earlier or (earlier[action.id], action.mode) == ("find-out", "do")
    }
    assert {one.id for one in made.new_actions} == expected


@settings(max_examples=60, deadline=None)
@given(pair=pairs())
def test_differences_are_those_of_the_displayed_scores_and_findings_those_of_the_outcomes(
    pair: tuple[Taken, Taken],
) -> None:
    made = compared(*pair)
    was, now = (one.outcome for one in pair)
    assert made.difference == (now.overall.score - was.overall.score if was.overall and now.overall else None)
    scores = [{bank.id: bank.score for bank in outcome.banks} for outcome in (was, now)]
    for bank in made.banks:
        both = bank.id in scores[0] and bank.id in scores[1]
        assert bank.difference == (scores[1][bank.id] - scores[0][bank.id] if both else None)
    assert {bank.id for bank in made.banks} == scores[0].keys() | scores[1].keys()
    told = fates(made)
    for outcome, gone in (
        (was, {Fate.GONE, Fate.NOT_SEEN, Fate.STILL}),
        (now, {Fate.NEW, Fate.FIRST_SEEN, Fate.STILL}),
    ):
        for finding in outcome.findings:
            if shipped().all_rules[finding.rule].finding:
                assert told[finding.rule] in gone


@settings(max_examples=60, deadline=None)
@given(pair=pairs())
def test_a_step_is_done_only_where_the_later_plan_no_longer_asks_for_it(pair: tuple[Taken, Taken]) -> None:
    made, (before, after) = compared(*pair), pair
    later = {action.id: action.mode for action in after.outcome.plan}
    earlier = {action.id: action.mode for action in before.outcome.plan}
    for one in steps(made):
        if one.progress is Progress.DONE:
            assert one.id not in later or (earlier[one.id], later[one.id]) == ("find-out", "do")
            if earlier[one.id] == "do":
                assert all(reached(after, *aim) or reached(before, *aim) for aim in raised(one.id)), one


@settings(max_examples=60, deadline=None)
@given(pair=pairs())
def test_a_step_leaves_the_plan_only_where_that_can_be_told(pair: tuple[Taken, Taken]) -> None:
    made, (before, after) = compared(*pair), pair
    later, states = {action.id for action in after.outcome.plan}, {a.question: a.state for a in after.outcome.answers}
    earlier = {action.id: action for action in before.outcome.plan}
    for one in steps(made):
        when = shipped().refers_to(shipped().recommendations[one.id].when)
        told = all(states.get(question) in ("answered", "settled") for question in when)
        if one.progress is Progress.OPEN and not one.note and told:
            assert one.id in later, one
        if one.note == NOT_ASKED:
            assert not {states.get(question) for question in earlier[one.id].reasons} & {"not-sure", "unanswered"}


def raised(action: str) -> list[tuple[str, str]]:
    return list(shipped().recommendations[action].raises.items())


def reached(one: Taken, question: str, target: str) -> bool:
    """Whether an answer is what an action aims at or better, or nobody can say that it is not."""
    answer = next((a for a in one.outcome.answers if a.question == question), None)
    if answer is None or answer.state not in ("answered", "settled"):
        return answer is None or answer.state == "does-not-apply"
    ladder = shipped().ladders[question]
    return ladder.index(answer.options[0]) >= ladder.index(target)


@settings(max_examples=40, deadline=None)
@given(pair=pairs())
def test_the_weightiest_stand_first_and_ties_by_id(pair: tuple[Taken, Taken]) -> None:
    made = compared(*pair)
    groups: tuple[Group[FindingMove] | Group[ActionMove], ...] = (*made.criticals, *made.actions)
    for group in groups:
        critical = [one.critical for one in group.of]
        assert critical == sorted(critical, reverse=True)
    for answers in made.answers:
        critical = [one.critical for one in answers.of]
        assert critical == sorted(critical, reverse=True)
    weighing = [abs(bank.difference or 0) for bank in made.banks if bank.weighs]
    assert weighing == sorted(weighing, reverse=True)
    assert compared(*pair) == made
