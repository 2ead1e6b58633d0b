"""What a report says: every number from the outcome, every finding with its evidence, and nothing it should not say."""

import json
import re
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path

import pytest

from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.labels import agreement
from assessment.engine.loading import load_scenarios
from assessment.engine.result import Outcome
from assessment.reports.report import Report, Sponsor
from assessment.reports.words import MUCH_UNKNOWN, NEUTRAL, duration, hours, joined
from assessment.reports.writing import build
from tests.reports.conftest import FOLDER, NAMES, SPONSOR, ReportOf, case_of, questionnaire

JARGON = re.compile(
    r"\b(MFA|2FA|EDR|MDR|DMARC|SPF|DKIM|DNS|VPN|RDP|RTO|RPO|SLA|vCIO|SIEM|immutable|endpoint|firmware|patch(?:es|ed|ing)?)\b"
)
FEAR = re.compile(r"\b(you will be (?:breached|hacked|attacked)|it is only a matter of time|act now|hackers?)\b", re.I)


def texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for part in value for text in texts(part)]
    if is_dataclass(value) and not isinstance(value, type):
        return [
            text for field in fields(value) if field.name not in NOT_WORDS for text in texts(getattr(value, field.name))
        ]
    return []


NOT_WORDS = {"id", "code", "rule", "link", "digest", "version", "question", "figures", "figure", "depth"}


def report_for(data: dict[str, object], sponsor: Sponsor | None = None) -> tuple[Outcome, Report]:
    sheet = read_sheet(questionnaire(), data)
    assert sheet.problems == ()
    outcome = assess(questionnaire(), sheet.answers, sheet.depth)
    return outcome, build(outcome, questionnaire(), sponsor or Sponsor("Northgate"), date(2026, 11, 22))


@pytest.mark.parametrize("name", NAMES)
def test_no_report_uses_a_term_of_the_trade_or_frightens(report_of: ReportOf, name: str) -> None:
    for text in texts(report_of(name)):
        assert not JARGON.search(text), text
        assert not FEAR.search(text), text


@pytest.mark.parametrize("name", NAMES)
def test_every_critical_finding_quotes_the_answers_behind_it(report_of: ReportOf, name: str) -> None:
    for finding in report_of(name).criticals:
        assert finding.quotes, finding.rule
        assert finding.because, finding.rule


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_of_every_loss_add_up_to_what_the_score_lacks(report_of: ReportOf, name: str) -> None:
    report = report_of(name)
    assert report.score
    assert sum(loss.points for loss in report.losses) == 100 - report.score.score
    for loss in report.losses:
        assert sum(points for *_, points in loss.parts) == loss.points


@pytest.mark.parametrize("name", NAMES)
def test_only_figures_somebody_has_read_are_cited(report_of: ReportOf, name: str) -> None:
    read = {figure.link for figure in questionnaire().figures if figure.status == "read"}
    assert {figure.link for figure in report_of(name).figures} <= read


@pytest.mark.parametrize("name", NAMES)
def test_at_least_one_of_the_first_three_actions_costs_nothing(report_of: ReportOf, name: str) -> None:
    assert any(action.cost == "No cost" for action in report_of(name).first)


def test_advice_to_change_how_help_is_paid_stands_beside_the_neutral_sentence(report_of: ReportOf) -> None:
    advice = questionnaire().recommendations["provider.price-prevention"]
    assert advice.neutral
    for name in NAMES:
        for action in report_of(name).actions:
            assert (action.neutral == NEUTRAL) == (action.id == advice.id and not action.find_out)


def test_small_firms_are_told_when_staying_as_they_are_is_fine(report_of: ReportOf) -> None:
    report = report_of("c9-solo-consultant")
    assert report.signs
    assert report.signs.count == 0
    assert "provider.price-prevention" not in {action.id for action in report.actions}


def test_a_sponsor_changes_the_name_and_nothing_else(report_of: ReportOf) -> None:
    one = report_of("c1-dental-practice", Sponsor("One", currency="USD"))
    other = report_of("c1-dental-practice", Sponsor("Other", "call us", "https://other.example"))
    differing = {f.name for f in fields(one) if getattr(one, f.name) != getattr(other, f.name)}
    assert differing == {"sponsor"}


def test_where_ignorance_would_pay_the_low_end_stands_beside_the_score(report_of: ReportOf) -> None:
    report = report_of("c4-law-firm")
    assert report.score
    assert report.score.provisional
    assert f"but {report.score.low} if" in report.score.headline
    assert report.first[0].find_out


def test_an_assumed_fact_is_named(report_of: ReportOf) -> None:
    _, report = report_for({"codes": {"P1": 2}})
    assert {quote.question for quote in report.assumed} >= {"profile.staff", "profile.server"}
    assert any("took this as likely" in note for group in report.answers for *_, note in group.answers)


def test_quick_says_which_rules_it_did_not_look_at() -> None:
    _, quick = report_for({"depth": "quick", "codes": {"P1": 2}})
    _, full = report_for({"depth": "full", "codes": {"P1": 2}})
    assert quick.not_looked_at
    assert all(quick.not_looked_at)
    assert full.not_looked_at == ()


def test_a_settled_answer_says_what_it_follows_from() -> None:
    _, report = report_for({"codes": {"B2": 0}, "profile": {"outside-cloud": "yes"}})
    notes = {ask: note for group in report.answers for ask, _, note in group.answers}
    asked = questionnaire().questions["backups.tested-restore"].ask
    assert notes[asked].startswith("follows from")


def test_a_rule_that_holds_only_through_a_settled_answer_is_told_under_the_other() -> None:
    outcome, report = report_for({"codes": {"B2": 0}, "profile": {"outside-cloud": "yes", "server": "on-premises"}})
    assert [finding.code for finding in outcome.findings if finding.rule.startswith("backups.")] == ["K2"]
    (critical,) = report.criticals
    assert len(critical.covers) >= 2


def test_without_a_scored_answer_there_is_no_score_and_still_a_report() -> None:
    _, report = report_for({"profile": {"staff": "5-9"}})
    assert report.score is None
    assert "no score" in report.verdict


def test_the_first_actions_agree_with_what_independent_readers_put_first(capsys: pytest.CaptureFixture[str]) -> None:
    labels = json.loads(Path(FOLDER, "labels.json").read_bytes())
    found = agreement(questionnaire(), load_scenarios(FOLDER)[0], labels)
    with capsys.disabled():
        print(f"\n{found}")
    assert found.possible == 28
    assert found.found >= 25, found.missed
    assert found.too_early == ()


@pytest.mark.parametrize(
    ("length", "says"),
    [(0.05, "5 minutes"), (0.25, "15 minutes"), (0.5, "30 minutes"), (1, "1 hour"), (1.5, "1½ hours"), (6, "6 hours")],
)
def test_hours_are_said_as_a_person_would(length: float, says: str) -> None:
    assert duration(length) == says


def test_work_and_lists_read_as_english() -> None:
    assert hours(0, 0) == "a few minutes"
    assert hours(1, 2) == "1 hour of your time, 2 hours of IT work"
    assert [joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


@pytest.mark.parametrize(("percent", "told"), [(29, False), (30, True), (100, True)])
def test_a_verdict_that_rests_on_guesses_says_so(percent: int, told: bool) -> None:
    outcome = case_of(NAMES[0]).outcome.model_copy(update={"not_sure_percent": percent})
    verdict = build(outcome, questionnaire(), SPONSOR, date(2026, 11, 22)).verdict
    assert verdict.endswith(MUCH_UNKNOWN) is told
