"""Formats: records in, a file out in pieces: CSV and XLSX as a table, JSON with everything; nothing in it computes."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it ships no types

Cell = str | int | None
Record = Mapping[str, Any]
PIECE = 64 * 1024
MOST_ROWS = 1_000_000
"""How many records stand on one sheet; Excel has room for a few more."""

LONGEST_CELL = 32_767
"""How much text Excel takes in one cell, in UTF-16 units."""

SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫−⁺⁻⁼₊₋₌⩵⩶﬩"
"""What a formula begins with, and what some program might take for it."""

PASSED_OVER = "[\\s\\x00-\\x1f\\x7f\\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\"'`´‘’‚‛“”„‟«»]*"
COMPUTES = re.compile(f"^(?=[\\t\\r\\n]|{PASSED_OVER}[{SIGNS}])|(?<=[;|\\t\\r\\n])(?={PASSED_OVER}[{SIGNS}])")
"""Where a text would begin to be a formula: at its beginning, and after whatever some program splits cells at."""

NOT_IN_XML = re.compile("[^\\t\\n\\x20-\\ud7ff\\ue000-\\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its title, what stands in it, and how wide it is drawn."""

    title: str
    value: Callable[[Record], Cell]
    width: int = 12


class Format(NamedTuple):
    """One kind of file: its media type, what it is called, what it is good for, and what writes it."""

    media: str
    title: str
    says: str
    write: Callable[[Sequence[Column], Iterable[Record]], Iterator[bytes]]


def as_csv(columns: Sequence[Column], records: Iterable[Record]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8 with a mark at its beginning, without which Excel reads it wrong."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    header: Iterable[Cell] = [column.title for column in columns]
    for row in chain([header], ([column.value(record) for column in columns] for record in records)):
        writer.writerow(map(harmless, row))
        if buffer.tell() >= PIECE:
            yield _taken(buffer)
    yield _taken(buffer)


def harmless(cell: Cell) -> Cell:
    """A cell that no program computes: an apostrophe stands before whatever could be a formula."""
    return COMPUTES.sub("'", cell) if isinstance(cell, str) else cell


def _taken(buffer: StringIO) -> bytes:
    piece = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return piece


def as_json(columns: Sequence[Column], records: Iterable[Record]) -> Iterator[bytes]:
    """One array with an object for each record, all of it, whatever the columns are."""
    buffer, before = StringIO(), "[\n"
    for record in records:
        buffer.write(before + json.dumps(record, ensure_ascii=False))
        before = ",\n"
        if buffer.tell() >= PIECE:
            yield _taken(buffer)
    buffer.write("[]\n" if before == "[\n" else "\n]\n")
    yield _taken(buffer)


def as_xlsx(columns: Sequence[Column], records: Iterable[Record]) -> Iterator[bytes]:
    """A workbook of texts and numbers, without a formula or a link; written to a file first, so never half of one."""
    with TemporaryDirectory(prefix="export-") as folder:
        file = Path(folder) / "export.xlsx"
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False}
        with Workbook(str(file), options) as book:
            _fill(book, columns, iter(records))
        with file.open("rb") as made:
            while piece := made.read(PIECE):
                yield piece


def _fill(book: Workbook, columns: Sequence[Column], records: Iterator[Record]) -> None:
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    number = 1
    while True:
        sheet = book.add_worksheet(f"Assessments {number}" if number > 1 else "Assessments")
        sheet.freeze_panes(1, 1)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, writable(column.title), bold)
        last = 0
        for last, record in enumerate(islice(records, MOST_ROWS), 1):
            for place, column in enumerate(columns):
                cell = column.value(record)
                if isinstance(cell, int):
                    sheet.write_number(last, place, cell)
                elif cell:
                    sheet.write_string(last, place, writable(cell))
        sheet.autofilter(0, 0, last, max(0, len(columns) - 1))
        following = next(records, None) if last == MOST_ROWS else None
        if following is None:
            return
        records, number = chain([following], records), number + 1


def writable(text: str) -> str:
    """A text as a workbook can hold it: no signs XML has no place for, not too long, and never read as markup."""
    text = NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) > LONGEST_CELL // 2:
        text = text.encode("utf-16-le")[: 2 * LONGEST_CELL].decode("utf-16-le", "ignore")
    marked = text.startswith("<r>") and text.endswith("</r>")  # XlsxWriter would put it into the file as it is
    return f"{text[: LONGEST_CELL - 1]} " if marked else text


FORMATS: Mapping[str, Format] = {
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Excel workbook",
        "For Excel, LibreOffice and Google Sheets: one row an assessment, ready to sort and filter.",
        as_xlsx,
    ),
    "csv": Format(
        "text/csv; charset=utf-8",
        "CSV",
        "The same table as plain text, for a CRM or anything else that reads tables. Where a text could be taken for "
        "a formula, such as a phone number that begins with +, an apostrophe stands before it.",
        as_csv,
    ),
    "json": Format(
        "application/json",
        "JSON",
        "For programs: everything, with each answer and action by its id.",
        as_json,
    ),
}
"""The kinds of file there are, by the end of their name."""
