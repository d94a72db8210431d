"""The cardholder's pages: cards and balances, what expires next, the statement, each entry's receipt."""

from collections.abc import Collection
from datetime import date, timedelta

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec import Struct
from sqlalchemy.orm import Session

from cardbank import statements
from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import CardProfile
from cardbank.families.queries import members_seen, sees_entry
from cardbank.ledger.types import EntryKind
from cardbank.references import retrieval_reference
from cardbank.statements import Receipt, StatementPage
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, NotFound
from kernel.settings import load_settings
from kernel.web.routes import route
from loyalty.benefits.queries import HeldBenefit, benefits_of_purses
from loyalty.queries import programme_names, sentences_of_rules
from merchants.benefits.queries import names_of_places
from merchants.complaints.links import purchase_link
from merchants.complaints.queries import ordered_refunds
from merchants.discounts.queries import Taken, cash_sales_of_card, discount_of_entry
from merchants.giving.queries import cause_of_entry
from merchants.queries import branch_names_of_terminals, shop_names
from merchants.savings.queries import Ref, savings_of_entries
from merchants.savings.rules import Saving
from portal import benefit_words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import qr

PERIODS = (30, 90, 365)
LINES_A_PAGE = 20
LATEST_LINES = 6


class Holder(Struct, frozen=True):
    """The cards of a person that lead to one wallet; a further wallet is asked for by one of its cards."""

    card: CardProfile
    cards: tuple[CardProfile, ...]
    wallet_id: int


@route(blueprint, "/me", permission=Permission.CARDBANK_BALANCE_VIEW)
def my_card(visit: Visit) -> ResponseReturnValue:
    holder = holder_of(visit)
    if holder is None:
        return render_template("me/none.html", active="portal.my_card")
    if not holder.card.holds_money:
        return _without_money(visit, holder)
    today = local_day(clock.now())
    latest = statements.statement(
        visit.session,
        holder.wallet_id,
        today - timedelta(days=PERIODS[0]),
        today,
        most=LATEST_LINES,
        members=members_seen(visit.session, _person_id(visit), holder.wallet_id),
    )
    return render_template(
        "me/card.html",
        active="portal.my_card",
        holder=holder,
        balances=statements.balances(visit.session, holder.wallet_id, clock.now()),
        latest=latest,
        shops=_shops(visit.session, latest),
        ordered=_ordered(visit.session, latest),
        saved=_saved(visit.session, latest),
    )


def _without_money(visit: Visit, holder: Holder) -> str:
    """A card that is for discounts alone: what it saved, in place of balances."""
    sold = cash_sales_of_card(visit.session, holder.card.card_id, most=LINES_A_PAGE)
    branches = branch_names_of_terminals(visit.session, {one.terminal_id for one in sold}) if sold else {}
    return render_template("me/card.html", active="portal.my_card", holder=holder, cash_sales=sold, cash_branches=branches)


@route(blueprint, "/me/statement", permission=Permission.CARDBANK_STATEMENT_VIEW)
def my_statement(visit: Visit) -> ResponseReturnValue:
    holder = holder_of(visit)
    if holder is None:
        return render_template("me/none.html", active="portal.my_statement")
    days = request.args.get("days", PERIODS[0], type=int)
    if days not in PERIODS:
        raise BadInput(field="days")
    last = local_day(clock.now())
    first = last - timedelta(days=days)
    before = request.args.get("before")
    try:
        members = members_seen(visit.session, _person_id(visit), holder.wallet_id)
        page = statements.statement(visit.session, holder.wallet_id, first, last, before=before, most=LINES_A_PAGE, members=members)
    except ValueError:
        raise BadInput(field="before") from None
    return render_template(
        "me/statement.html",
        active="portal.my_statement",
        holder=holder,
        page=page,
        days=days,
        periods=PERIODS,
        first=first,
        last=last,
        before=before,
        shops=_shops(visit.session, page),
        ordered=_ordered(visit.session, page),
        saved=_saved(visit.session, page),
    )


@route(blueprint, "/me/credit", permission=Permission.CARDBANK_BALANCE_VIEW)
def my_credit(visit: Visit) -> ResponseReturnValue:
    holder = holder_of(visit)
    if holder is None:
        return render_template("me/none.html", active="portal.my_credit")
    balances = statements.balances(visit.session, holder.wallet_id, clock.now())
    programmes = {lot.programme_id for lot in balances.lots if lot.programme_id is not None}
    return render_template(
        "me/credit.html",
        active="portal.my_credit",
        holder=holder,
        balances=balances,
        programmes=programme_names(visit.session, programmes),
        benefits=_benefits(visit.session, [one.account_id for one in balances.benefits]),
    )


