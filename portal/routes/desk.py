"""The desk: find a card by its number, take cash for it, hand out a receipt. The number never stands in an address."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cardbank import statements
from cardbank.cards.queries import card_profile, find_by_number
from cardbank.cards.rules import CardProfile, is_card_number
from cardbank.errors import CardNotFound, WrongAmount
from cardbank.keystore.services import open_keystore
from cardbank.ledger.types import EntryKind
from cardbank.services import new_request_key, top_up_at_desk
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import DomainError, NotFound
from kernel.settings import load_settings
from kernel.text import latin_digits, typed_number
from kernel.web.routes import route
from portal import words
from portal.blueprint import blueprint
from portal.routes.me import receipt_of_address, receipt_page

LONGEST_AMOUNT = 15  # digits; more cannot be an amount, and int() of very many is slow
SUGGESTED_RIAL = (1_000_000, 2_000_000, 5_000_000, 10_000_000)


@route(blueprint, "/desk", permission=Permission.CARDBANK_TOPUP_TAKE)
def desk(visit: Visit) -> ResponseReturnValue:
    return _search()


@route(blueprint, "/desk/card", permission=Permission.CARDBANK_TOPUP_TAKE, methods=["POST"])
def desk_card(visit: Visit) -> ResponseReturnValue:
    number = _digits(request.form.get("number", ""), " -")
    if not is_card_number(number):
        return _search(fault=words.error_sentence("wrong_card_number", {})), 422
    card = find_by_number(visit.session, open_keystore(load_settings()), number)
    if card is None:
        return _search(fault=words.error_sentence(CardNotFound.code, {})), 404
    return _card(visit, card)


@route(blueprint, "/desk/top-up", permission=Permission.CARDBANK_TOPUP_TAKE, methods=["POST"])
def desk_top_up(visit: Visit) -> ResponseReturnValue:
    card = card_profile(visit.session, request.form.get("card", 0, type=int))
    if card is None:
        raise CardNotFound
    try:
        amount_rial = _amount(request.form.get("amount", ""))
        answer = top_up_at_desk(visit.session, visit.identity.actor, card.card_id, amount_rial, request.form.get("key", ""))
    except DomainError as refusal:
        visit.session.rollback()
        return _card(visit, card, fault=words.error_sentence(refusal.code, refusal.facts)), refusal.status
    return redirect(url_for("portal.desk_receipt", day=answer.business_date.isoformat(), entry_id=answer.entry_id), 303)


@route(blueprint, "/desk/receipts/<day>/<int:entry_id>", permission=Permission.CARDBANK_TOPUP_TAKE)
def desk_receipt(visit: Visit, day: str, entry_id: int) -> ResponseReturnValue:
    found = receipt_of_address(visit.session, day, entry_id)
    if found.line.kind is not EntryKind.TOP_UP or found.line.shop_id is not None:
        raise NotFound
    return receipt_page(visit.session, found, active="portal.desk")


def _search(fault: str = "") -> str:
    return render_template("desk.html", active="portal.desk", card=None, fault=fault)


def _card(visit: Visit, card: CardProfile, fault: str = "") -> str:
    if card.wallet_id is None:
        return _search(fault=_("This card has not been issued to anybody yet."))
    return render_template(
        "desk.html",
        active="portal.desk",
        card=card,
        balances=statements.balances(visit.session, card.wallet_id, clock.now()),
        fault=fault,
        amount=request.form.get("amount", ""),
        key=request.form.get("key") or new_request_key(),
        suggested=SUGGESTED_RIAL,
    )


def _amount(text: str) -> int:
    """Raises WrongAmount for what is no whole number; whether it is within the limits is the bank's to say."""
    typed = typed_number(text)
    if typed is None:
        raise WrongAmount(field="amount")
    return typed


def _digits(text: str, separators: str) -> str:
    """What was typed in Persian, Arabic or Latin digits as Latin ones, less the separators people put between them."""
    return latin_digits(text).translate(dict.fromkeys(map(ord, separators + "\u200c"))).strip()
