"""Cash for a card at the web till."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.ledger.errors import OutcomeUnknown
from cardbank.reasons import Reason
from cardbank.services import new_request_key
from identity.permissions import Permission
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.web.routes import route
from kernel.web.visit import Visit
from merchants.sales.counter import counter_office
from merchants.till import queries
from merchants.till.errors import ShiftIsClosed
from merchants.till.queries import ShiftRow
from merchants.till.services.topping_up import top_up
from portal import words
from portal.blueprint import blueprint
from portal.routes.till import forms
from portal.routes.till.selling import claim_of

OPERATE = Permission.MERCHANTS_TILL_OPERATE


@route(blueprint, "/till/top-up", permission=OPERATE)
def till_top_up(visit: Visit) -> ResponseReturnValue:
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    return _page(shift) if shift else redirect(url_for("portal.till"))


@route(blueprint, "/till/top-up", permission=OPERATE, methods=["POST"])
def take_top_up(visit: Visit) -> ResponseReturnValue:
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    if shift is None:
        raise ShiftIsClosed
    office = counter_office(visit.session, load_settings())
    try:
        amount_rial = forms.amount_of("amount")
        claim = claim_of(visit)
        outcome = top_up(visit.session, visit.identity, office, shift, request.form.get("key", ""), claim, amount_rial)
    except (BadInput, OutcomeUnknown) as refusal:
        visit.session.rollback()
        return _page(shift, refusal), refusal.status
    reason = outcome.answer.reason
    if not reason.is_approved:
        return _page(shift, declined=reason), 409
    return redirect(url_for("portal.till_top_up", taken=outcome.answer.amount), 303)


def _page(shift: ShiftRow, fault: DomainError | None = None, declined: Reason | None = None) -> str:
    """After a decline the next try has a key of its own; a form whose outcome is unknown keeps the one it has."""
    is_card_number = fault is None or fault.code != "wrong_card_number"
    return render_template(
        "till/top_up.html",
        active="portal.till",
        shift=shift,
        key=(request.form.get("key") if declined is None else None) or new_request_key(),
        amount=request.form.get("amount", ""),
        number="" if is_card_number else request.form.get("number", "")[:40],
        taken_rial=request.args.get("taken", 0, type=int),
        declined=declined,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
    )
