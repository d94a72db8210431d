"""Cash for a card at the web till."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.ledger.errors import OutcomeUnknown
from cardbank.reasons import Reason
from cardbank.services import new_request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.web.routes import route
from merchants.sales.counter import counter_office
from merchants.till import queries
from merchants.till.errors import SaleNotFound
from merchants.till.queries import ShiftRow
from merchants.till.services import topping_up
from portal import words
from portal.blueprint import blueprint
from portal.routes.till import forms
from portal.routes.till.reader import reader_origin
from portal.routes.till.selling import claim_of
from portal.routes.till.shift import shift_at_work

OPERATE = Permission.MERCHANTS_TILL_OPERATE


@route(blueprint, "/till/top-up", permission=OPERATE)
def till_top_up(visit: Visit) -> ResponseReturnValue:
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    return _page(visit, shift) if shift else redirect(url_for("portal.till"))


@route(blueprint, "/till/top-up", permission=OPERATE, methods=["POST"])
def begin_top_up(visit: Visit) -> ResponseReturnValue:
    """Write the key down; the browser then sends the same form on to the visit that takes the cash."""
    shift = shift_at_work(visit)
    try:
        forms.amount_of("amount")
        claim_of(visit)
        key = topping_up.begin_top_up(visit.session, visit.identity, shift.id, request.form.get("key", ""))
    except BadInput as refusal:
        visit.session.rollback()
        return _page(visit, shift, refusal), refusal.status
    return redirect(url_for("portal.take_top_up", key=key), 307)


@route(blueprint, "/till/top-up/<uuid:key>", permission=OPERATE, methods=["POST"])
def take_top_up(visit: Visit, key: UUID) -> ResponseReturnValue:
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    if shift is None:
        raise SaleNotFound(key=str(key))
    topping_up.check_begun(visit.session, shift, str(key))
    office = counter_office(visit.session, load_settings())
    try:
        amount_rial, claim = forms.amount_of("amount"), claim_of(visit)
        outcome = topping_up.top_up(visit.session, visit.identity, office, shift, str(key), claim, amount_rial)
    except (BadInput, OutcomeUnknown) as refusal:
        visit.session.rollback()
        return _page(visit, shift, refusal), refusal.status
    reason = outcome.answer.reason
    if not reason.is_approved:
        return _page(visit, shift, declined=reason), 409
    return redirect(url_for("portal.till_top_up", taken=outcome.answer.amount), 303)


def _page(visit: Visit, shift: ShiftRow, fault: DomainError | None = None, declined: Reason | None = None) -> str:
    """What came of a top-up whose answer was lost stands on the page, and until it is known the page keeps its key."""
    is_card_number = fault is None or fault.code != "wrong_card_number"
    sent, outcome = shift.shift.top_up_key, queries.top_up_outcome(visit.session, shift)
    if outcome is not None and not outcome.is_approved:
        declined = declined or outcome.reason
    return render_template(
        "till/top_up.html",
        active="portal.till",
        shift=shift,
        reader=reader_origin(),
        key=sent if sent and outcome is None else new_request_key(),
        is_unknown=sent is not None and outcome is None,
        amount=request.form.get("amount", ""),
        number="" if is_card_number else request.form.get("number", "")[:40],
        taken_rial=outcome.amount_rial if outcome and outcome.is_approved else request.args.get("taken", 0, type=int),
        declined=declined,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        wrong=forms.place_of(fault),
    )
