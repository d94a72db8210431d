"""Reads lists that people bring: CSV in UTF-8, UTF-16 or Windows-1256, or XLSX. Rows come out as {column: text}.

Who takes a list in keeps it as it was typed, shows each cell that is wrong, takes repairs, and takes in all of it or nothing.
"""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from itertools import islice
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from kernel.errors import BadInput, DomainError
from kernel.sheets import as_typed
from kernel.text import search_key

MOST_UNPACKED_BYTES = 60_000_000
MOST_CELL = 300
# Windows-1256 has no Persian yeh, so lists in it are written with the Arabic letters.
_PERSIAN_LETTERS = str.maketrans({"ي": "ی", "ك": "ک"})


class ListNotReadable(BadInput):
    """A list is neither CSV nor XLSX, has no known column, or no row; facts: `fault`."""

    code = "list_not_readable"


class ListTooLong(BadInput):
    """Facts: `most` rows."""

    code = "list_too_long"


class ListHasFaults(DomainError):
    """Nothing of it is taken in; facts: `faults`."""

    code = "list_has_faults"


@dataclass(frozen=True, slots=True)
class CellFault:
    """`row` counts from 0 under the heading; `suggestion` is a text that may be meant, empty where there is none."""

    row: int
    column: str
    error: DomainError
    suggestion: str = ""


def read_list(content: bytes, columns: Mapping[str, tuple[str, ...]], most_rows: int) -> list[dict[str, str]]:
    """The rows under the heading row; unknown columns are left out and empty rows skipped. `columns` is column → its titles.

    Raises ListNotReadable (fault: type, heading, empty) and ListTooLong.
    """
    column_of = {search_key(title): column for column, titles in columns.items() for title in titles}
    lines = _xlsx_lines(content, most_rows) if content.startswith(b"PK\x03\x04") else _csv_lines(content)
    heading = [column_of.get(search_key(title), "") for title in next(lines, [])]
    if len(set(heading) - {""}) < 2 or len(heading) - heading.count("") != len(set(heading) - {""}):
        raise ListNotReadable(field="list", fault="heading")
    rows = []
    for line in lines:
        row = {column: cell for column, cell in zip(heading, line, strict=False) if column}
        if any(row.values()):
            rows.append({column: row.get(column, "") for column in columns})
        if len(rows) > most_rows:
            raise ListTooLong(field="list", most=most_rows)
    if not rows:
        raise ListNotReadable(field="list", fault="empty")
    return rows


def repaired(
    rows: Iterable[Mapping[str, str]], cells: Mapping[tuple[int, str], str], left_out: int | None = None
) -> list[dict[str, str]]:
    """The rows with other texts in these cells, named by row and column; cells that no row has are left out.

    A row that is `left_out` becomes {}: the others keep their numbers, by which the list's reader finds them.
    """
    mended = [{} if number == left_out else dict(row) for number, row in enumerate(rows)]
    for (row, column), text in cells.items():
        if 0 <= row < len(mended) and column in mended[row]:
            mended[row][column] = text.strip()[:MOST_CELL]
    return mended


def _csv_lines(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for line in csv.reader(StringIO(text), delimiter=delimiter, strict=True):
            yield _cells(as_typed(cell) for cell in line)
    except csv.Error:
        raise ListNotReadable(field="list", fault="type") from None


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        codecs: tuple[str, ...] = ("utf-16",)
    else:
        codecs = ("utf-8-sig", "cp1256")
    for codec in codecs:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ListNotReadable(field="list", fault="type")


def _xlsx_lines(content: bytes, most_rows: int) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            if sum(member.file_size for member in packed.infolist()) > MOST_UNPACKED_BYTES:
                raise ListTooLong(field="list", most=most_rows)
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = [_cells(line) for line in islice(sheet.iter_rows(values_only=True), most_rows + 100)]
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError):
        raise ListNotReadable(field="list", fault="type") from None
    yield from lines


def _cells(line: Iterable[Any]) -> list[str]:
    return [_text(cell).translate(_PERSIAN_LETTERS).strip()[:MOST_CELL] for cell in line]


def _text(cell: Any) -> str:
    """A cell as a person would have typed it: whole numbers without a point, days as year-month-day."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
