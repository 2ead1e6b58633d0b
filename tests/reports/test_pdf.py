"""The PDF: what an owner can read in it, what a screen reader needs, and that no text whatever can stop it."""

import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from assessment.reports.pdf import printable, render, web_link
from assessment.reports.report import AnswersView, Quote, Report, Sponsor
from assessment.reports.words import JUDGEMENT, SELF_REPORTED
from tests.reports.conftest import NAMES, SPONSOR, ReportOf

TEMPLATE = Path("templates/report/report.typ")
WORST, HEALTHY, OPEN = "c1-dental-practice", "c8-architecture-firm", "c4-law-firm"


def read(report: Report) -> PdfReader:
    return PdfReader(BytesIO(render(report, TEMPLATE)), strict=True)


def words(text: str) -> str:
    """Text without line ends, as a reader sees it."""
    return " ".join(text.split())


def unspaced(text: str) -> str:
    """Text without any space, for what a line may break within; in lower case."""
    return "".join(text.split()).lower()


def text_of(pdf: PdfReader) -> str:
    return words(" ".join(page.extract_text() for page in pdf.pages))


def links(pdf: PdfReader) -> set[str]:
    notes = [note.get_object() for page in pdf.pages for note in page.get("/Annots", [])]
    return {note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})}


@pytest.fixture(scope="module", params=NAMES)
def pair(request: pytest.FixtureRequest, report_of: ReportOf) -> tuple[Report, PdfReader]:
    report = report_of(request.param)
    return report, read(report)


def test_the_first_page_stands_alone(pair: tuple[Report, PdfReader]) -> None:
    report, pdf = pair
    first, second = words(pdf.pages[0].extract_text()), words(pdf.pages[1].extract_text())
    assert report.score is not None
    for said in (SPONSOR.name, report.verdict, f"{report.score.score} of 100", report.score.band_name, SELF_REPORTED):
        assert said in first
    for said in [finding.title for finding in report.criticals[:8]] + [action.do for action in report.first]:
        assert said in first
    assert "Where you stand" in second


def test_every_action_finding_bank_and_answer_is_in_the_text(pair: tuple[Report, PdfReader]) -> None:
    report, pdf = pair
    text = unspaced(text_of(pdf))
    said = [action.do for action in report.actions] + [bank.title for bank in report.banks]
    said += [f"after this: {action.after}" for action in report.actions if action.after is not None]
    said += [finding.title for finding in report.findings + report.criticals]
    said += [part for bank in report.answers for row in bank.answers for part in row]
    said += [step for action in report.actions[:10] for step in action.steps]
    assert [one for one in [*said, JUDGEMENT, report.digest] if unspaced(one) not in text] == []


def test_title_language_tags_and_date(pair: tuple[Report, PdfReader]) -> None:
    report, pdf = pair
    assert pdf.metadata is not None
    assert pdf.metadata.title == f"{report.title}, 22 November 2026"
    assert pdf.metadata.creation_date is not None
    assert pdf.metadata.creation_date.date() == date(2026, 11, 22)
    assert pdf.trailer["/Root"]["/Lang"] == "en-GB"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in pdf.trailer["/Root"]["/Metadata"].get_data()


def test_the_outline_names_the_parts_in_order(pair: tuple[Report, PdfReader]) -> None:
    _, pdf = pair
    names = [str(part.title) for part in pdf.outline if not isinstance(part, list)]
    parts = ["Do these first", "Where you stand", "Your plan", "How this score came about", "Your answers", "Sources"]
    assert [name for name in names if name in parts] == parts


def test_pages_are_numbered_and_carry_the_sponsor(pair: tuple[Report, PdfReader]) -> None:
    _, pdf = pair
    pages = len(pdf.pages)
    assert pdf.page_labels == [str(number) for number in range(1, pages + 1)]
    for number, page in enumerate(pdf.pages, 1):
        text = words(page.extract_text())
        assert f"Page {number} of {pages}" in text
        assert SPONSOR.name in text


def test_figures_and_sponsor_are_linked(pair: tuple[Report, PdfReader]) -> None:
    report, pdf = pair
    expected = {SPONSOR.link, f"mailto:{SPONSOR.contact}", *(figure.link for figure in report.figures)}
    assert links(pdf) == expected


