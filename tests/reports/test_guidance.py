"""What stands beside the score in a report: how help is paid, the talk about it, downtime, insurance, a bad day."""

from datetime import date
from decimal import Decimal

import pytest

from assessment.reports.report import Report
from assessment.reports.standstill import Standstill
from assessment.reports.words import NEUTRAL
from assessment.reports.writing import build
from tests.reports.conftest import NAMES, SPONSOR, ReportOf, case_of, questionnaire


@pytest.mark.parametrize(
    ("figures", "hour", "total"),
    [
        ((4, 25, 60, 4, 16), "£160", "between £640 and £2,560"),
        ((4, 25, 60, 16, 4), "£160", "between £640 and £2,560"),
        ((1, "12.5", 0, 1, 1), "£12.50", "£12.50"),
        ((3, "19.99", "0.5", "0.5", 2), "£60.47", "between £30.24 and £121"),
        ((0, 0, 0, 0, 0), "£0", "£0"),
        ((1000, 1000, 0, 1, 1), "£1,000,000", "£1,000,000"),
    ],
)
def test_a_standstill_is_people_times_pay_and_margin_times_hours(
    figures: tuple[object, ...], hour: str, total: str
) -> None:
    people, *amounts = figures
    view = Standstill(int(str(people)), *(Decimal(str(amount)) for amount in amounts)).view("£")
    assert (view.hour, view.total) == (hour, total)


def test_the_formula_says_every_figure_that_went_in() -> None:
    view = Standstill(4, Decimal(25), Decimal(60), Decimal(4), Decimal(16)).view("$")
    assert view.formula == "4 × $25 for people who cannot work, and $60 of lost margin"
    assert view.hours == "4 to 16 hours"


def test_without_figures_there_is_an_invitation_and_no_number(report_of: ReportOf) -> None:
    down = report_of("c1-dental-practice").downtime
    assert down is not None
    assert down.standstill is None
    assert not any(letter.isdigit() for letter in down.about)


@pytest.mark.parametrize("name", NAMES)
def test_every_question_of_the_talk_quotes_what_was_said(report_of: ReportOf, name: str) -> None:
    talk = report_of(name).talk
    assert talk is not None
    assert [one.number for one in talk.questions] == [*range(1, len(talk.questions) + 1)]
    for one in talk.questions[3:]:
        assert one.quotes, one.ask
    for one in talk.questions:
        assert f"{one.number}. {one.ask}" in talk.text
        for quote in one.quotes:
            assert f"“{quote.says}”" in talk.text


def advising_change(report: Report) -> list[str]:
    """The neutral sentence of each part that advises another way of paying."""
    found = [report.arrangement.neutral] if report.arrangement and "compare" in report.arrangement.says.lower() else []
    words = ("flat fee", "price prevention", "managed service")
    told = [action for action in report.actions if any(word in action.do.lower() for word in words)]
    return found + [action.neutral for action in told if not action.find_out]


def test_the_neutral_sentence_stands_beside_every_advice_to_pay_otherwise(report_of: ReportOf) -> None:
    told = [sentence for name in NAMES for sentence in advising_change(report_of(name))]
    assert len(told) >= 2
    assert set(told) == {NEUTRAL}


def test_how_satisfied_they_are_is_nowhere_asked() -> None:
    texts = " ".join(f"{q.ask} {q.help or ''}" for q in questionnaire().every_question()).lower()
    assert "satisf" not in texts
    assert "happy with" not in texts


def test_a_bad_day_is_told_of_in_every_report(report_of: ReportOf) -> None:
    for name in NAMES:
        hour = report_of(name).first_hour
        assert hour is not None
        assert "bank" in hour.steps[0]


def test_a_questionnaire_without_guidance_gives_a_report_without_it() -> None:
    bare = questionnaire().model_copy(update={"guidance": None})
    report = build(case_of(NAMES[0]).outcome, bare, SPONSOR, date(2026, 11, 22))
    parts = (report.arrangement, report.talk, report.downtime, report.insurance, report.first_hour)
    assert parts == (None,) * 5
