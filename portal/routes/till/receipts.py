"""The paper of a sale: one page for rolls of 58 or 80 mm, in the language of the card's holder."""

from dataclasses import dataclass
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.cards.queries import card_profile
from cardbank.cards.rules import CardProfile
from cardbank.outcomes import Outcome
from cardbank.references import retrieval_reference
from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError
from kernel.languages import DEFAULT_LANGUAGE, in_language
from kernel.web.routes import route
from merchants.discounts.queries import noted_share
from merchants.instalments.services.selling import schedule_of
from merchants.till.printers import printer_of
from merchants.till.queries import SaleRow, ShiftRow
from merchants.till.receipt import (
    Figure,
    figures_in_cash,
    figures_of,
    instalments_line,
    price_figures,
    words_of,
)
from merchants.till.rules import SaleState
from merchants.till.texts import texts_of_till
from portal import formats, words
from portal.blueprint import blueprint
from portal.routes.me import complaint_address
from portal.routes.onboarding.forms import qr
from portal.routes.till.reader import reader_origin
from portal.routes.till.selling import visible_sale

PAPERS = (80, 58)  # millimetres


@dataclass(frozen=True, slots=True)
class Paper:
    """What a receipt says, before it is drawn: as a page, or dot by dot. What was paid in cash has no number and no complaint by it."""

    sale: SaleRow
    shift: ShiftRow
    outcome: Outcome
    card: CardProfile | None
    language: str
    said: dict[str, str]
    figures: list[Figure]
    reference: str
    complaint_link: str
    prices: list[Figure]
    contract: str  # how it was paid, where the contract has something to say of it
    head: str = ""  # the shop's own words
    foot: str = ""


@route(blueprint, "/till/sales/<uuid:key>/receipt", permission=Permission.MERCHANTS_TILL_OPERATE)
def till_receipt(visit: Visit, key: UUID) -> ResponseReturnValue:
    """Of a paid sale; any other sale leads back to its page."""
    sale, shift = visible_sale(visit, str(key))
    paper = paper_of(visit, sale, shift)
    return receipt_page(visit, paper) if paper else redirect(url_for("portal.till_sale", key=sale.key))


def paper_of(visit: Visit, sale: SaleRow, shift: ShiftRow) -> Paper | None:
    """None for a sale that is not paid."""
    outcome = sale.outcome
    if outcome is None or not (outcome.is_approved or (sale.cash and sale.state is SaleState.PAID)):
        return None
    card = card_profile(visit.session, outcome.card_id) if outcome.card_id else None
    language = card.language if card else DEFAULT_LANGUAGE
    reference = retrieval_reference(outcome.business_date, outcome.entry_id) if outcome.is_approved else ""
    link = complaint_address(outcome.business_date, outcome.entry_id) if outcome.is_approved else ""
    figures = figures_in_cash(sale.cash.due.due_rial, language) if sale.cash else figures_of(outcome, language)
    texts = texts_of_till(visit.session, shift.shift.terminal_id)
    return Paper(
        sale, shift, outcome, card, language, words_of(language), figures, reference, link,
        price_figures(sale, _share(visit, sale, language), language), _contract(visit, outcome, language),
        in_language(texts.head, language), in_language(texts.foot, language),
    )  # fmt: skip


def _share(visit: Visit, sale: SaleRow, language: str) -> str:
    return formats.percent(noted_share(visit.session, sale.ledger_key), 10_000, language) if sale.is_discounted else ""


def _contract(visit: Visit, outcome: Outcome, language: str) -> str:
    """ "6 instalments", where it was bought so."""
    if outcome.answer is None or not outcome.line_rial:
        return ""
    parts = schedule_of(visit.session, outcome.answer)
    return instalments_line(formats.number(len(parts), language), language) if parts else ""


def receipt_page(visit: Visit, paper: Paper, fault: DomainError | None = None) -> str:
    width = request.args.get("paper", PAPERS[0], type=int)
    return render_template(
        "till/receipt.html",
        active="portal.till",
        paper=paper,
        complaint_qr=qr(paper.complaint_link) if paper.complaint_link else "",
        width=width if width in PAPERS else PAPERS[0],
        widths=PAPERS,
        printer=printer_of(visit.session, paper.shift.shift.terminal_id),
        reader=reader_origin(),
        formats=formats,
        is_printed=request.args.get("printed") == "1",
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
    )
