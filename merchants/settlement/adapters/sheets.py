"""A statement as a sheet that a shopkeeper can add up: CSV and XLSX with the same rows. Every line names its receipt."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from kernel.calendar import TEHRAN, jalali_digits
from merchants.settlement.queries import LineRow, StatementRow

Cell = str | int
BYTE_ORDER_MARK = "\ufeff"  # without it a spreadsheet takes Persian letters for another alphabet


def csv_sheet(rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def xlsx_sheet(rows: Iterable[Sequence[Cell]], title: str, *, is_right_to_left: bool) -> bytes:
    """One sheet; amounts are numbers and references are text."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.sheet_view.rightToLeft = is_right_to_left
    for row in rows:
        sheet.append(list(row))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def statement_rows(
    statement: StatementRow, lines: Iterable[LineRow], words: dict[str, str]
) -> Iterator[Sequence[Cell]]:
    """Header, lines, then the sums down to the payout. `words` are the labels in the reader's language."""
    yield [words[name] for name in ("receipt", "date", "time", "part", "gross", "credit", "commission", "net")]
    for line in lines:
        at = line.decided_at.astimezone(TEHRAN)
        yield (
            line.receipt, jalali_digits(at.date()), f"{at:%H:%M:%S}", words[line.part], line.gross_rial,
            line.credit_rial, -line.commission_rial, line.gross_rial - line.commission_rial,
        )  # fmt: skip
    for name, amount in statement.sums:
        yield "", "", "", words[name], "", "", "", amount
