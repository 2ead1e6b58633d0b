"""What if only some steps were done: in words, beside the report, with the numbers of its plan."""

from collections.abc import Iterable

import pytest

from assessment.engine.result import Mode
from assessment.reports.report import Report
from assessment.reports.what_if import WhatIf, what_if
from tests.reports.conftest import NAMES, ReportOf, case_of, questionnaire


def asked(name: str, report: Report, steps: Iterable[str]) -> WhatIf:
    case = case_of(name)
    found = what_if(report, case.outcome, questionnaire(), case.scored, tuple(steps))
    assert found
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_way_to_begin_ends_where_the_plan_is_then(name: str, report_of: ReportOf) -> None:
    report = report_of(name)
    after = {action.id: action.after for action in report.actions}
    for preset in asked(name, report, ()).presets:
        reached = asked(name, report, preset.steps).reached
        assert reached
        assert reached.now == report.score
        assert reached.then.score == after[preset.steps[-1]], preset.says


@pytest.mark.parametrize("name", NAMES)
def test_the_list_holds_each_step_that_changes_an_answer_and_says_how_many_do_not(
    name: str, report_of: ReportOf
) -> None:
    plan, found = case_of(name).outcome.plan, asked(name, report_of(name), ())
    listed = [step.id for _, steps in found.groups for step in steps]
    assert listed == [action.id for action in plan if action.after is not None]
    assert not {action.id for action in plan if action.mode is Mode.FIND_OUT} & set(listed)
    assert found.left_out == len(plan) - len(listed)
    assert found.reached is None


def test_what_must_come_first_is_said_and_not_refused(report_of: ReportOf) -> None:
    name = "c1-dental-practice"
    report, plan = report_of(name), case_of(name).outcome.plan
    waits = next(action for action in plan if action.first and action.after is not None)
    numbers = {action.id: action.number for action in report.actions}
    alone = asked(name, report, [waits.id]).reached
    assert alone
    assert [says.partition(":")[0] for says in alone.first] == [
        f"Before step {numbers[waits.id]} comes step {numbers[need]}"
        for need in sorted(waits.first, key=numbers.__getitem__)
    ]
    both = asked(name, report, [waits.id, *waits.first]).reached
    assert both
    assert not [says for says in both.first if says.startswith(f"Before step {numbers[waits.id]} ")]


def test_hours_add_up_and_money_is_told_in_the_words_of_the_plan(report_of: ReportOf) -> None:
    name = "c9-solo-consultant"
    report = report_of(name)
    found = asked(name, report, [action.id for action in report.actions])
    reached = found.reached
    assert reached
    work = dict(reached.work)
    assert set(work) == {"Your time", "IT work", "Money"}
    counted = [part.split()[0] for part in work["Money"].split(", ") if "step" in part]
    assert sum(map(int, counted)) == len(found.ticked)


def test_the_bands_and_the_open_answers_are_told_as_on_the_report(report_of: ReportOf) -> None:
    name = "c4-law-firm"
    report = report_of(name)
    assert report.score
    assert report.score.provisional
    first = next(action for action in report.actions if action.after is not None)
    reached = asked(name, report, [first.id]).reached
    assert reached
    assert reached.then.provisional
    bands = {band.id: band for band in reached.then.bands}
    assert bands[reached.then.band].at_least <= reached.then.low
    assert any("Until you know" in says for says in reached.then.held)


def test_what_nobody_knows_is_left_out(report_of: ReportOf) -> None:
    found = asked("c1-dental-practice", report_of("c1-dental-practice"), ["nothing.at-all", "", "\x00", "backups"])
    assert (found.ticked, found.reached) == ((), None)


def test_an_outcome_with_other_numbers_than_today_s_arithmetic_gives_is_not_tried(report_of: ReportOf) -> None:
    case = case_of("c1-dental-practice")
    overall = case.outcome.overall
    assert overall
    old = case.outcome.model_copy(update={"overall": overall.model_copy(update={"score": overall.score + 1})})
    assert what_if(report_of("c1-dental-practice"), old, questionnaire(), case.scored, ()) is None
