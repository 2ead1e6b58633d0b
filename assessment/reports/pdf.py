"""Turns reports, briefs and comparisons into PDF bytes with Typst; text is data, never markup; nothing is fetched."""

import json
import re
import shutil
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import font_source_sans_pro
import typst
from fontTools.ttLib import TTFont

from assessment.reports.brief import Brief
from assessment.reports.comparison.comparison import Comparison
from assessment.reports.report import Report
from assessment.reports.words import JUDGEMENT, SELF_REPORTED

FACES = ("SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf")
"""The font files of a report. The wheel holds each twice (.otf and .ttf), so a copy of these two decides which."""

CACHED_COMPILES = 10
LONGEST_LINK = 2000
LONGEST_WORD = 36
UNBROKEN = re.compile(rf"[^\s\-\u2010-\u2015]{{{LONGEST_WORD},}}+")
ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


def render(report: Report, template: Path, logo: bytes | None = None) -> bytes:
    """The report as tagged PDF (PDF/UA-1), with the sponsor's logo (PNG). The same report gives the same bytes."""
    return _compile(template, "report", _data(report), report, logo)


def render_brief(brief: Brief, template: Path, logo: bytes | None = None) -> bytes:
    """The staff brief, the same way."""
    return _compile(template, "brief", _plain(brief), brief, logo)


def render_comparison(comparison: Comparison, template: Path, logo: bytes | None = None) -> bytes:
    """What changed between two assessments, the same way."""
    return _compile(template, "comparison", _plain(comparison), comparison, logo)


def _compile(template: Path, name: str, data: object, about: Report | Brief | Comparison, logo: bytes | None) -> bytes:
    taken_on = about.taken_on
    pdf = typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={name: json.dumps(data), "logo": json.dumps(list(logo or b"")), "accent": about.sponsor.accent},
        pdf_standards=["ua-1"],
        timestamp=datetime(taken_on.year, taken_on.month, taken_on.day, tzinfo=UTC),
    )
    _forget(template.with_name("blank.typ"))
    return pdf


def _forget(blank: Path) -> None:
    """Empty Typst's cache: it drops what no compile has used for ten, so compile a blank page that often.

    Kept, it holds the last ten respondents' texts and 450 MB, and saves nothing: another report shares no layout.
    """
    compiler = typst.Compiler(str(blank), font_paths=_fonts(), ignore_system_fonts=True)
    for _ in range(CACHED_COMPILES + 1):
        compiler.compile(format="svg")  # the quickest there is


def printable(text: str) -> str:
    """The text in characters the font has: composed, else simplified, else "?"; pictures and invisible signs go.

    PDF/UA refuses a character without a glyph, so an emoji in a name would otherwise cost the whole report.
    """
    found = text if text.isascii() and text.isprintable() else _covered_only(text)
    if len(found) >= LONGEST_WORD:
        found = UNBROKEN.sub(lambda run: re.sub(r".{24}(?=.)", "\\g<0>\u00ad", run[0]), found)
    if "  " in found:
        found = re.sub(" {2,}", " ", found)
    return found.strip() or ("?" if text.strip() else "")


def _covered_only(text: str) -> str:
    found = unicodedata.normalize("NFC", text)
    return _missing().sub(lambda run: "".join(map(_nearest, run[0])), found)


def _nearest(letter: str) -> str:
    simpler = unicodedata.normalize("NFKC", letter)
    if simpler != letter and not _missing().search(simpler):
        return simpler
    if letter.isspace():
        return " "
    return "?" if unicodedata.category(letter)[0] in "LNP" else ""


@cache
def _missing() -> re.Pattern[str]:
    """Matches runs of characters that not every face has a glyph for; invisible ones count as missing."""
    covered = set.intersection(*map(_covered, _faces()))
    wanted = sorted(letter for letter in map(chr, covered) if unicodedata.category(letter)[0] != "C")
    return re.compile(f"[^{re.escape(''.join(wanted))}]+")


def _covered(face: Path) -> set[int]:
    with TTFont(face, lazy=True) as font:
        return set(font.getBestCmap())


def _faces() -> list[Path]:
    return [Path(font_source_sans_pro.font_directory) / name for name in FACES]


@cache
def _fonts() -> typst.Fonts:
    """The faces, read into memory once: Typst takes folders only, and reads a font when it first sets a word in it."""
    with TemporaryDirectory() as folder:
        for file in _faces():
            shutil.copy(file, folder)
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
        page = Path(folder) / "page.typ"
        page.write_text('#set text(font: "Source Sans Pro")\na #strong[a] #text(weight: 600)[a]', encoding="utf-8")
        typst.compile(str(page), font_paths=fonts, ignore_system_fonts=True)
    return fonts


def _data(report: Report) -> Mapping[str, object]:
    data = _plain(report)
    assert isinstance(data, dict)
    sponsor = report.sponsor
    return {
        **data,
        "links": {
            "sponsor": web_link(sponsor.link),
            "contact": f"mailto:{_quoted(sponsor.contact)}" if ADDRESS.fullmatch(sponsor.contact) else "",
            "figures": {str(figure.number): web_link(figure.link) for figure in report.figures},
        },
        "words": {"self_reported": SELF_REPORTED, "judgement": JUDGEMENT},
    }


def _plain(value: object) -> object:
    """Dataclasses as objects, dates as ISO text, and every text printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value.isoformat() if isinstance(value, date) else value


def web_link(link: str) -> str:
    """The link as ASCII, if it leads to a web page; otherwise nothing, and its text stands without a link."""
    quoted = _quoted(link)
    return quoted if quoted.startswith(("https://", "http://")) and len(quoted) <= LONGEST_LINK else ""


def _quoted(link: str) -> str:
    return quote(link.strip(), safe="%/:?#[]@!$&'()*+,;=-._~", errors="replace")
