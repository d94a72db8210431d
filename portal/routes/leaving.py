"""Leaving with the money: at the desk against the card in hand, or by oneself to a bank account or as a gift."""

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.cards.queries import card_profile, cards_of_person, find_by_number
from cardbank.cards.rules import CardProfile, is_card_number
from cardbank.errors import CardNotFound
from cardbank.keystore.services import open_keystore
from cardbank.ledger.types import Answer, Key, Source
from cardbank.services import new_request_key, request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import TEHRAN, end_of_day, local_day
from kernel.errors import BadInput, DomainError, NotFound
from kernel.settings import load_settings
from kernel.web.routes import route
from merchants.giving.queries import receivers_open
from merchants.leaving import queries
from merchants.leaving.rules import Way
from merchants.leaving.services import Wish
from portal import giving_words
from portal.blueprint import blueprint
from portal.routes.family import faults_of
from portal.routes.me import receipt_of_address, receipt_page
from portal.routes.onboarding.forms import form_number
from portal.routes.till import forms
from portal.routes.transfer import own_purses
from reservations.leaving import leave_with_money

REFUND = Permission.CARDBANK_CARD_REFUND
MOVE = Permission.CARDBANK_MONEY_MOVE
A_PAGE = 20
SEPARATORS = str.maketrans("", "", " -")


@route(blueprint, "/desk/leaving", permission=REFUND)
def leaving_desk(visit: Visit) -> ResponseReturnValue:
    return _search(visit)


@route(blueprint, "/desk/leaving", permission=REFUND, methods=["POST"])
def leaving_card(visit: Visit) -> ResponseReturnValue:
    """The number is posted, so that it is in no address."""
    number = forms.digits(request.form.get("number", "")).translate(SEPARATORS)
    card = find_by_number(visit.session, open_keystore(load_settings()), number) if is_card_number(number) else None
    if card is None or card.wallet_id is None:
        return _search(visit, CardNotFound()), CardNotFound.status
    return _page(visit, card, at_desk=True)


@route(blueprint, "/desk/leaving/pay", permission=REFUND, methods=["POST"])
def pay_out_at_desk(visit: Visit) -> ResponseReturnValue:
    card = card_profile(visit.session, form_number("card"))
    if card is None or card.wallet_id is None:
        raise CardNotFound
    try:
        answer = _leave(visit, card, request_key(Source.DESK, visit.identity.sign_in_id, request.form.get("key", "")))
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, card, refusal, at_desk=True), refusal.status
    return redirect(url_for("portal.leaving_receipt", day=answer.business_date.isoformat(), entry_id=answer.entry_id), 303)


@route(blueprint, "/desk/leaving/receipts/<day>/<int:entry_id>", permission=REFUND)
def leaving_receipt(visit: Visit, day: str, entry_id: int) -> ResponseReturnValue:
    found = receipt_of_address(visit.session, day, entry_id)
    if not queries.is_leaving(visit.session, found.line.business_date, entry_id):
        raise NotFound
    return receipt_page(visit.session, found, active="portal.leaving_desk")


@route(blueprint, "/me/leaving", permission=MOVE)
def my_leaving(visit: Visit) -> ResponseReturnValue:
    card = _own(visit, request.args.get("card", type=int))
    if card is None:
        return render_template("me/none.html", active="portal.my_card")
    return _page(visit, card, at_desk=False)


@route(blueprint, "/me/leaving", permission=MOVE, methods=["POST"])
def leave_by_oneself(visit: Visit) -> ResponseReturnValue:
    card = _own(visit, form_number("card"))
    if card is None:
        raise CardNotFound
    try:
        if request.form.get("way") == Way.CASH:
            raise BadInput(field="way")
        answer = _leave(visit, card, request_key(Source.API, visit.identity.sign_in_id, request.form.get("key", "")))
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, card, refusal, at_desk=False), refusal.status
    return redirect(url_for("portal.my_receipt", day=answer.business_date.isoformat(), entry_id=answer.entry_id), 303)


def _leave(visit: Visit, card: CardProfile, key: Key) -> Answer:
    form = request.form
    try:
        way = Way(form.get("way", ""))
    except ValueError:
        raise BadInput(field="way") from None
    receiver = form_number("receiver") if way is Way.GIFT else 0
    wish = Wish(
        way,
        form.get("sheba", ""),
        form.get("holder_name", ""),
        receiver,
        form.get("cause", ""),
        knows_loss=form.get("knows_loss") == "yes",
    )
    return leave_with_money(visit.session, visit.identity.actor, card.card_id, wish, key)


def _own(visit: Visit, card_id: int | None) -> CardProfile | None:
    """The asked card of the person, else the first that is no family's."""
    if card_id is not None:
        own = cards_of_person(visit.session, visit.identity.person_id)
        return next((card for card in own if card.card_id == card_id and card.wallet_id is not None), None)
    return next((purse.card for purse in own_purses(visit) if not purse.is_family), None)


def _search(visit: Visit, fault: DomainError | None = None) -> str:
    before = request.args.get("before", type=int)
    found = queries.leavings_page(visit.session, before=before, limit=A_PAGE + 1)
    midnight = end_of_day(local_day(clock.now()) - timedelta(days=1), TEHRAN)
    return render_template(
        "leaving/desk.html",
        active="portal.leaving_desk",
        rows=found[:A_PAGE],
        before=before,
        older=found[A_PAGE - 1].leaving_id if len(found) > A_PAGE else None,
        sums=queries.sums_since(visit.session, midnight),
        faults=faults_of(fault),
        told=giving_words,
    )


def _page(visit: Visit, card: CardProfile, fault: DomainError | None = None, *, at_desk: bool) -> str:
    return render_template(
        "leaving/leave.html",
        active="portal.leaving_desk" if at_desk else "portal.my_card",
        at_desk=at_desk,
        card=card,
        standing=queries.standing(visit.session, card.wallet_id or 0),
        receivers=receivers_open(visit.session, clock.now()),
        key=request.form.get("key") or new_request_key(),
        typed=request.form,
        faults=faults_of(fault),
        told=giving_words,
    )
