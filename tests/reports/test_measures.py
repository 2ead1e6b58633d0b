"""Measures as they are told: in the report, on screen and as a PDF, in the brief, a terminal, exports, laid open."""

from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pypdf import PdfReader

from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import load, load_scenarios
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Outcome
from assessment.reports import pdf
from assessment.reports.brief import build_brief
from assessment.reports.comparison.comparing import compare
from assessment.reports.comparison.comparison import Taken
from assessment.reports.explaining import explain
from assessment.reports.open_book import lay_open
from assessment.reports.records import columns, record
from assessment.reports.report import Report, Sponsor
from assessment.reports.writing import build
from tests.reports.conftest import ReportOf

BANKS = Path("tests/banks/valid")
TEMPLATES = Path("templates").resolve()


@cache
def asked(mini: str) -> Questionnaire:
    return load(BANKS / mini).or_refuse()


@cache
def outcome(mini: str, name: str) -> Outcome:
    scenario = next(one for one in load_scenarios(BANKS / mini)[0] if one.id == name)
    sheet = read_sheet(asked(mini), {"depth": scenario.depth, "answers": dict(scenario.answers)})
    return assess(asked(mini), sheet.answers, sheet.depth)


@cache
def written(mini: str, name: str) -> Report:
    return build(outcome(mini, name), asked(mini), Sponsor("Northgate"), date(2026, 11, 22))


def text_of(document: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(document)).pages).split())


TOLD = {
    ("measure-mean", "open"): (
        "50 of 100",
        "Not known yet: “Two” and “Three”. Depending on that it comes to between 50 and 100.",
    ),
    ("measure-mean", "silent"): ("Not answered",),
    ("measure-sum", "all"): (
        "15 of 35",
        "What is missing, with its points: Second step (6), Tested restore (2) and Server (12).",
    ),
    ("measure-sum", "firm"): (
        "15 of 15",
        "Not known yet: “Place of the server”. Depending on that it comes to between 15 and 35.",
    ),
    ("measure-deduction", "worst"): (
        "−4 of 4",
        "What is missing, with its points: One (5) and Two (3).",
        "At the lowest it could come to −4.",
    ),
    ("measure-sprs", "remote"): ("110 of 110",),
    ("measure-sprs", "unplanned"): (
        "No figure",
        "Without a system security plan there is nothing to assess, so there is no score.",
    ),
    ("measure-sprs", "unsure"): (
        "No figure yet",
        "Without a system security plan there is nothing to assess, so there is no score.",
        "Whether that is so depends on what is not known yet: “System security plan”.",
    ),
    ("measure-levels", "one"): (
        "Level one",
        "For “Level two” it takes: Second step: “Everybody”; Care: at least 80.",
    ),
    ("measure-levels", "open"): (
        "Level zero (provisional)",
        "For “Level one” it takes: Tested restore: “Last year”, or better.",
        "Not known yet: “Tested restore”. Depending on that it could also be “Level two”.",
    ),
    ("measure-levels", "gone"): ("Level two",),
    ("measure-first-match", "thin"): ("Thin", "There is little to fall back on."),
    ("measure-first-match", "unsure"): (
        "Exposed (provisional)",
        "It would mean: A door stands open to the internet.",
        "Not known yet: “The door”. Depending on that it could also be “Fine”.",
    ),
}


@pytest.mark.parametrize(("mini", "scenario"), TOLD, ids=map("/".join, TOLD))
def test_a_measure_is_told_in_plain_words(mini: str, scenario: str) -> None:
    measure = written(mini, scenario).measures[-1]
    assert (measure.comes_to, *measure.lines) == TOLD[mini, scenario]


def test_the_page_the_report_and_the_brief_tell_the_same() -> None:
    report = written("measure-sprs", "partial")
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    page = environment.get_template("report/measures.html").render(page=SimpleNamespace(report=report))
    brief = build_brief(report, outcome("measure-sprs", "partial"), asked("measure-sprs"))
    texts = (
        page,
        text_of(pdf.render(report, TEMPLATES / "report" / "report.typ")),
        text_of(pdf.render_brief(brief, TEMPLATES / "report" / "brief.typ")),
    )
    for text in texts:
        assert "Other measures" in text
        assert "SPRS score: 101 of 110" in text
        assert "Least privilege (3), Second step (3) and Encryption (3)." in text


def test_a_comparison_tells_what_a_measure_came_to_then_and_now() -> None:
    mini = "measure-sprs"
    taken = [Taken(outcome(mini, name), asked(mini), date(2026, 11, 22)) for name in ("unplanned", "partial")]
    made = compare(*taken, Sponsor("Northgate"))
    assert [(one.title, one.was, one.now) for one in made.measures] == [("SPRS score", "No figure", "101 of 110")]
    told = text_of(pdf.render_comparison(made, TEMPLATES / "report" / "comparison.typ"))
    assert "SPRS score: No figure → 101 of 110" in told


def test_nothing_is_told_where_there_are_none(report_of: ReportOf) -> None:
    report = replace(report_of("c9-solo-consultant"), measures=())
    assert "Other measures" not in text_of(pdf.render(report, TEMPLATES / "report" / "report.typ"))


def test_a_terminal_and_an_export_have_them_by_id() -> None:
    found = outcome("measure-levels", "open")
    lines = [*explain(found, asked("measure-levels"), False)]
    assert "  care         50 of 100, 50 to 100  Care" in lines
    assert "  maturity     zero or two  Maturity" in lines
    kept = record({}, found.model_dump(mode="json"), asked("measure-levels"))
    assert kept["measures"] == {
        "care": {"state": "measured", "value": 50, "low": 50, "high": 100, "least": 0, "most": 100},
        "maturity": {"state": "measured", "comes_to": "zero", "could_be": ["two"]},
    }
    cells = {column.title: column for column in columns(asked("measure-levels"))}
    assert [cells[title].value(kept) for title in ("Care", "Maturity")] == [50, "zero"]
    stored = {name: value for name, value in found.model_dump(mode="json").items() if name != "measures"}
    assert cells["Care"].value(record({}, stored, asked("measure-levels"))) is None


def test_a_questionnaire_laid_open_says_all_that_counts_in_them() -> None:
    (standing,) = lay_open(asked("measure-deduction")).measures
    assert standing.facts == (
        "It begins at 4. These answers take points away.",
        "One: “Bad” 5, “Fair” 2.",
        "Two: “Bad” 3.",
    )
    (shape,) = lay_open(asked("measure-groups")).measures
    assert shape.facts[1] == "“Machines” counts as one, weight 3: the mean of Laptops (weight 2), Servers (weight 1)."
    (risk,) = lay_open(asked("measure-first-match")).measures
    assert risk.facts[0] == "“Exposed” (critical) if “The door” is “It is”: A door stands open to the internet."
    assert risk.facts[-1] == "Otherwise “Fine” (info): Nothing stands out."
    (_, maturity) = lay_open(asked("measure-levels")).measures
    assert maturity.facts[-1] == "Level two: at least Second step “Everybody”, Care 80."
