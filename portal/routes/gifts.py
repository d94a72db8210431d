"""Gift cards: batches for the printer, how many are sold, what each holds. A number leaves the bank once, in the printer's file."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.gifts import queries, services
from cardbank.gifts.errors import WrongGiftCount
from cardbank.gifts.rules import LONGEST_NOTE, MOST_CARDS, MOST_HELD_RIAL
from cardbank.keystore.services import open_keystore
from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.sheets import csv_sheet
from kernel.text import latin_digits
from kernel.web.routes import route
from portal import gift_words, words
from portal.blueprint import blueprint
from portal.lists import download
from portal.routes.onboarding.forms import form_key, new_key

MAKE = Permission.CARDBANK_GIFT_MAKE
HERE = "portal.gift_batches"
A_PAGE = 20
CARDS_SHOWN = 50
LONGEST_WHY = 200


@route(blueprint, "/gifts", permission=MAKE)
def gift_batches(visit: Visit) -> ResponseReturnValue:
    return _batches(visit)


@route(blueprint, "/gifts", permission=MAKE, methods=["POST"])
def make_gift_batch(visit: Visit) -> ResponseReturnValue:
    try:
        key, count = form_key(), _count(request.form.get("count", ""))
        keystore = open_keystore(load_settings())
        batch = services.make_batch(visit.session, keystore, visit.identity.actor, key, count, request.form.get("note", ""))
    except BadInput as refusal:
        visit.session.rollback()
        return _batches(visit, refusal), refusal.status
    return redirect(url_for("portal.gift_batch", gift_batch_id=batch.id), 303)


@route(blueprint, "/gifts/<int:gift_batch_id>", permission=MAKE)
def gift_batch(visit: Visit, gift_batch_id: int) -> ResponseReturnValue:
    return _batch(visit, gift_batch_id)


@route(blueprint, "/gifts/<int:gift_batch_id>/numbers", permission=MAKE, methods=["POST"])
def export_gift_batch(visit: Visit, gift_batch_id: int) -> ResponseReturnValue:
    """The printer's file, once. It stands in no page, no address and no log."""
    try:
        numbers = services.export_batch(visit.session, open_keystore(load_settings()), visit.identity.actor, gift_batch_id)
    except DomainError as refusal:
        visit.session.rollback()
        return _batch(visit, gift_batch_id, refusal), refusal.status
    rows = [("card_number", "valid_until"), *((number, f"{card.expires_on:%y%m}") for number, card in numbers)]
    answer = download(csv_sheet(rows), "text/csv", f"gift-cards-{gift_batch_id}.csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@route(blueprint, "/gifts/<int:gift_batch_id>/withdraw", permission=MAKE, methods=["POST"])
def withdraw_gift_batch(visit: Visit, gift_batch_id: int) -> ResponseReturnValue:
    why = " ".join(request.form.get("why", "").split())
    if not 0 < len(why) <= LONGEST_WHY:
        return _batch(visit, gift_batch_id, BadInput(field="why")), BadInput.status
    services.withdraw_batch(visit.session, visit.identity.actor, gift_batch_id, why)
    return redirect(url_for("portal.gift_batch", gift_batch_id=gift_batch_id), 303)


def _count(text: str) -> int:
    typed = latin_digits(text).strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= len(str(MOST_CARDS))):
        raise WrongGiftCount(field="count", most=MOST_CARDS)
    return int(typed)


def _batches(visit: Visit, fault: DomainError | None = None) -> str:
    before = request.args.get("before", type=int)
    found = queries.batches_page(visit.session, before=before, limit=A_PAGE + 1)
    return render_template(
        "gifts/batches.html",
        active=HERE,
        told=gift_words,
        batches=found[:A_PAGE],
        before=before,
        older=found[A_PAGE - 1].batch.id if len(found) > A_PAGE else None,
        most_cards=MOST_CARDS,
        most_held_rial=MOST_HELD_RIAL,
        longest_note=LONGEST_NOTE,
        key=new_key() if fault is None else request.form.get("key", ""),
        count=request.form.get("count", ""),
        note=request.form.get("note", ""),
        **_fault(fault),
    )


def _batch(visit: Visit, gift_batch_id: int, fault: DomainError | None = None) -> str:
    row = queries.batch_row(visit.session, gift_batch_id)
    after = request.args.get("after", 0, type=int)
    cards = queries.cards_of_batch(visit.session, gift_batch_id, after=after, limit=CARDS_SHOWN + 1)
    return render_template(
        "gifts/batch.html",
        active=HERE,
        told=gift_words,
        row=row,
        cards=cards[:CARDS_SHOWN],
        after=after,
        older=cards[CARDS_SHOWN - 1].card_id if len(cards) > CARDS_SHOWN else None,
        why=request.form.get("why", ""),
        **_fault(fault),
    )


def _fault(fault: DomainError | None) -> dict[str, str]:
    """What is wrong, and the field it stands beside."""
    if fault is None:
        return {"fault": "", "fault_field": ""}
    return {"fault": words.error_sentence(fault.code, fault.facts), "fault_field": str(fault.facts.get("field", ""))}
