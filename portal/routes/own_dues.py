"""What a shop owes its union, and its word to have it taken out of its next settlement."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError
from kernel.web.routes import route
from merchants.dues import queries, services
from merchants.settlement.queries import waiting_for
from portal import due_words
from portal.blueprint import blueprint
from portal.routes.dues import faults_of, typed_rial
from portal.routes.onboarding import forms

PAY = Permission.MERCHANTS_DUE_PAY
HERE = "portal.own_dues"
A_PAGE = 20


@route(blueprint, "/own-dues", permission=PAY)
def own_dues(visit: Visit) -> ResponseReturnValue:
    before = request.args.get("before", 0, type=int)
    found = queries.own_dues(visit.session, visit.identity, before=before, limit=A_PAGE + 1)
    return render_template(
        "dues/own.html",
        active=HERE,
        told=due_words,
        rows=found[:A_PAGE],
        today=local_day(clock.now()),
        older=url_for(HERE, before=found[A_PAGE - 1].due.id) if len(found) > A_PAGE else None,
        newer=url_for(HERE) if before else None,
    )


@route(blueprint, "/own-dues/<int:due_id>", permission=PAY)
def own_due(visit: Visit, due_id: int) -> ResponseReturnValue:
    return _page(visit, due_id)


@route(blueprint, "/own-dues/<int:due_id>", permission=PAY, methods=["POST"])
def pay_own_due(visit: Visit, due_id: int) -> ResponseReturnValue:
    queries.own_due(visit.session, visit.identity, due_id)
    try:
        services.pay_from_settlement(visit.session, visit.identity, due_id, forms.form_key(), typed_rial())
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, due_id, refusal)
    return redirect(url_for("portal.own_due", due_id=due_id), 303)


def _page(visit: Visit, due_id: int, fault: DomainError | None = None) -> ResponseReturnValue:
    row = queries.own_due(visit.session, visit.identity, due_id)
    waits = waiting_for(visit.session, row.due.merchant_id).total_rial
    page = render_template(
        "dues/due.html",
        active=HERE,
        told=due_words,
        row=row,
        payments=queries.payments_of(visit.session, [due_id])[due_id],
        by_shop=True,
        is_payable=queries.account_of(visit.session, row.due.creditor_id, clock.now()) is not None,
        waits_rial=waits,
        most_rial=max(0, min(waits, row.left_rial)),
        today=local_day(clock.now()),
        now=clock.now(),
        typed=request.form,
        key=request.form.get("key") or forms.new_key(),
        faults=faults_of(fault),
    )
    return page, fault.status if fault else 200