@route(blueprint, "/me/receipts/<day>/<int:entry_id>", permission=Permission.CARDBANK_STATEMENT_VIEW)
def my_receipt(visit: Visit, day: str, entry_id: int) -> ResponseReturnValue:
    found = receipt_of_address(visit.session, day, entry_id)
    own = {card.wallet_id for card in cards_of_person(visit.session, _person_id(visit))}
    if found.wallet_id not in own or not sees_entry(visit.session, _person_id(visit), found.wallet_id, found.line.member_id):
        raise NotFound
    return receipt_page(visit.session, found, active="portal.my_statement")


def receipt_of_address(session: Session, day: str, entry_id: int) -> Receipt:
    """Raises NotFound for a day that is none and for an entry that is none. The caller says whose it may be."""
    try:
        return statements.receipt(session, date.fromisoformat(day), entry_id)
    except ValueError:
        raise NotFound from None


def _discount(session: Session, receipt: Receipt) -> Taken | None:
    line = receipt.line
    return discount_of_entry(session, line.business_date, line.entry_id) if line.kind is EntryKind.PURCHASE else None


def receipt_page(
    session: Session, receipt: Receipt, active: str, *, is_shop_copy: bool = False, is_signed: bool = False
) -> ResponseReturnValue:
    """The page of one receipt; a shop's copy leaves out the holder's balances, a desk's has a line to sign."""
    sentences = sentences_of_rules(session, receipt.rule_ids) if receipt.rule_ids else {}
    line = receipt.line
    is_complained_of = line.kind is EntryKind.PURCHASE and line.shop_id is not None and not is_shop_copy
    link = complaint_address(line.business_date, line.entry_id) if is_complained_of else ""
    return render_template(
        "receipt.html",
        active=active,
        receipt=receipt,
        line=line,
        complaint_link=link,
        complaint_qr=qr(link) if link else "",
        is_ordered=line.kind is EntryKind.REFUND and bool(ordered_refunds(session, [(line.business_date, line.entry_id)])),
        reference=retrieval_reference(receipt.line.business_date, receipt.line.entry_id),
        is_shop_copy=is_shop_copy,
        is_signed=is_signed,
        sentences=[sentences[rule_id] for rule_id in receipt.rule_ids if rule_id in sentences],
        shops=shop_names(session, [receipt.line.shop_id]) if receipt.line.shop_id else {},
        cause=cause_of_entry(session, receipt.line.business_date, receipt.line.entry_id)
        if receipt.line.kind is EntryKind.GIVING
        else None,
        discount=_discount(session, receipt),
        saving=savings_of_entries(session, [(line.business_date, line.entry_id)]).get((line.business_date, line.entry_id))
        if line.kind is EntryKind.PURCHASE
        else None,
        benefits=[] if is_shop_copy else list(_benefits(session, receipt.benefits).values()),
    )


def _benefits(session: Session, purses: Collection[int]) -> dict[int, tuple[HeldBenefit, str]]:
    """By purse: what was given, and the sentence that says from whom, where and until when. Up to three queries."""
    held = benefits_of_purses(session, purses)
    if not held:
        return {}
    cities = {city for one in held.values() for city in one.cities}
    shops = {shop for one in held.values() for shop in one.shops}
    places = names_of_places(session, cities, shops)
    return {purse: (one, benefit_words.benefit_sentence(one, places)) for purse, one in held.items()}


def _person_id(visit: Visit) -> int:
    return visit.identity.person_id


def holder_of(visit: Visit) -> Holder | None:
    """The asked card of the person, else the first; None for who has no card yet. Raises NotFound for another's card."""
    cards = tuple(card for card in cards_of_person(visit.session, _person_id(visit)) if card.wallet_id is not None)
    if not cards:
        return None
    asked = request.args.get("card", type=int)
    card = next((one for one in cards if one.card_id == asked), None) if asked else cards[0]
    if card is None or card.wallet_id is None:
        raise NotFound
    return Holder(card, cards, card.wallet_id)


def _shops(session: Session, page: StatementPage) -> dict[int, dict[str, str]]:
    wallets = {line.shop_id for line in page.lines if line.shop_id is not None}
    return shop_names(session, wallets) if wallets else {}


def _ordered(session: Session, page: StatementPage) -> frozenset[tuple[date, int]]:
    """Which of the refunds of a page a union ordered. One query, none for a page without refunds."""
    return ordered_refunds(session, [(line.business_date, line.entry_id) for line in page.lines if line.kind is EntryKind.REFUND])


def _saved(session: Session, page: StatementPage) -> dict[Ref, Saving]:
    """What the purchases of a page saved. One query, none for a page without purchases."""
    return savings_of_entries(
        session, [(line.business_date, line.entry_id) for line in page.lines if line.kind is EntryKind.PURCHASE]
    )


def complaint_address(day: date, entry_id: int) -> str:
    """What the code on a purchase's receipt opens, for everybody who holds the receipt."""
    return load_settings().portal + url_for("portal.purchase_complaint", link=purchase_link(day, entry_id))
