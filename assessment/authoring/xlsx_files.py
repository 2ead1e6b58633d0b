"""Workbooks (.xlsx): what their cells show, read by openpyxl after a look at what would have to be unpacked.

Values only: a formula counts as the value it had when the file was saved. openpyxl refuses entities in the XML because
defusedxml is installed beside it. It is asked to stream, so that what a sheet claims about its size costs nothing.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import zip_longest
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl

from assessment.authoring.grid import MAX_COLUMNS, MAX_ROWS, Grid, Unreadable, letters, too_long, too_wide, wrong_cell
from assessment.engine.problems import Problem

MAX_UNPACKED = 20 * 1024 * 1024
MAX_PARTS = 500
LAST_ROW = 10 * MAX_ROWS
"""How far rows are looked at; what stands below a desert of empty ones is no question."""
OLD_FORMAT = bytes.fromhex("d0cf11e0a1b11ae1")


def read_xlsx(data: bytes, looks_right: Callable[[Iterable[str]], bool]) -> Grid:
    """The cells of the first sheet that holds a row of headings, as `looks_right` knows them. Raises Unreadable."""
    _look_inside(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about parts of workbooks that openpyxl leaves out, as we do
        try:
            grids = list(_grids(data))
        except Unreadable:
            raise
        except Exception as error:  # a damaged workbook fails anywhere inside the library, in any way
            reason = str(error).partition("\n")[0][:120] or type(error).__name__
            raise Unreadable(f"it does not read as a workbook ({reason}); open it and save it as .xlsx again") from None
    if not grids:
        raise Unreadable("there is no sheet with anything in it")
    return next((grid for grid in grids if any(looks_right(row.values()) for row in grid.cells.values())), grids[0])


def _look_inside(data: bytes) -> None:
    """Refuse what is no workbook, or would unpack to more than a questionnaire ever needs."""
    if data.startswith(OLD_FORMAT):
        raise Unreadable("it is an old .xls file, or it has a password; save it as .xlsx without one")
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable(f"it is no .xlsx workbook ({error}); open it and save it as .xlsx again") from None
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("it has a password; save it without one")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Unreadable(
            f"it would unpack to more than {MAX_UNPACKED // 1024**2} MiB; "
            f"copy the questions alone into a new workbook, without pictures"
        )


def _grids(data: bytes) -> Iterator[Grid]:
    """Every visible sheet that holds anything, its formulas and their values side by side."""
    shown = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    written = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False)
    with closing(shown), closing(written):
        for values, formulas in zip(shown.worksheets, written.worksheets, strict=True):
            grid = _grid(values, formulas)
            if values.sheet_state == "visible" and grid.cells:
                yield grid


def _grid(values: Any, formulas: Any) -> Grid:
    def name(row: int, column: int) -> str:
        return f"{values.title}!{letters(column)}{row}"

    cells: dict[int, dict[int, str]] = {}
    wrong: dict[tuple[int, int], Problem] = {}
    for row, (shown, written) in enumerate(zip_longest(_rows(values), _rows(formulas), fillvalue=()), 1):
        filled = {cell.column for cell in written if cell.value is not None}
        if filled and row > MAX_ROWS:
            raise too_long()
        if filled and max(filled) > MAX_COLUMNS:
            raise too_wide(max(filled))
        found = {cell.column: cell for cell in shown if cell.value is not None}
        says = {column: _wrong(found.get(column)) for column in filled}
        wrong |= {(row, column): wrong_cell(name(row, column), *why) for column, why in says.items() if why}
        texts = {column: text for column in sorted(filled) if not says[column] and (text := _text(found[column].value))}
        if texts:
            cells[row] = texts
    return Grid(cells, name, wrong)


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()
    found: Iterator[tuple[Any, ...]] = sheet.iter_rows(min_row=1, max_row=LAST_ROW)
    return found


FORMULA = (
    "this formula has no value in the file",
    "open the workbook in your spreadsheet and save it, or write the value itself",
)
DATED = "format the cell as Text and write it again: spreadsheets turn words such as 2-4 into dates"


def _wrong(cell: Any) -> tuple[str, str] | None:
    """Why what a cell shows cannot stand for what somebody wrote, and how to mend it."""
    if cell is None:
        return FORMULA
    if isinstance(cell.value, date | datetime | time | timedelta):
        return f"the spreadsheet has made a date or time of it: {cell.value}", DATED
    if cell.data_type == "e":
        return f"the cell shows an error: {cell.value}", "mend the formula, or write the value itself"
    return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
