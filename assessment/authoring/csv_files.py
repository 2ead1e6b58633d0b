"""CSV as spreadsheets and people save it: in one of several encodings, with commas, semicolons or tabs."""

import codecs
import csv
from collections.abc import Callable, Iterable
from io import StringIO

from assessment.authoring.grid import MAX_COLUMNS, MAX_ROWS, Cells, Grid, Unreadable, letters, too_long, too_wide

SEPARATORS = (",", ";", "\t")
HEADINGS_WITHIN = 50
GUESSED = "It is not UTF-8, so it was read as Windows-1252: look at accents and quotation marks."
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


def read_csv(data: bytes, file: str, looks_right: Callable[[Iterable[str]], bool]) -> Grid:
    """The cells of a CSV file; `looks_right` knows a row of headings. Raises Unreadable."""
    text, notes = _decoded(data)
    if "\0" in text:
        raise Unreadable("there are NUL characters in it, so it is no text; save it as CSV (UTF-8) again")
    text, separator = _named_separator(text)
    return _grid(text, separator or _separator(text, looks_right), file, notes)


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, encoding, name in MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), ()
            except UnicodeDecodeError:
                raise Unreadable(f"it begins like {name} text, but is none; save it as CSV (UTF-8) again") from None
    try:
        return data.decode(), ()
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), (GUESSED,)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"line {line} is neither UTF-8 nor Windows-1252 text; save it as CSV (UTF-8) again") from None


def _named_separator(text: str) -> tuple[str, str]:
    """Some spreadsheets name the separator in a first line of its own: `sep=;`. The line stays, as an empty one."""
    first, _, rest = text.partition("\n")
    name = first.strip().strip('"')
    if name.lower().startswith("sep=") and name[4:] in SEPARATORS:
        return "\n" + rest, name[4:]
    return text, ""


def _separator(text: str, looks_right: Callable[[Iterable[str]], bool]) -> str:
    """The separator that makes headings of one of the first lines; a comma where none does."""
    lines = text.splitlines()[:HEADINGS_WITHIN]
    parts = ((sign, [part.strip(' "') for part in line.split(sign)]) for sign in SEPARATORS for line in lines)
    return next((sign for sign, texts in parts if looks_right(texts)), SEPARATORS[0])


def _grid(text: str, separator: str, file: str, notes: tuple[str, ...]) -> Grid:
    def name(row: int, column: int) -> str:
        return f"{file} row {row}, column {letters(column)}"

    try:
        return Grid(_cells(text, separator), name, notes=notes)
    except csv.Error as error:
        raise Unreadable(f"it does not read as CSV: {error}; look for a quotation mark without its partner") from None


def _cells(text: str, separator: str) -> Cells:
    cells: dict[int, dict[int, str]] = {}
    lines = StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    for row, texts in enumerate(csv.reader(lines, delimiter=separator, strict=True), 1):
        filled = {column: text.strip() for column, text in enumerate(texts, 1) if text.strip()}
        if filled and row > MAX_ROWS:
            raise too_long()
        if filled and max(filled) > MAX_COLUMNS:
            raise too_wide(max(filled))
        if filled:
            cells[row] = filled
    return cells
