"""The staff brief: what it says of each labelled firm, that its owner might read it too, and both documents as PDFs."""

import re
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import load_scenarios
from assessment.engine.questions import Depth
from assessment.engine.result import Outcome
from assessment.reports.brief import WEAK, Brief, build_brief
from assessment.reports.objections import AUTHORED, MOST
from assessment.reports.pdf import render, render_brief
from assessment.reports.report import Report, Sponsor
from assessment.reports.words import duration
from assessment.reports.writing import build
from tests.reports.conftest import FOLDER, NAMES, SPONSOR, questionnaire

REPORT, BRIEF = Path("templates/report/report.typ"), Path("templates/report/brief.typ")
ON = date(2026, 11, 22)


@cache
def written(name: str, depth: str = "") -> tuple[Report, Outcome, Brief]:
    scenario = next(one for one in load_scenarios(FOLDER)[0] if one.id == name)
    sheet = read_sheet(questionnaire(), {"depth": scenario.depth, "answers": dict(scenario.answers)})
    outcome = assess(questionnaire(), sheet.answers, Depth(depth) if depth else sheet.depth)
    report = build(outcome, questionnaire(), SPONSOR, ON)
    return report, outcome, build_brief(report, outcome, questionnaire())


@pytest.fixture(params=NAMES)
def firm(request: pytest.FixtureRequest) -> tuple[Report, Outcome, Brief]:
    return written(request.param)


