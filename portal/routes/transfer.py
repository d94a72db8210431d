"""The cardholder moves money between cards of the own, also into and out of the family's purse."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec import Struct

from cardbank import statements
from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import GIFT_PRODUCT, CardProfile
from cardbank.families.queries import family_of_person
from cardbank.ledger.types import Source
from cardbank.services import new_request_key, request_key
from cardbank.transfers import ENDED, transfer_own
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import DomainError
from kernel.web.routes import route
from portal.blueprint import blueprint
from portal.routes.family import faults_of
from portal.routes.onboarding.forms import form_number
from portal.routes.till import forms

MOVE = Permission.CARDBANK_MONEY_MOVE


class Purse(Struct, frozen=True):
    """A card of the person's, one for each wallet, with the money it leads to."""

    card: CardProfile
    money_rial: int
    is_family: bool


@route(blueprint, "/me/transfer", permission=MOVE)
def my_transfer(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/me/transfer", permission=MOVE, methods=["POST"])
def transfer_own_money(visit: Visit) -> ResponseReturnValue:
    identity = visit.identity
    try:
        key = request_key(Source.API, identity.sign_in_id, request.form.get("key", ""))
        answer = transfer_own(
            visit.session,
            identity.actor,
            identity.person_id,
            form_number("source"),
            form_number("target"),
            forms.amount_of("amount"),
            key,
        )
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, refusal), refusal.status
    return redirect(url_for("portal.my_receipt", day=answer.business_date.isoformat(), entry_id=answer.entry_id), 303)


def own_purses(visit: Visit) -> list[Purse]:
    """The oldest card first; cards that ended, gift cards and discount cards hold no money to move."""
    now, person_id = clock.now(), visit.identity.person_id
    own = [
        card
        for card in cards_of_person(visit.session, person_id)
        if card.wallet_id is not None and card.status not in ENDED and card.product != GIFT_PRODUCT and card.holds_money
    ]
    family = family_of_person(visit.session, person_id)
    shared = family.wallet_id if family else None
    return [
        Purse(card, statements.balances(visit.session, wallet_id, now).money_rial, wallet_id == shared)
        for wallet_id, card in {card.wallet_id or 0: card for card in reversed(own)}.items()
    ]


def _page(visit: Visit, fault: DomainError | None = None) -> str:
    return render_template(
        "me/transfer.html",
        active="portal.my_transfer",
        purses=own_purses(visit),
        key=request.form.get("key") or new_request_key(),
        typed=request.form,
        faults=faults_of(fault),
    )
