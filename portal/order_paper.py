"""The sheet of an order of cards as PDF, in the reader's language: for the file of who ordered, and for who pays."""

from flask_babel import gettext as _

from cardbank.orders.queries import OrderRow
from kernel.languages import in_language
from kernel.printing.paper import Paper
from portal import formats, order_words


def order_sheet(row: OrderRow, language: str) -> bytes:
    order, number = row.order, formats.number(row.order.id, language)
    paper = Paper(language, str(order.id), str(_("Pilgrim Card")))
    paper.head(
        _("Order of cards"),
        in_language(row.names, language),
        _("Order %(number)s of %(day)s", number=number, day=formats.moment(order.asked_at, language)),
    )
    paper.section(_("What was ordered"))
    paper.facts((
        (_("Kind of card"), in_language(row.kind_names, language)),
        (_("Design"), order.design),
        (_("Picture of the front"), _("%(wide)s by %(high)s dots", wide=formats.number(row.art.wide, language), high=formats.number(row.art.high, language)) if row.art else _("The network's own")),
        (_("Quantity"), formats.number(order.cards, language)),
        (_("State"), str(order_words.STATES[order.state][0])),
    ))  # fmt: skip
    paper.section(_("What it costs (Rial)"))
    costs = [(_("Price of one card"), order.unit_rial), (_("All cards"), order.cards * order.unit_rial)]
    costs += [(_("Preparing the picture"), order.setup_rial)] if order.setup_rial else []
    paper.facts((name, formats.number(amount, language)) for name, amount in (*costs, (_("Total"), row.total_rial)))
    _days(paper, row, language)
    return paper.finish(lambda page, pages: _foot(page, pages, language))


def _days(paper: Paper, row: OrderRow, language: str) -> None:
    order = row.order
    said = [(_("Promised for"), formats.day(order.due_on, language))] if order.due_on else []
    said += [(_("Delivered"), formats.moment(order.delivered_at, language))] if order.delivered_at else []
    if order.paid_at and order.receipt:
        said += [(_("Paid"), formats.moment(order.paid_at, language)), (_("Receipt of the bank"), order.receipt)]
    elif order.why:
        said += [(_("Called off"), order.why)]
    else:
        said += [(_("Paid"), str(_("not yet")))]
    paper.section(_("Delivery and payment"))
    paper.facts(said)


def _foot(page: int, pages: int, language: str) -> str:
    return str(_("Page %(page)s of %(pages)s", page=formats.number(page, language), pages=formats.number(pages, language)))
