"""What is good already: answers that count, in the owner's words, and nothing the rest of the report takes back."""

import pytest

from assessment.engine.advice import Severity
from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.reports.quoting import Quoting
from assessment.reports.strengths import MOST, MOST_OF_A_BANK, strengths
from tests.reports.conftest import NAMES, ReportOf, case_of, questionnaire

HEALTHY, WORST = "c8-architecture-firm", "c5-heating-contractor"


@pytest.mark.parametrize("name", NAMES)
def test_they_are_few_good_and_quoted_as_said(report_of: ReportOf, name: str) -> None:
    found, asked = report_of(name).strengths, questionnaire()
    given = {answer.question: answer for answer in case_of(name).outcome.answers}
    assert len(found) <= MOST
    for quote in found:
        question = asked.questions[quote.question]
        option = question.option(given[quote.question].options[0])
        assert (quote.short, quote.says) == (question.short, option.says)
        assert option.points is not None
        assert option.points >= asked.good_enough
        assert asked.bank_by_id[question.bank].weight
        assert question.weight


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_praised_that_a_finding_names_or_the_plan_improves(report_of: ReportOf, name: str) -> None:
    outcome = case_of(name).outcome
    praised = {quote.question for quote in report_of(name).strengths}
    assert not praised & {question for finding in outcome.findings for question in finding.questions}
    assert not praised & {question for action in outcome.plan for question in action.reasons}


@pytest.mark.parametrize("name", NAMES)
def test_no_topic_is_praised_where_something_critical_was_found(report_of: ReportOf, name: str) -> None:
    critical = [
        f for f in case_of(name).outcome.findings if f.severity is Severity.CRITICAL and f.certainty == "confirmed"
    ]
    shaken = {question.partition(".")[0] for finding in critical for question in finding.questions}
    assert not shaken & {quote.question.partition(".")[0] for quote in report_of(name).strengths}


def test_they_show_the_breadth(report_of: ReportOf) -> None:
    banks = [quote.question.partition(".")[0] for quote in report_of(HEALTHY).strengths]
    assert len(banks) == MOST
    assert max(map(banks.count, banks)) == MOST_OF_A_BANK


def test_where_nothing_is_good_nothing_is_said(report_of: ReportOf) -> None:
    assert report_of(WORST).strengths == ()


def test_a_gap_that_came_with_not_being_sure_is_not_praised() -> None:
    sheet = read_sheet(questionnaire(), {"depth": "standard", "answers": {"backups.schedule": "not-sure"}})
    outcome = assess(questionnaire(), sheet.answers, sheet.depth)
    assert strengths(Quoting(outcome, questionnaire())) == ()


def test_answers_that_do_not_fit_together_are_not_praised() -> None:
    outcome = case_of(HEALTHY).outcome
    rule = next(rule for rule in questionnaire().all_rules.values() if rule.contradiction)
    doubted = set(rule.when.questions)
    clashing = outcome.model_copy(update={"contradictions": (rule.id,)})
    assert not doubted & {quote.question for quote in strengths(Quoting(clashing, questionnaire()))}
