"""Gift cards at the web till: sold and loaded for cash, found again by the receipt, paid out while nothing is spent."""

from datetime import date
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.gifts.queries import GiftLoad, gift_load
from cardbank.ledger.errors import OutcomeUnknown
from cardbank.reasons import Reason
from cardbank.references import entry_of_reference, retrieval_reference
from cardbank.services import new_request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.web.routes import route
from merchants.sales.counter import counter_office
from merchants.till import queries
from merchants.till.errors import PurchaseNotFound, SaleNotFound
from merchants.till.queries import ShiftRow
from merchants.till.services import gifts, topping_up
from portal import gift_words, words
from portal.blueprint import blueprint
from portal.routes.till import forms
from portal.routes.till.selling import claim_of
from portal.routes.till.shift import shift_at_work

OPERATE = Permission.MERCHANTS_TILL_OPERATE
SELL, LOAD = "sell", "load"


@route(blueprint, "/till/gifts", permission=OPERATE)
def till_gifts(visit: Visit) -> ResponseReturnValue:
    """The form; a receipt number that is right leads to its gift."""
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    if shift is None:
        return redirect(url_for("portal.till"))
    typed = request.args.get("receipt", "").strip()
    if not typed:
        return _page(visit, shift)
    found = entry_of_reference(forms.digits(typed).upper(), local_day(clock.now()))
    loaded = gift_load(visit.session, *found) if found else None
    if loaded is None or loaded.shop_id != shift.shop_wallet_id:
        return _page(visit, shift, unknown=typed), PurchaseNotFound.status
    return redirect(_address(loaded))


@route(blueprint, "/till/gifts", permission=OPERATE, methods=["POST"])
def begin_gift(visit: Visit) -> ResponseReturnValue:
    """Write the key down; the browser then sends the same form on to the visit that takes the cash."""
    shift = shift_at_work(visit)
    try:
        forms.amount_of("amount")
        claim_of(visit)
        key = topping_up.begin_top_up(visit.session, visit.identity, shift.id, request.form.get("key", ""))
    except BadInput as refusal:
        visit.session.rollback()
        return _page(visit, shift, refusal), refusal.status
    return redirect(url_for("portal.load_gift", key=key), 307)


@route(blueprint, "/till/gifts/<uuid:key>", permission=OPERATE, methods=["POST"])
def load_gift(visit: Visit, key: UUID) -> ResponseReturnValue:
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    if shift is None:
        raise SaleNotFound(key=str(key))
    topping_up.check_begun(visit.session, shift, str(key))
    office = counter_office(visit.session, load_settings())
    try:
        amount_rial, claim = forms.amount_of("amount"), claim_of(visit)
        activates = request.form.get("operation") != LOAD
        outcome = gifts.load(visit.session, visit.identity, office, shift, str(key), claim, amount_rial, activates=activates)
    except (BadInput, OutcomeUnknown) as refusal:
        visit.session.rollback()
        return _page(visit, shift, refusal), refusal.status
    answer = outcome.answer
    if not answer.reason.is_approved:
        return _page(visit, shift, declined=answer.reason), 409
    return redirect(url_for("portal.till_gift", day=answer.business_date.isoformat(), entry_id=answer.entry_id, done=1), 303)


@route(blueprint, "/till/gifts/<day>/<int:entry_id>", permission=OPERATE)
def till_gift(visit: Visit, day: str, entry_id: int) -> ResponseReturnValue:
    """What was loaded, to print, and the form that pays it out."""
    return _gift_page(visit, _loaded(visit, day, entry_id))


@route(blueprint, "/till/gifts/<day>/<int:entry_id>", permission=OPERATE, methods=["POST"])
def give_gift_back(visit: Visit, day: str, entry_id: int) -> ResponseReturnValue:
    loaded = _loaded(visit, day, entry_id)
    shift = shift_at_work(visit)
    office = counter_office(visit.session, load_settings())
    try:
        claim = claim_of(visit)
        outcome = gifts.give_back(visit.session, visit.identity, office, shift, request.form.get("key", ""), claim, loaded)
    except (BadInput, OutcomeUnknown) as refusal:
        visit.session.rollback()
        return _gift_page(visit, loaded, refusal), refusal.status
    reason = outcome.answer.reason
    if not reason.is_approved:
        return _gift_page(visit, loaded, declined=reason), 409
    return redirect(_address(loaded), 303)


def _loaded(visit: Visit, day: str, entry_id: int) -> GiftLoad:
    """A load in a shop one works for. Raises PurchaseNotFound, also for another shop's."""
    try:
        found = gift_load(visit.session, date.fromisoformat(day), entry_id)
    except ValueError:
        raise PurchaseNotFound from None
    organisations = visit.identity.organisations(OPERATE) or frozenset()
    if found is None or found.shop_id not in queries.shop_wallets(visit.session, organisations):
        raise PurchaseNotFound
    return found


def _page(
    visit: Visit, shift: ShiftRow, fault: DomainError | None = None, declined: Reason | None = None, unknown: str = ""
) -> str:
    """As on the page of top-ups, a key whose outcome nobody has seen is kept until it is known."""
    is_card_number = fault is None or fault.code != "wrong_card_number"
    sent, outcome = shift.shift.top_up_key, queries.top_up_outcome(visit.session, shift)
    return render_template(
        "till/gifts.html",
        active="portal.till",
        told=gift_words,
        shift=shift,
        key=sent if sent and outcome is None else new_request_key(),
        is_unknown=sent is not None and outcome is None,
        operation=request.form.get("operation", SELL),
        amount=request.form.get("amount", ""),
        number="" if is_card_number else request.form.get("number", "")[:40],
        declined=declined,
        unknown=unknown[:40],
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        wrong=forms.place_of(fault),
    )


def _gift_page(visit: Visit, loaded: GiftLoad, fault: DomainError | None = None, declined: Reason | None = None) -> str:
    fresh = gift_load(visit.session, loaded.business_date, loaded.entry_id) or loaded
    return render_template(
        "till/gift.html",
        active="portal.till",
        told=gift_words,
        loaded=fresh,
        reference=retrieval_reference(fresh.business_date, fresh.entry_id),
        is_done="done" in request.args,
        may_give_back=queries.open_shift_of(visit.session, visit.identity.person_id) is not None,
        key=(request.form.get("key") if declined is None else None) or new_request_key(),
        declined=declined,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        wrong=forms.place_of(fault),
    )


def _address(loaded: GiftLoad) -> str:
    return url_for("portal.till_gift", day=loaded.business_date.isoformat(), entry_id=loaded.entry_id)
