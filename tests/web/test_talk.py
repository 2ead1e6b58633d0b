"""Beside the report: the questions for whoever helps, and what a standstill costs by the owner's own figures."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.web.conftest import Visitor

FIGURES = "people=4&pay=25&margin=60&least=4&most=16"


def test_the_questions_stand_on_a_page_and_as_plain_text(visitor: Visitor) -> None:
    report = visitor.finish("standard", level=0)
    page = visitor.get(f"{report}/questions")
    text = visitor.client.get(f"{report}/questions.txt")
    assert text.content_type == "text/plain; charset=utf-8"
    asked = [line.partition(". ")[2] for line in text.text.splitlines() if line[:1].isdigit()]
    assert 3 < len(asked) <= 8
    for question in asked:
        assert question in page.says()
        assert question in visitor.get(report).says()


def test_what_a_standstill_costs_is_worked_out_from_the_address_and_stands_in_the_pdf(visitor: Visitor) -> None:
    report = visitor.finish("standard", level=0)
    page = visitor.get(f"{report}?{FIGURES}")
    assert "4 to 16 hours: between £640 and £2,560" in page.says()
    [address] = {link for link in page.links() if link.startswith(f"{report}/report.pdf")}
    pdf = visitor.client.get(address)
    text = " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(pdf.data)).pages).split())
    assert "between £640 and £2,560" in text
    assert "between £640" not in visitor.get(report).says()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("people=four&pay=25&least=1&most=2", "Please write a number"),
        ("people=-1&pay=25&least=1&most=2", "from 0 to 1,000,000"),
        ("people=4&pay=nan&least=1&most=2", "Please write a number"),
        ("people=4&pay=1e999999&least=1&most=2", "Please write a number"),
        ("people=4&pay=&least=1&most=2", "Please write a number"),
        ("people=" + "9" * 5000 + "&pay=1&least=1&most=2", "Please write a number"),
        ("people=4&pay=%00&least=%F0%9F%98%80&most=2", "Please write a number"),
    ],
)
def test_figures_that_cannot_be_read_are_told_of_and_kept(visitor: Visitor, typed: str, says: str) -> None:
    page = visitor.get(f"{visitor.finish()}?{typed}")
    assert says in page.says()
    assert "Some of the figures cannot be read" in page.says()


@pytest.mark.parametrize(
    ("typed", "total"), [("1%2C5", "£1.50"), ("1%2C000", "£1,000"), ("1%2C000.50", "£1,001"), ("2%20000", "£2,000")]
)
def test_figures_are_read_as_people_write_them(visitor: Visitor, typed: str, total: str) -> None:
    page = visitor.get(f"{visitor.finish()}?people=1&pay={typed}&least=1&most=1")
    assert f"1 hour: {total}" in page.says()
