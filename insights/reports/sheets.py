"""A report as rows of a sheet: numbers stay numbers, days are written as the reader's calendar has them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from insights.reports.queries import ReceiptLine, Told
from kernel.calendar import TEHRAN, day_digits
from kernel.languages import in_language
from kernel.sheets import Cell

RECEIPT_COLUMNS = (
    "receipt", "date", "time", "shop", "branch", "terminal", "part", "gross_rial", "commission_rial", "net_rial",
    "credit_used_rial", "credit_given_rial",
)  # fmt: skip


def group_rows(told: Told, labels: Sequence[str], words: Mapping[str, str], title: str, total: str) -> Iterator[Sequence[Cell]]:
    """Header, one row a group, the sum. `labels` name the groups in their order."""
    yield [title, *(words[name] for name in told.columns)]
    for group, label in zip(told.groups, labels, strict=True):
        yield [label, *group.values]
    yield [total, *told.sums]


def receipt_row(line: ReceiptLine, language: str, words: Mapping[str, str]) -> list[Cell]:
    at = line.decided_at.astimezone(TEHRAN)
    return [
        f"{line.business_date.isoformat()}/{line.entry_id}", day_digits(at.date(), language), f"{at:%H:%M:%S}",
        in_language(line.shop_names, language), in_language(line.branch_names or {}, language), line.terminal_code or "",
        words[line.part], line.gross_rial, -line.commission_rial, line.gross_rial - line.commission_rial, line.credit_rial,
        line.earned_rial,
    ]  # fmt: skip


def receipt_sheet(rows: Iterable[Sequence[Cell]], words: Mapping[str, str]) -> Iterator[Sequence[Cell]]:
    """Header, the lines, and the sum of what stands above it."""
    amounts = len([name for name in RECEIPT_COLUMNS if name.endswith("_rial")])
    sums = [0] * amounts
    yield [words[name] for name in RECEIPT_COLUMNS]
    for row in rows:
        sums = [total + int(value) for total, value in zip(sums, row[-amounts:], strict=True)]
        yield row
    yield [words["total"], *[""] * (len(RECEIPT_COLUMNS) - amounts - 1), *sums]