def test_pictures_have_words(report_of: ReportOf) -> None:
    report = report_of(OPEN)
    assert report.score is not None
    described = []
    todo = [read(report).trailer["/Root"]["/StructTreeRoot"]]
    while todo:
        node = todo.pop().get_object()
        if isinstance(node, list):
            todo += node
        elif isinstance(node, dict):
            described += [node["/Alt"]] if node.get("/S") == "/Figure" else []
            todo += [node["/K"]] if "/K" in node else []
    assert len(described) == 3
    range_says = f"The score is {report.score.score}, the range {report.score.low} to {report.score.high}."
    assert any(range_says in says for says in described)


def test_the_same_report_gives_the_same_bytes_in_any_order_and_thread(report_of: ReportOf) -> None:
    reports = [report_of(name) for name in NAMES] * 2
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda report: render(report, TEMPLATE), reports))
    assert made[: len(NAMES)] == made[len(NAMES) :]
    assert len(set(made)) == len(NAMES)


def test_no_other_sponsor_is_named(report_of: ReportOf) -> None:
    read(report_of(HEALTHY))
    other = read(report_of(HEALTHY, Sponsor("Southgate Computing", "01632 960000")))
    assert "Northgate" not in text_of(other)
    assert links(other) == set()


def test_a_report_without_score_plan_or_answers_is_still_a_report(report_of: ReportOf) -> None:
    full = report_of(HEALTHY, Sponsor(""))
    bare = replace(full, score=None, first=(), banks=(), plan=(), next_band="", signs=None, losses=(), answers=())
    assert full.verdict in text_of(read(bare))


def hostile(report: Report, text: str) -> Report:
    """The report with this text wherever a respondent or an operator has a say."""
    quote = Quote("a.b", text, text)
    horizon = report.plan[0]
    action = replace(horizon.actions[0], quotes=(quote,))
    return replace(
        report,
        sponsor=Sponsor(text, text, text),
        first=(action,),
        plan=(replace(horizon, actions=(action,)),),
        assumed=(quote,),
        losses=(),
        banks=report.banks[:1],
        answers=(AnswersView("Your business", ((text, text, text),)),),
    )


ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY_TEXT)
@example(text="Acme 🚀 IT 👩🏽‍💻")
@example(text="\x00\ud800\udfff\ufffe\U0010ffff\u202e\u200b\u00ad")
@example(text="שלום عليكم 你好 नमस्ते")
@example(text="#panic() $x$ *a* _b_ `c` <d> @e \\ // /* [ ] { } \" '")
@example(text="w" * 2000)
@example(text="a@b.example\n")
@example(text="https://x.example/" + "ü" * 3000)
@example(text="e" + "\u0301" * 200)
def test_any_text_at_all_gives_a_pdf_that_opens(report_of: ReportOf, text: str) -> None:
    assert len(read(hostile(report_of(HEALTHY), text)).pages) >= 2


def test_every_character_there_is_can_be_printed(report_of: ReportOf) -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    kept = "".join(sorted({letter for letter in printable(everything) if letter != "\u00ad"}))
    assert len(kept) > 1000
    spaced = " ".join(kept)
    assert "Ω" in text_of(read(hostile(report_of(HEALTHY), spaced)))


@given(ANY_TEXT)
def test_printable_text_stays_as_it_is(text: str) -> None:
    assert printable(printable(text)) == printable(text)
    assert bool(printable(text)) == bool(text.strip()) or not text.isprintable()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme 🚀 IT", "Acme IT"),
        ("Zoë Łukasz Ελένη Дмитрий Nguyễn", "Zoë Łukasz Ελένη Дмитрий Nguyễn"),
        (unicodedata.normalize("NFD", "Zoë"), "Zoë"),
        ("① ｆｕｌｌ ㎏", "1 full kg"),
        ("安全", "??"),
        ("two\nlines\tand\u00a0more", "two lines and\u00a0more"),
        ("🚀", "?"),
        ("", ""),
    ],
)
def test_what_the_font_lacks_is_said_as_near_as_can_be(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_only_web_links_are_links() -> None:
    assert web_link("https://example.org/ü?a=b#c") == "https://example.org/%C3%BC?a=b#c"
    for other in ("javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "", "https://" + "a" * 3000):
        assert web_link(other) == ""
