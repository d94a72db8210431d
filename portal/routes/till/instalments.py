"""A basket sold in instalments: first the schedule that the card's credit line and the contract allow, then the sale on it."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.ledger.errors import OutcomeUnknown
from cardbank.reasons import Reason
from cardbank.services import new_request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput
from kernel.settings import load_settings
from kernel.text import typed_number
from kernel.web.routes import route
from merchants.instalments.services.selling import Quoted
from merchants.sales.counter import counter_office
from merchants.till.errors import SaleDecided, ShiftIsClosed
from merchants.till.queries import SaleRow, ShiftRow
from merchants.till.rules import SaleState
from merchants.till.services import instalments, selling
from portal.blueprint import blueprint
from portal.routes.till.selling import claim_of, sale_page

OPERATE = Permission.MERCHANTS_TILL_OPERATE


@route(blueprint, "/till/sales/<uuid:key>/quote", permission=OPERATE, methods=["POST"])
def quote_sale(visit: Visit, key: UUID) -> ResponseReturnValue:
    """The schedule for the card that was keyed; nothing is sold yet."""
    sale, shift = selling.own_sale(visit.session, visit.identity, str(key))
    if sale.state is not SaleState.UNDECIDED:
        return redirect(url_for("portal.till_sale", key=sale.key), 303)
    try:
        count = typed_number(request.form.get("count", ""))
        if count is None:
            raise BadInput(field="count")
        office = counter_office(visit.session, load_settings())
        quoted = instalments.quote(visit.session, office, sale, shift, claim_of(visit), count)
    except BadInput as refusal:
        return sale_page(visit, sale, shift, refusal), refusal.status
    if not quoted.token:
        return sale_page(visit, sale, shift, declined=quoted.reason), 409
    return _schedule(sale, shift, quoted)


@route(blueprint, "/till/sales/<uuid:key>/instalments", permission=OPERATE, methods=["POST"])
def sell_in_instalments(visit: Visit, key: UUID) -> ResponseReturnValue:
    """Sell on the schedule that was shown. Whatever was answered, the page that follows reads it from the ledger."""
    sale, shift = selling.own_sale(visit.session, visit.identity, str(key))
    office = counter_office(visit.session, load_settings())
    try:
        outcome = instalments.sell(visit.session, office, sale, shift, request.form.get("token", ""))
    except (BadInput, ShiftIsClosed, OutcomeUnknown) as refusal:
        return sale_page(visit, sale, shift, refusal), refusal.status
    except SaleDecided:
        return redirect(url_for("portal.till_sale", key=sale.key), 303)
    reason = outcome.answer.reason
    if reason is Reason.LEDGER_UNAVAILABLE:
        return sale_page(visit, sale, shift, declined=reason), 503
    if not reason.is_approved and reason not in (Reason.DUPLICATE_WITH_OTHER_CONTENT, Reason.REVERSED_BEFORE_ARRIVAL):
        sale = selling.try_again(visit.session, visit.identity, sale, new_request_key())
    return redirect(url_for("portal.till_sale", key=sale.key), 303)


def _schedule(sale: SaleRow, shift: ShiftRow, quoted: Quoted) -> str:
    return render_template("till/instalments.html", active="portal.till", sale=sale, shift=shift, quoted=quoted, card=quoted.card)