def texts(value: object) -> list[str]:
    """Every word staff read."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for part in value for text in texts(part)]
    if is_dataclass(value) and not isinstance(value, type):
        return [text for field in fields(value) for text in texts(getattr(value, field.name))]
    return []


def unspaced(text: str) -> str:
    return "".join(text.replace("\u00ad", "").split())


def text_of(pdf: bytes) -> str:
    return unspaced(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf), strict=True).pages))


ASHAMED = re.compile(
    r"\b(prospects?|close the (?:deal|sale)|upsell|pitch|pain points?|scare|fear|hackers?|negligen\w+|careless|"
    r"stupid|ignoran\w+|naive|amateur\w*|incompeten\w+|cheap ?skate|lazy|urgency|objections?|leverage|exploit)\b",
    re.IGNORECASE,
)


def test_nothing_in_it_would_make_its_owner_ashamed(firm: tuple[Report, Outcome, Brief]) -> None:
    _, _, brief = firm
    assert [text for text in texts(brief) if ASHAMED.search(text)] == []


def test_nothing_that_may_ever_be_replied_would() -> None:
    assert [one.reply for one in AUTHORED if ASHAMED.search(one.reply) or ASHAMED.search(one.says)] == []


def test_it_begins_with_the_verdict_and_three_things_with_the_owners_own_answers(
    firm: tuple[Report, Outcome, Brief],
) -> None:
    report, outcome, brief = firm
    assert brief.verdict == report.verdict
    assert [action.id for action in brief.first] == [action.id for action in outcome.plan[:3]]
    answers = {answer.question for answer in outcome.answers}
    for action in brief.first:
        assert action.quotes
        assert {quote.question for quote in action.quotes} <= answers


def test_every_confirmed_critical_stands_there_with_code_and_evidence(firm: tuple[Report, Outcome, Brief]) -> None:
    _, outcome, brief = firm
    confirmed = {f.code for f in outcome.findings if (f.severity, f.certainty) == ("critical", "confirmed")}
    assert {finding.code for finding in brief.criticals} == confirmed
    assert all(finding.quotes for finding in brief.criticals)


def test_everything_they_were_not_sure_about_is_a_question_to_begin_with(firm: tuple[Report, Outcome, Brief]) -> None:
    _, outcome, brief = firm
    unsure = {answer.question for answer in outcome.answers if answer.state == "not-sure"}
    codes = {questionnaire().questions[question].code for question in unsure}
    assert {opener.code for opener in brief.openers} == codes
    assert all(opener.ask.endswith("?") for opener in brief.openers)


def test_what_they_may_say_is_tied_to_what_they_said_themselves(firm: tuple[Report, Outcome, Brief]) -> None:
    _, outcome, brief = firm
    given = {answer.question: answer for answer in outcome.answers if answer.state == "answered"}
    assert len(brief.objections) <= MOST
    assert len({one.says for one in brief.objections}) == len(brief.objections)
    for one in brief.objections:
        answer = given[one.quote.question]
        picked = "; ".join(questionnaire().questions[answer.question].option(option).says for option in answer.options)
        assert one.quote.says == picked
        assert one.quote.question not in outcome.assumed


def test_every_answer_a_reply_is_tied_to_can_be_given() -> None:
    for one in AUTHORED:
        for question, options in one.fits.items():
            assert set(options) <= set(questionnaire().ladders[question]), one.says


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("c1-dental-practice", "We are happy with our technician."),
        ("c2-bookkeeping-office", "We manage well enough by ourselves."),
        ("c4-law-firm", "Everything is in the cloud, so it is backed up."),
        ("c8-architecture-firm", "It works as it is. Why change anything?"),
    ],
)
def test_what_this_firm_may_say(name: str, expected: str) -> None:
    assert expected in [one.says for one in written(name)[2].objections]


def test_it_says_who_has_to_do_what_and_the_hours_add_up(firm: tuple[Report, Outcome, Brief]) -> None:
    _, outcome, brief = firm
    assert sum(stage.steps for stage in brief.stages) == len(outcome.plan)
    assert [task.number for task in brief.tasks] == list(range(1, min(10, len(outcome.plan)) + 1))
    assert {task.who for task in brief.tasks} <= set(brief.parties)
    it = sum(action.it_hours for action in outcome.plan)
    assert brief.hours[2] == duration(it)
    for task, action in zip(brief.tasks, outcome.plan, strict=False):
        assert ("IT " in task.effort) == (action.it_hours > 0)


def test_an_owner_alone_has_no_office_to_hand_work_to() -> None:
    brief = written("c9-solo-consultant")[2]
    assert brief.hours[1] == "–"
    assert "Their office" not in {task.who for task in brief.tasks}


def test_what_is_weak_stands_with_code_and_controls(firm: tuple[Report, Outcome, Brief]) -> None:
    _, outcome, brief = firm
    listed = {one.code: one for _, found in brief.weak for one in found}
    for answer in outcome.answers:
        question = questionnaire().questions[answer.question]
        if question.scored and answer.options and answer.state != "not-sure":
            points = question.option(answer.options[0]).points
            assert points is not None
            assert (question.code in listed) == (points < WEAK), question.id
    for one in listed.values():
        told = dict(one.maps)
        for name, ids in questionnaire().codes[one.code].maps.items():
            assert ", ".join(ids) in told.values(), (one.code, name)
    assert not {name for one in listed.values() for name, _ in one.maps} & {"cis", "csf", "cpg1", "cpg2", "ce", "e8"}


@pytest.mark.parametrize("name", NAMES)
def test_both_documents_are_built_and_tagged(name: str) -> None:
    report, _, brief = written(name)
    for pdf in (render(report, REPORT), render_brief(brief, BRIEF)):
        reader = PdfReader(BytesIO(pdf), strict=True)
        assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert b"pdfuaid:part" in reader.trailer["/Root"]["/Metadata"].get_data()
        assert reader.trailer["/Root"]["/Lang"] == "en-GB"
    said = text_of(render_brief(brief, BRIEF))
    for text in (brief.verdict, SPONSOR.name, *(a.do for a in brief.first), *(t.do for t in brief.tasks)):
        assert unspaced(text) in said
    for one in brief.objections:
        assert unspaced(one.reply) in said
    for finding in (*brief.criticals, *brief.possible):
        assert unspaced(finding.title) in said
    assert [one.code for _, found in brief.weak for one in found if one.code not in said] == []


def test_the_same_brief_gives_the_same_bytes() -> None:
    brief = written("c8-architecture-firm")[2]
    assert render_brief(brief, BRIEF) == render_brief(brief, BRIEF)


@pytest.mark.parametrize("depth", list(Depth))
def test_a_brief_of_no_answers_at_all_is_still_a_brief(depth: Depth) -> None:
    outcome = assess(questionnaire(), {}, depth)
    brief = build_brief(build(outcome, questionnaire(), Sponsor(""), ON), outcome, questionnaire())
    assert brief.objections == ()
    assert unspaced(brief.verdict) in text_of(render_brief(brief, BRIEF))


@pytest.mark.parametrize("text", ["🚀 شركة", "w" * 300, "#panic() $x$ *a*", "\x00"])
def test_any_name_at_all_gives_a_pdf_that_opens(text: str) -> None:
    brief = written("c8-architecture-firm")[2]
    pdf = render_brief(replace(brief, sponsor=Sponsor(text, text, text)), BRIEF)
    assert len(PdfReader(BytesIO(pdf), strict=True).pages) >= 2


def test_a_quick_check_is_briefed_too() -> None:
    brief = written("c1-dental-practice", "quick")[2]
    assert "We have somebody for that." in [one.says for one in brief.objections]
    assert brief.tasks
