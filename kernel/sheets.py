"""Writes tables for spreadsheets, as CSV and XLSX with the same rows: numbers stay numbers, and no text is ever computed."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

Cell = str | int
FORMS = ("csv", "xlsx")
LONGEST_TITLE = 31  # of a sheet, as Excel has it
BYTE_ORDER_MARK = "\ufeff"  # without it a spreadsheet takes Persian letters for another alphabet
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute instead of show


def inert(text: str) -> str:
    """A cell of a CSV file that stays text, whatever people typed."""
    return f"'{text}" if _computes(text) else text


def as_typed(cell: str) -> str:
    """What `inert` was given."""
    return cell[1:] if cell.startswith("'") and _computes(cell) else cell


def _computes(text: str) -> bool:
    """A sign alone computes nothing; what is marked as text already is marked once more, so that it comes back as it was."""
    rest = text.lstrip("'")
    return len(rest) > 1 and rest.startswith(FORMULA)


def csv_sheet(rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([inert(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def xlsx_sheet(rows: Iterable[Sequence[Cell]], title: str, *, is_right_to_left: bool) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:LONGEST_TITLE])
    sheet.sheet_view.rightToLeft = is_right_to_left

    def cell_of(value: Cell) -> Any:
        if not isinstance(value, str) or not value.startswith("="):
            return value
        cell = WriteOnlyCell(sheet, value)
        cell.data_type = "s"
        return cell

    for row in rows:
        sheet.append([cell_of(value) for value in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def sheet_of(form: str, rows: Iterable[Sequence[Cell]], title: str, language: str) -> bytes:
    """In one of FORMS; the first column is at the right where the language begins there."""
    if form == "csv":
        return csv_sheet(rows)
    return xlsx_sheet(rows, title, is_right_to_left=language != "en")
