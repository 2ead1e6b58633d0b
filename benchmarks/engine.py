"""How fast the engine and the PDF are, on the labelled firm with the longest plan."""

from datetime import date
from functools import cache
from pathlib import Path

from assessment.engine.answers import Sheet, read_sheet
from assessment.engine.assess import assess
from assessment.engine.gains import actions, next_band, trajectory
from assessment.engine.loading import Scenario, load, load_scenarios
from assessment.engine.plan import candidates
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.scoring import score
from assessment.reports import pdf as reports_pdf
from assessment.reports.report import Sponsor
from assessment.reports.writing import build
from assessment.settings import read_settings
from benchmarks.timing import microseconds

FOLDER = Path("questions/it-health")
LONGEST, HEALTHY = "c5-heating-contractor", "c8-architecture-firm"


@cache
def questionnaire() -> Questionnaire:
    return load(FOLDER).or_refuse()


@cache
def scenario(name: str = LONGEST) -> Scenario:
    return next(one for one in load_scenarios(FOLDER)[0] if one.id == name)


@cache
def sheet(name: str = LONGEST) -> Sheet:
    return read_sheet(questionnaire(), {"answers": scenario(name).answers, "depth": scenario(name).depth})


def numbers() -> float:
    """One tally: every bank, every cap, the overall score."""
    scored = score(questionnaire(), sheet().answers, sheet().depth)
    return microseconds(lambda: scored.ledger.tally(scored.levels, scored.unsure), 2000)


def result() -> float:
    """Answers to score, range, band and findings."""
    return microseconds(lambda: score(questionnaire(), sheet().answers, sheet().depth), 300)


def plan() -> float:
    """Which recommendations apply, in order, with every gain, the next band and the trajectory."""
    scored = score(questionnaire(), sheet().answers, sheet().depth)

    def run() -> None:
        placed = actions(scored, candidates(scored))
        next_band(scored, placed)
        trajectory(scored, placed)

    return microseconds(run, 60)


def loading() -> float:
    return microseconds(lambda: load(FOLDER), 5) / 1000


def pdf(name: str) -> float:
    """The report of one labelled firm, after the first one."""
    outcome = assess(questionnaire(), sheet(name).answers, sheet(name).depth)
    report = build(outcome, questionnaire(), Sponsor("Northgate Computers"), date(2026, 11, 22))
    template = read_settings({}).template("report/report.typ")
    return microseconds(lambda: reports_pdf.render(report, template), 15) / 1000
