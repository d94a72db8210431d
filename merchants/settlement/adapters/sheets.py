"""A statement as the rows of a sheet that a shopkeeper can add up. Every line names its receipt."""

from collections.abc import Iterable, Iterator, Sequence

from kernel.calendar import TEHRAN, jalali_digits
from kernel.sheets import Cell
from merchants.settlement.queries import LineRow, StatementRow


def statement_rows(statement: StatementRow, lines: Iterable[LineRow], words: dict[str, str]) -> Iterator[Sequence[Cell]]:
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
