"""Statements and reports as PDF, in the reader's language: what is on the page, for a folder or a tax office."""

from collections.abc import Callable, Iterable
from datetime import date

from flask_babel import gettext as _

from kernel.calendar import gregorian_text
from kernel.languages import in_language
from kernel.printing.paper import Cell, Column, Paper
from merchants.settlement.queries import LineRow, StatementRow
from merchants.settlement.rules.sheba import bank_of_sheba, masked
from portal import formats, settlement_words


def statement_paper(row: StatementRow, lines: Iterable[LineRow], language: str, link: Callable[[LineRow], str]) -> bytes:
    """One statement. `link` gives the address of a line's receipt, or an empty one where the reader may not open it."""
    told = row.statement
    title = _("Statement up to %(day)s", day=two_calendars(row.batch.cut_off, language))
    paper = Paper(language, row.batch.reference, str(_("Pilgrim Card")))
    paper.head(_("Settlement %(reference)s", reference=row.batch.reference), in_language(row.names, language), title)
    paper.section(_("What it adds up to (Rial)"))
    paper.facts((str(settlement_words.SUMS[name]), formats.number(amount, language)) for name, amount in row.sums)
    if told.credit_rial:
        credit = formats.number(told.credit_rial, language)
        paper.facts([(_("Of the sales, paid with credit"), credit)])
    if told.discount_rial:
        paper.facts([(_("Cash discounts given at the tills"), formats.number(told.discount_rial, language))])
    if told.payout_rial and told.sheba:
        _payout(paper, row, told.sheba, language)
    paper.section(_("Lines"))
    paper.table(_columns(), (_line(line, language, link(line)) for line in lines))
    return paper.finish(lambda page, pages: _foot(page, pages, row.batch.reference, language))


def two_calendars(day: date, language: str) -> str:
    """The reader's own calendar first, the other beside it."""
    if language != "fa":
        return formats.both_days(day, language)
    return f"{formats.day(day, language)} ({formats.number(gregorian_text(day, language), language)})"


def _payout(paper: Paper, row: StatementRow, sheba: str, language: str) -> None:
    told = row.statement
    paper.section(_("Payout"))
    paper.facts((
        (_("Amount (Rial)"), formats.number(told.payout_rial, language)),
        (_("Sheba"), masked(sheba)),
        (_("Bank"), in_language(bank_of_sheba(sheba), language)),
        (_("Reference"), told.payout_reference or ""),
        (_("On your account by"), formats.moment(row.batch.expected_at, language)),
    ))  # fmt: skip


def _columns() -> tuple[Column, ...]:
    said = settlement_words.SHEET
    return (
        Column(str(said["receipt"]), 32), Column(str(said["date"]), 20), Column(str(said["time"]), 16),
        Column(str(said["part"]), 21), Column(str(said["gross"]), 24, is_amount=True),
        Column(str(said["credit"]), 24, is_amount=True), Column(str(said["commission"]), 22, is_amount=True),
        Column(str(said["net"]), 25, is_amount=True),
    )  # fmt: skip


def _line(line: LineRow, language: str, link: str) -> tuple[Cell, ...]:
    amounts = line.gross_rial, line.credit_rial, -line.commission_rial, line.gross_rial - line.commission_rial
    return (
        Cell(line.receipt, link),
        Cell(formats.day_digits(line.business_date, language)),
        Cell(formats.clock_time(line.decided_at, language, seconds=True)),
        Cell(str(settlement_words.PARTS[line.part])),
        *(Cell(formats.number(amount, language)) for amount in amounts),
    )


def _foot(page: int, pages: int, reference: str, language: str) -> str:
    numbers = {"page": formats.number(page, language), "pages": formats.number(pages, language)}
    return _("Page %(page)s of %(pages)s", **numbers) + f" · {reference}"
