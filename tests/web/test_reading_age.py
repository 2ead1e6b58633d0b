"""How old a reader must be for the report as it is drawn: the whole page of each labelled firm, held under a bar."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from assessment.engine.reading_age import count, sentences
from assessment.web.reading import plain_page
from assessment.web.site import render, site
from tests.reports.conftest import NAMES, written
from tests.web.conftest import NAMESPACE, parse, words

BAR = 11
"""A judgement: two years below what one text may ask for, since a report is read by somebody with little time."""

HARDEST = 5
BLOCKS = {f"{NAMESPACE}{tag}" for tag in ("p", "li", "dt", "dd", "h1", "h2", "h3", "td", "th", "summary")}
SHORTEST = 5
"""Sentences with fewer words are labels, such as “Step 12”; they would only flatter the figure."""


def texts(tree: Element) -> Iterator[str]:
    """The texts of a page, each block by itself, without its pictures."""
    for block in tree.iter():
        inside = {inner.tag for inner in block.iter()} - {block.tag}
        if block.tag in BLOCKS and not inside & BLOCKS:
            yield words(block)


def read(app: Flask, name: str) -> list[str]:
    with app.test_request_context():
        page = render("report/report.html", plain_page(site().frame("Your report"), written(name)))
    said = sentences(texts(parse(page.get_data())))
    return [sentence for sentence in said if len(sentence.split()) >= SHORTEST]


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_report_is_read_with_ease(app: Flask, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = read(app, name)
    found = count(said)
    with capsys.disabled():
        print(f"\nreading age of {name}: {found.age:.1f} ({found.words} words in {found.sentences} sentences)")
    assert found.words > 500
    hardest = sorted(said, key=lambda one: count([one]).age, reverse=True)[:HARDEST]
    assert found.age <= BAR, hardest
