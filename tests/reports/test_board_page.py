"""The first page of the PDF: one page whatever stands in it, with all that a board asks for."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PageObject, PdfReader

from assessment.reports.pdf import render
from assessment.reports.report import FindingView, Quote, Report, Sponsor
from assessment.reports.words import SELF_REPORTED, day
from tests.reports.conftest import NAMES, SPONSOR, ReportOf

TEMPLATE = Path("templates/report/report.typ")
WORST, HEALTHY, OPEN = "c5-heating-contractor", "c8-architecture-firm", "c4-law-firm"
LONG = "Something that takes many words to say, and then some more. " * 30
WIDE = "W" * 2000


def pages(report: Report) -> tuple[PageObject, str]:
    """The first page, and what the second one says."""
    first, second, *_ = PdfReader(BytesIO(render(report, TEMPLATE)), strict=True).pages
    return first, words(second.extract_text())


def words(text: str) -> str:
    return " ".join(text.split())


def lines(page: PageObject) -> list[tuple[float, str]]:
    """What the page says from its top to its bottom, each with its height above the foot."""
    found: list[tuple[float, str]] = []

    def see(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if text.strip():
            found.append((tm[5] * cm[3] + cm[5], text.strip()))

    page.extract_text(visitor_text=see)
    return found


def check(report: Report) -> str:
    """One page: the next part begins on the second, and the foot stands below all the rest; gives its text."""
    page, second = pages(report)
    text = words(page.extract_text())
    assert "Where you stand" in second
    assert "Where you stand" not in text
    assert SELF_REPORTED in text
    heights = [height for height, _ in lines(page)]
    foot = next(n for n, (_, said) in enumerate(lines(page)) if said.startswith(("Take this", "Made with")))
    above, below = heights[:foot], heights[foot:]
    assert min(above) > max(below) + 9
    assert min(heights) > 0
    return text


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_all_that_a_board_asks_for(report_of: ReportOf, name: str) -> None:
    report = report_of(name)
    text = check(report)
    assert report.score
    assert report.roadmap
    assert report.look_again
    said = [SPONSOR.name, report.title, day(report.taken_on), report.verdict, report.score.band_name]
    said += [f"{report.score.score} of 100", report.look_again.says, f"check that {SPONSOR.name} runs"]
    said += [finding.title for finding in report.criticals]
    said += [part for action in report.first for part in (action.do, action.effort, action.money or action.cost)]
    said += [f"{stage.money} {stage.score_after}" for stage in report.roadmap.stages]
    said += [*report.roadmap.hours, report.roadmap.money, *(quote.says for quote in report.firm)]
    said += [f"{quote.short}: “{quote.says[:40]}" for quote in report.strengths[:4]]
    assert [one for one in said if one not in text] == []
    if report.score.ranged:
        assert f"range {report.score.low} to {report.score.high}" in text


def test_a_score_that_an_open_answer_could_pull_down_says_so(report_of: ReportOf) -> None:
    report = report_of(OPEN)
    assert report.score
    assert report.score.provisional
    assert f"but {report.score.low} if an open answer turns out badly" in check(report)


def swollen(report: Report, said: str, sponsor: Sponsor = SPONSOR) -> Report:
    """The report with this text wherever one of any length can stand, twelve critical findings and all good things."""
    assert report.score
    assert report.roadmap
    assert report.look_again
    quote = Quote("a.b", said, said)
    critical = FindingView("a", "A", "critical", False, said, said, (quote,), (), None)
    action = replace(report.first[0], do=said, who=said, effort=said, money=said, gain=said, first=(), quotes=(quote,))
    firsts = tuple(replace(action, number=number) for number in (1, 2, 3))
    return replace(
        report,
        sponsor=sponsor,
        title=said[:120],
        verdict=said,
        firm=(quote,) * 3,
        score=replace(report.score, range_says=said, held=(said,) * 3, low=0, high=100, provisional=True),
        criticals=(critical,) * 12,
        first=firsts,
        strengths=(quote,) * 5,
        plan=(),
        answers=(),
        losses=(),
        findings=(),
        look_again=replace(report.look_again, says=f"Take this check again. {said}"),
    )


@pytest.mark.parametrize("said", [LONG, WIDE, "e\u0301" * 500, "a " * 1500], ids=["long", "wide", "accents", "short"])
def test_it_is_one_page_however_much_there_is_to_say(report_of: ReportOf, said: str) -> None:
    text = check(swollen(report_of(WORST), said))
    assert "…" in text
    assert "more, under “What stands out”." in text
    assert "Do these first" in text
    assert "The year ahead" in text


def test_it_is_one_page_whatever_the_sponsor_is_called(report_of: ReportOf) -> None:
    for said in (LONG, WIDE):
        check(swollen(report_of(WORST), LONG, Sponsor(said, said, f"https://north.example/{WIDE}")))


def test_a_text_is_cut_at_a_word(report_of: ReportOf) -> None:
    report = report_of(HEALTHY)
    said = " ".join(f"word{number}" for number in range(200))
    cut = replace(report, verdict=said)
    page, _ = pages(cut)
    kept = words(page.extract_text()).partition(" …")[0].split("Nobody")[0]
    assert kept.endswith(tuple(f"word{number}" for number in range(20, 200)))


def test_more_is_told_where_there_is_room(report_of: ReportOf) -> None:
    report = report_of(HEALTHY)
    assert check(report).count("“") == 4
    assert "What is good already" not in check(swollen(report, LONG))


def test_nothing_is_said_of_what_is_not_there(report_of: ReportOf) -> None:
    bare = replace(report_of(HEALTHY), criticals=(), first=(), roadmap=None, strengths=(), look_again=None, score=None)
    text = check(bare)
    for part in ("Critical now", "Do these first", "The year ahead", "What is good already", "of 100"):
        assert part not in text
