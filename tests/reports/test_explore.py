"""A report to look into: its charts show what the report says, and the points lost lead exactly to the score."""

import json
from datetime import date

from hypothesis import given

from assessment.reports.explore import Fall, charts, waterfall
from assessment.reports.quoting import Quoting
from assessment.reports.report import Sponsor
from assessment.reports.writing import build
from tests.engine.strategies import Case, any_cases
from tests.reports.conftest import NAMES, ReportOf, case_of, questionnaire


@given(any_cases)
def test_the_points_lost_lead_from_100_to_the_score_and_every_chart_has_its_table(case: Case) -> None:
    if case.outcome.overall is None:
        return
    quoting = Quoting(case.outcome, case.questionnaire)
    leads_to_the_score(tuple(waterfall(quoting)), case.outcome.overall.score)
    report = build(case.outcome, case.questionnaire, Sponsor("N"), date(2026, 11, 22))
    for chart in charts(report, quoting):
        assert all(len(row) == len(chart.columns) for row in chart.rows), chart.id
        (trace,) = json.loads(json.dumps(chart.figure))["data"]
        assert len(trace["y"]) == len(chart.rows) == len(trace["hovertext"]), chart.id


def leads_to_the_score(falls: tuple[Fall, ...], score: int) -> None:
    left = 100
    for fall in falls:
        assert fall.points >= 0
        left -= fall.points
        assert fall.left == left
    assert left == score


def test_the_points_lost_of_the_labelled_firms_begin_with_the_answer_that_cost_most(report_of: ReportOf) -> None:
    for name in NAMES:
        case = case_of(name)
        falls = tuple(waterfall(Quoting(case.outcome, questionnaire())))
        score = report_of(name).score
        assert score
        leads_to_the_score(falls, score.score)
        alone = [fall.points for fall in falls if fall.says.startswith("You said")]
        assert alone == sorted(alone, reverse=True)
        assert alone[0] == max(loss.points for loss in case.outcome.losses if loss.question)
        ends = [fall.says.startswith("You said") for fall in falls]
        assert ends == sorted(ends, reverse=True), "answers stand before the rest and the rules"


def test_the_last_bar_is_the_score_and_each_begins_where_the_one_before_ends(report_of: ReportOf) -> None:
    case = case_of("c4-law-firm")
    _, losses, plan = charts(report_of("c4-law-firm"), Quoting(case.outcome, questionnaire()))
    bar = losses.figure["data"][0]  # type: ignore[index]
    assert (bar["base"][0], bar["x"][0]) == (0, 100)
    assert (bar["base"][-1], bar["x"][-1]) == (0, case.outcome.overall and case.outcome.overall.score)
    for place in range(1, len(bar["x"]) - 1):
        ends = 100 if place == 1 else bar["base"][place - 1]
        assert bar["base"][place] + bar["x"][place] == ends
    assert plan.rows[-1][-1] == str([a.after for a in case.outcome.plan if a.after is not None][-1])
