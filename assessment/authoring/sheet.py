"""An empty workbook for authors: hints, headings in the order one fills them in, lists to choose from, a guide."""

from io import BytesIO
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from assessment.authoring.columns import COLUMNS, Column
from assessment.authoring.grid import MAX_ROWS

HINTS, HEADINGS = 0, 1


def empty_sheet() -> bytes:
    """The workbook. Its hints stand above the headings, where the reader does not look."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        looks = {
            "hint": book.add_format({"italic": True, "font_color": "#555555", "text_wrap": True, "valign": "top"}),
            "heading": book.add_format({"bold": True, "bg_color": "#e8eef3", "bottom": 1}),
            "required": book.add_format({"bold": True, "bg_color": "#cfdde8", "bottom": 1}),
            "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        }
        _questions(book.add_worksheet("Questions"), looks)
        _guide(book.add_worksheet("Columns"), looks)
    return made.getvalue()


def _questions(sheet: Any, looks: dict[str, Any]) -> None:
    sheet.set_row(HINTS, 78)
    sheet.freeze_panes(HEADINGS + 1, 2)
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width, looks["text"])
        sheet.write_string(HINTS, place, _hint(column), looks["hint"])
        sheet.write_string(HEADINGS, place, column.heading, looks["required" if column.required else "heading"])
        if column.allowed:
            listed = {"validate": "list", "source": list(column.allowed)}
            sheet.data_validation(HEADINGS + 1, place, MAX_ROWS, place, listed)


def _guide(sheet: Any, looks: dict[str, Any]) -> None:
    for place, (heading, width) in enumerate((("Column", 16), ("What stands in it", 80), ("If it is empty", 44))):
        sheet.set_column(place, place, width, looks["text"])
        sheet.write_string(0, place, heading, looks["heading"])
    for row, column in enumerate(COLUMNS, 1):
        sheet.write_row(row, 0, (column.heading, column.says, column.empty or "it must be filled in"), looks["text"])


def _hint(column: Column) -> str:
    if column.required:
        return f"{column.says} Needed."
    choices = f" {', '.join(column.allowed)}." if column.allowed else ""
    return f"{column.says}{choices} Empty: {column.empty}."
