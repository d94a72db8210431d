"""Money between two cards of one holder, moved at a counter by who has both in hand. The numbers stand in no address."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec import Struct

from cardbank import statements
from cardbank.cards.finding import card_of_typed
from cardbank.cards.queries import card_profile
from cardbank.cards.rules import CardProfile
from cardbank.errors import CardNotFound
from cardbank.keystore.services import open_keystore
from cardbank.ledger.types import EntryKind, Source
from cardbank.services import new_request_key, request_key
from cardbank.transfers import transfer_at_desk
from identity.permissions import Permission
from identity.queries import names_of_people
from identity.visits import Visit
from kernel import clock
from kernel.errors import DomainError, NotFound
from kernel.settings import load_settings
from kernel.web.routes import route
from portal.blueprint import blueprint
from portal.routes.family import faults_of
from portal.routes.me import receipt_of_address, receipt_page
from portal.routes.onboarding.forms import form_number
from portal.routes.till import forms
from portal.routes.till.reader import reader_origin

# Who pays a card out moves what is on it, too.
MOVE = Permission.CARDBANK_CARD_REFUND
HERE = "portal.transfer_desk"
LONGEST_TYPED = 40


class InHand(Struct, frozen=True):
    """A card on the counter: its money, and whose it is."""

    card: CardProfile
    money_rial: int
    names: dict[str, str] | None


@route(blueprint, "/desk/transfer", permission=MOVE)
def transfer_desk(visit: Visit) -> ResponseReturnValue:
    return _find()


@route(blueprint, "/desk/transfer", permission=MOVE, methods=["POST"])
def find_both_cards(visit: Visit) -> ResponseReturnValue:
    """Both cards by number, chip or the code of the holder's page; then what is on them, and the amount."""
    try:
        source, target = (_typed_card(visit, field) for field in ("source", "target"))
    except CardNotFound as refusal:
        return _find(refusal), refusal.status
    return _move(visit, source, target)


@route(blueprint, "/desk/transfer/move", permission=MOVE, methods=["POST"])
def move_at_desk(visit: Visit) -> ResponseReturnValue:
    source, target = (_card(visit, form_number(field)) for field in ("source", "target"))
    try:
        key = request_key(Source.DESK, visit.identity.sign_in_id, request.form.get("key", ""))
        amount_rial = forms.amount_of("amount")
        answer = transfer_at_desk(visit.session, visit.identity.actor, source.card_id, target.card_id, amount_rial, key)
    except DomainError as refusal:
        visit.session.rollback()
        return _move(visit, source, target, refusal), refusal.status
    return redirect(url_for("portal.transfer_receipt", day=answer.business_date.isoformat(), entry_id=answer.entry_id), 303)


@route(blueprint, "/desk/transfer/receipts/<day>/<int:entry_id>", permission=MOVE)
def transfer_receipt(visit: Visit, day: str, entry_id: int) -> ResponseReturnValue:
    """With a line for the holder's signature: the paper that the desk keeps."""
    found = receipt_of_address(visit.session, day, entry_id)
    if found.line.kind is not EntryKind.TRANSFER:
        raise NotFound
    return receipt_page(visit.session, found, active=HERE, is_signed=True)


def _typed_card(visit: Visit, field: str) -> CardProfile:
    """Raises CardNotFound with the field."""
    typed = request.form.get(field, "")[:LONGEST_TYPED]
    card = card_of_typed(visit.session, open_keystore(load_settings()), typed, clock.now())
    if card is None or card.wallet_id is None:
        raise CardNotFound(field=field)
    return card


def _card(visit: Visit, card_id: int) -> CardProfile:
    card = card_profile(visit.session, card_id)
    if card is None or card.wallet_id is None:
        raise CardNotFound(card_id=card_id)
    return card


def _find(fault: DomainError | None = None) -> str:
    return render_template(
        "leaving/transfer.html", active=HERE, cards=(), typed=request.form, faults=faults_of(fault), reader=reader_origin()
    )


def _move(visit: Visit, source: CardProfile, target: CardProfile, fault: DomainError | None = None) -> str:
    names = names_of_people(visit.session, {card.person_id for card in (source, target) if card.person_id is not None})
    now = clock.now()
    cards = [
        InHand(card, statements.balances(visit.session, card.wallet_id or 0, now).money_rial, names.get(card.person_id or 0))
        for card in (source, target)
    ]
    return render_template(
        "leaving/transfer.html",
        active=HERE,
        cards=cards,
        are_of_two=source.person_id is not None and source.person_id != target.person_id,
        typed=request.form,
        faults=faults_of(fault),
        key=request.form.get("key") or new_request_key(),
        reader=reader_origin(),
    )
