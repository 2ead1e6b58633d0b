"""How fast the engine and the PDF are, on the labelled firm with the longest plan."""

import json
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from assessment.engine.answers import Sheet, read_sheet
from assessment.engine.assess import assess
from assessment.engine.gains import actions, next_band, trajectory
from assessment.engine.loading import Scenario, load, load_scenarios
from assessment.engine.plan import candidates
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.scoring import Scored, score
from assessment.reports import pdf as reports_pdf
from assessment.reports.report import Report, Sponsor
from assessment.reports.writing import build
from assessment.settings import read_settings
from benchmarks.timing import Runs, microseconds, milliseconds, paired

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


def numbers() -> Runs:
    """One tally: every bank, every cap, the overall score."""
    scored = score(questionnaire(), sheet().answers, sheet().depth)
    return microseconds(lambda: scored.ledger.tally(scored.levels, scored.unsure), 2000)


def result() -> Runs:
    """Answers to score, range, band and findings."""
    return microseconds(lambda: score(questionnaire(), sheet().answers, sheet().depth), 300)


def plan() -> Runs:
    """A scored sheet to its plan."""
    scored = score(questionnaire(), sheet().answers, sheet().depth)
    return microseconds(lambda: whole_plan(scored), 60)


def whole_plan(scored: Scored) -> None:
    """Which recommendations apply, in order, with every gain, the next band and the trajectory."""
    placed = actions(scored, candidates(scored))
    next_band(scored, placed)
    trajectory(scored, placed)


def loading() -> Runs:
    return milliseconds(lambda: load(FOLDER), 5)


def report(name: str) -> Report:
    """The report of one labelled firm."""
    outcome = assess(questionnaire(), sheet(name).answers, sheet(name).depth)
    return build(outcome, questionnaire(), Sponsor("Northgate Computers"), date(2026, 11, 22))


def pdf(name: str) -> Runs:
    """The report of one labelled firm, after the first one."""
    shown, template = report(name), read_settings({}).template("report/report.typ")
    return milliseconds(lambda: reports_pdf.render(shown, template), 15)


FLOOR = """#set document(title: "The floor")
#set text(font: "Source Sans Pro", size: 10pt, lang: "en", fallback: false)
#for line in json("lines.json") { par(line) }"""


def pdf_and_floor(folder: Path, name: str) -> tuple[Runs, Runs]:
    """A report, and the floor: the very lines of its pages set plainly, tagged too, by the same compiler."""
    shown, template, floor = report(name), read_settings({}).template("report/report.typ"), folder / "floor.typ"
    pages = PdfReader(BytesIO(reports_pdf.render(shown, template))).pages
    lines = [line for page in pages for line in page.extract_text().splitlines()]
    (folder / "lines.json").write_text(json.dumps(lines), encoding="utf-8")
    (folder / "blank.typ").touch()
    floor.write_text(FLOOR, encoding="utf-8")
    return paired(lambda: reports_pdf.render(shown, template), lambda: reports_pdf.render(shown, floor), 15)
