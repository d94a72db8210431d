"""What pages of lists share: tables to take along, headings to fill in, and the cells that were corrected."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response, request

from kernel.errors import NotFound
from kernel.lists import CellFault
from kernel.sheets import FORMS, Cell, csv_sheet, sheet_of

MEDIA_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
CELLS_SHOWN = 50


def download(content: bytes | Iterable[bytes], media_type: str, name: str) -> Response:
    answer = Response(content, mimetype=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def check_form(form: str) -> None:
    """Raises NotFound for a table in another form than CSV or XLSX."""
    if form not in FORMS:
        raise NotFound


def table(form: str, rows: Iterable[Sequence[Cell]], name: str, language: str) -> Response:
    """Raises NotFound for another form."""
    check_form(form)
    return download(sheet_of(form, rows, name, language), MEDIA_TYPES[form], f"{name}.{form}")


def headings(columns: Mapping[str, Sequence[str]], name: str) -> Response:
    """A list to fill in: the heading row in Persian."""
    return download(csv_sheet([[titles[0] for titles in columns.values()]]), MEDIA_TYPES["csv"], f"{name}.csv")


def typed_cells() -> dict[tuple[int, str], str]:
    """The corrections by row and column; their fields are called `cell-<row>-<column>`."""
    cells = {}
    for name, text in request.form.items():
        prefix, _, rest = name.partition("-")
        row, _, column = rest.partition("-")
        if prefix == "cell" and row.isascii() and row.isdecimal() and len(row) < 6:
            cells[int(row), column] = text
    return cells


def row_left_out() -> int | None:
    """The row that is to be left out, by the button that was pressed."""
    prefix, _, row = request.form.get("act", "").rpartition("-")
    return int(row) if prefix == "leave-out" and row.isascii() and row.isdecimal() and len(row) < 6 else None


def cells_to_correct(faults: Sequence[CellFault]) -> dict[str, Any]:
    """As `parts/repair.html` shows them: so many at once."""
    return {"cells": faults[:CELLS_SHOWN], "total": len(faults), "bad_rows": len({one.row for one in faults})}
