"""The cardholder moves money between cards of the own, also into and out of the family's purse."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank import statements
from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import GIFT_PRODUCT
from cardbank.families.queries import family_of_person
from cardbank.ledger.types import Source
from cardbank.services import new_request_key, request_key
from cardbank.transfers import ENDED, transfer_own
from identity.permissions import Permission
from kernel import clock
from kernel.errors import DomainError
from kernel.web.routes import route
from kernel.web.visit import Visit
from portal.blueprint import blueprint
from portal.routes.family import faults_of
from portal.routes.onboarding.forms import form_number
from portal.routes.till import forms

MOVE = Permission.CARDBANK_MONEY_MOVE


@route(blueprint, "/me/transfer", permission=MOVE)
def my_transfer(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/me/transfer", permission=MOVE, methods=["POST"])
def transfer_own_money(visit: Visit) -> ResponseReturnValue:
    identity = visit.identity
    try:
        key = request_key(Source.API, identity.sign_in_id, request.form.get("key", ""))
        answer = transfer_own(
            visit.session, identity.actor, identity.person_id, form_number("source"), form_number("target"), forms.amount_of("amount"), key
        )
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, refusal), refusal.status
    return redirect(url_for("portal.my_receipt", day=answer.business_date.isoformat(), entry_id=answer.entry_id), 303)


def _page(visit: Visit, fault: DomainError | None = None) -> str:
    now, person_id = clock.now(), visit.identity.person_id
    own = [
        card
        for card in cards_of_person(visit.session, person_id)
        if card.wallet_id is not None and card.status not in ENDED and card.product != GIFT_PRODUCT
    ]
    cards = list({card.wallet_id: card for card in reversed(own)}.values())
    return render_template(
        "me/transfer.html",
        active="portal.my_transfer",
        cards=cards,
        money={card.wallet_id: statements.balances(visit.session, card.wallet_id or 0, now).money_rial for card in cards},
        family=family_of_person(visit.session, person_id),
        key=request.form.get("key") or new_request_key(),
        typed=request.form,
        faults=faults_of(fault),
    )
