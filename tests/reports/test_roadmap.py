"""The plan by the calendar: dates, hours, money, what waits for what, the picture, and when to look again."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.engine.advice import Cost, Horizon, Who
from assessment.engine.result import Overall
from assessment.reports.cards import Cards
from assessment.reports.money import Amount, Purse, read_amount, rounded
from assessment.reports.parties import Parties
from assessment.reports.quoting import Quoting
from assessment.reports.report import Report, RoadmapView, Sponsor
from assessment.reports.roadmap import LAST_DAYS, look_again, months_after
from assessment.reports.roadmap_picture import draw
from assessment.reports.writing import build
from tests.reports.conftest import NAMES, ReportOf, case_of, questionnaire

TAKEN = date(2026, 11, 22)
SOLO, WORST, HEALTHY, OPEN = "c9-solo-consultant", "c5-heating-contractor", "c8-architecture-firm", "c4-law-firm"


def road(report: Report) -> RoadmapView:
    assert report.roadmap
    return report.roadmap


@pytest.mark.parametrize("name", NAMES)
def test_every_step_of_the_plan_stands_on_the_roadmap_once_in_its_order(report_of: ReportOf, name: str) -> None:
    report = report_of(name)
    stages = road(report).stages
    assert [step.number for stage in stages for step in stage.steps] == [action.number for action in report.actions]
    assert [stage.id for stage in stages] == [horizon.id for horizon in report.plan]
    assert [stage.score_after for stage in stages] == [horizon.score_after for horizon in report.plan]


@pytest.mark.parametrize("name", NAMES)
def test_each_stage_ends_so_many_days_after_the_check(report_of: ReportOf, name: str) -> None:
    for stage in road(report_of(name)).stages:
        assert stage.until == TAKEN + timedelta(days=LAST_DAYS[Horizon(stage.id)])


@pytest.mark.parametrize("name", NAMES)
def test_no_hour_is_lost_between_the_parties(name: str) -> None:
    plan = case_of(name).outcome.plan
    parties = Parties(Quoting(case_of(name).outcome, questionnaire()))
    whole = sum(action.owner_hours + action.it_hours for action in plan)
    assert sum(parties.hours(plan)) == pytest.approx(whole)


def test_who_leads_a_step_is_the_same_on_its_card_and_on_the_roadmap(report_of: ReportOf) -> None:
    for name in NAMES:
        report = report_of(name)
        leads = [road(report).parties[step.party] for stage in road(report).stages for step in stage.steps]
        assert leads == [action.who for action in report.actions]


def test_where_nobody_else_works_there_is_no_office(report_of: ReportOf) -> None:
    report = report_of(SOLO)
    assert road(report).parties == ("You", "You, or a technician you book")
    assert "Somebody in your office" in road(report_of(WORST)).parties
    assert "Somebody in your office" not in {action.who for action in report.actions}


def test_what_an_office_leads_takes_its_time_and_not_the_owner_s(report_of: ReportOf) -> None:
    led = [action for action in report_of(WORST).actions if action.who == "Somebody in your office"]
    assert led
    assert all("of their time" in action.effort for action in led)


@pytest.mark.parametrize("name", NAMES)
def test_what_waits_is_said_in_words_with_everything_it_waits_for(report_of: ReportOf, name: str) -> None:
    report = report_of(name)
    for stage, horizon in zip(road(report).stages, report.plan, strict=True):
        for action in horizon.actions:
            (said,) = re.findall(rf"step {action.number} after (steps? [\d, and]+)", stage.waits) or [""]
            assert sorted(re.findall(r"\d+", said)) == sorted(one.removeprefix("Step ") for one in action.first)


def test_a_plan_with_nothing_in_it_has_no_roadmap(report_of: ReportOf) -> None:
    done = case_of(HEALTHY).outcome.model_copy(update={"plan": (), "next_band": None})
    report = build(done, questionnaire(), Sponsor("Northgate"), TAKEN)
    assert report.roadmap is None
    assert draw(report) == ""


# Money


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ("under £400", Amount(0, 400)),
        ("up to £400", Amount(0, 400)),
        ("£400 to £2,000", Amount(400, 2000)),
        ("over £8,000", Amount(8000, None)),
        ("£400", None),
        ("£2,000 to £400", None),
        ("under 400 £", None),
        ("£1.5k to £3k", None),
        ("£1, £2 or £3", None),
        ("it depends", None),
        ("", None),
    ],
)
def test_an_authored_band_of_money_is_read_or_left_alone(says: str, expected: Amount | None) -> None:
    assert read_amount(says, "£") == expected


def test_every_shipped_currency_can_be_added_up_and_its_bands_join() -> None:
    for money in questionnaire().currencies.values():
        paid = [money.amounts[cost] for cost in Cost if cost is not Cost.NONE]
        bands = [read_amount(says, money.symbol) for says in paid]
        assert None not in bands
        ends = [(one.high, two.low) for one, two in pairwise(bands) if one and two]
        assert all(high == low for high, low in ends), money.symbol


@given(st.integers(0, 10**9), st.integers(0, 10**9) | st.none())
def test_a_sum_is_rounded_away_from_itself_and_by_less_than_a_tenth(low: int, more: int | None) -> None:
    amount = Amount(low, None if more is None else low + more)
    about = rounded(amount)
    assert about.low <= low <= about.low * 1.1 + 1
    if amount.high is not None:
        assert about.high is not None
        assert amount.high <= about.high <= amount.high * 1.1 + 1
    assert len(str(about.low).rstrip("0")) <= 2


def test_money_is_a_range_in_the_currency_of_the_tenant() -> None:
    found = {}
    for currency in ("GBP", "USD", "EUR", "AUD", "XXX"):
        report = build(case_of(WORST).outcome, questionnaire(), Sponsor("Northgate", currency=currency), TAKEN)
        found[currency] = road(report).money
    assert found["GBP"] == "about £8,800 to £45,000"
    assert found["AUD"].startswith("about A$")
    assert found["XXX"] == "27 of 77 steps cost money"


def test_a_step_without_an_upper_end_leaves_the_sum_without_one() -> None:
    cards = Cards(Quoting(case_of(HEALTHY).outcome, questionnaire()), Sponsor("Northgate"))
    cards.amounts = {**cards.amounts, Cost.LOW: "over £450"}
    assert Purse(cards).for_all(cards.outcome.plan) == "about £900 or more"


def test_what_costs_nothing_says_so(report_of: ReportOf) -> None:
    first = road(report_of(HEALTHY)).stages[0]
    assert first.money == "nothing"
    assert road(report_of(HEALTHY)).money == "up to about £800"


# The picture


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_shows_every_step_and_score_and_is_told_in_words(report_of: ReportOf, name: str) -> None:
    report = report_of(name)
    tree = ElementTree.fromstring(draw(report))
    shown = [element.text for element in tree.iter("text") if element.get("class") == "on"]
    assert shown == [str(action.number) for action in report.actions]
    text = " ".join("".join(tree.itertext()).split())
    for stage in road(report).stages:
        assert f"score {stage.score_after}" in text
        assert stage.title in (tree.findtext("desc") or "")
    waiting = [element.text for element in tree.iter("text") if element.get("class") == "waits"]
    assert len(waiting) == sum(bool(action.first) for action in report.actions)


def test_whoever_helps_may_be_called_anything(report_of: ReportOf) -> None:
    report = report_of(WORST)
    named = replace(road(report), parties=('<script>&"', "]]>", "ö" * 90))
    ElementTree.fromstring(draw(replace(report, roadmap=named)))


# Looking again


def overall(band: str, provisional: bool = False) -> Overall:
    found = case_of(HEALTHY).outcome.overall
    assert found
    return found.model_copy(update={"band": band, "provisional": provisional})


@pytest.mark.parametrize(
    ("band", "months"), [("urgent", 3), ("exposed", 3), ("gaps", 6), ("sound", 12), ("strong", 12)]
)
def test_the_better_the_result_the_later_they_need_to_look_again(band: str, months: int) -> None:
    again = look_again(overall(band), questionnaire(), TAKEN)
    assert again
    assert again.on == months_after(TAKEN, months)
    assert f"{again.on.day} {again.on:%B %Y}" in again.says


def test_an_open_answer_is_looked_at_as_soon_as_it_is_known() -> None:
    again = look_again(overall("sound", provisional=True), questionnaire(), TAKEN)
    assert again
    assert "as soon as you know what is still open" in again.says


def test_without_a_score_there_is_no_day_to_look_again() -> None:
    assert look_again(None, questionnaire(), TAKEN) is None


def test_a_questionnaire_with_a_single_band_has_a_day_too() -> None:
    only = questionnaire().bands[:1]
    assert look_again(overall(only[0].id), questionnaire().model_copy(update={"bands": only}), TAKEN)


@given(st.dates(date(1950, 1, 1), date(2900, 1, 1)), st.sampled_from([3, 6, 12]))
def test_so_many_months_later_is_the_same_day_or_the_month_s_last(start: date, months: int) -> None:
    later = months_after(start, months)
    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == months
    assert later.day == start.day or (later + timedelta(days=1)).day == 1


def test_the_parties_stand_in_the_order_of_who() -> None:
    assert list(Who) == [Who.OWNER, Who.STAFF, Who.PROVIDER]
