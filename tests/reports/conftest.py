"""Reports of the six labelled firms, written from the shipped questionnaire."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from assessment.engine.answers import read_sheet
from assessment.engine.loading import load, load_scenarios
from assessment.engine.questionnaire import Questionnaire
from assessment.reports.report import Report, Sponsor
from assessment.reports.writing import build
from tests.engine.strategies import Case

FOLDER = Path("questions/it-health")
NAMES = [path.stem for path in sorted((FOLDER / "scenarios").glob("*.yaml"))]
SPONSOR = Sponsor("Northgate IT Support", "hello@northgate.example", "https://northgate.example/help?a=1&b=2")

ReportOf = Callable[..., Report]


@cache
def questionnaire() -> Questionnaire:
    return load(FOLDER).or_refuse()


@cache
def case_of(name: str) -> Case:
    """The answers of one scenario, with all they come to."""
    scenario = next(one for one in load_scenarios(FOLDER)[0] if one.id == name)
    sheet = read_sheet(questionnaire(), {"depth": scenario.depth, "answers": dict(scenario.answers)})
    assert sheet.problems == ()
    return Case(questionnaire(), sheet.answers, sheet.depth)


@cache
def written(name: str) -> Report:
    return build(case_of(name).outcome, questionnaire(), SPONSOR, date(2026, 11, 22))


@pytest.fixture(scope="session")
def report_of() -> ReportOf:
    """The report of one scenario by its file's name, with a sponsor of one's own if wanted."""

    def report_of(name: str, sponsor: Sponsor = SPONSOR) -> Report:
        return replace(written(name), sponsor=sponsor)

    return report_of
