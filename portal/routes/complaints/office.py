"""The offices' pages, one for the union and the municipality alike: the list, a complaint, its letter."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.outcomes import purchase_of_entry
from cardbank.services import new_request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from merchants.complaints import queries
from merchants.complaints.errors import ComplaintNotFound
from merchants.complaints.queries import Office, Sought
from merchants.complaints.rules import Act, Audience, OrderState, Party, overcharged_rial
from merchants.complaints.services import handling
from merchants.complaints.services.handling import Wanted
from merchants.pages.queries import place_of_branch
from portal import complaint_words
from portal.blueprint import blueprint
from portal.routes.onboarding import forms

HANDLE = Permission.MERCHANTS_COMPLAINT_HANDLE
HERE = "portal.complaints"
A_PAGE = 20


@route(blueprint, "/complaints", permission=HANDLE)
def complaints(visit: Visit) -> ResponseReturnValue:
    office = office_of(visit)
    state, after = request.args.get("state", "open"), request.args.get("after", 0, type=int)
    if state and state not in complaint_words.FILTERS:
        raise BadInput(field="state")
    mine = visit.identity.person_id if request.args.get("mine") == "1" else None
    sought = Sought(state, request.args.get("trade", type=int), request.args.get("shop", type=int), mine)
    found = queries.complaints_page(visit.session, office, sought, after=after, limit=A_PAGE + 1)
    asked: dict[str, Any] = {"state": state, "trade": sought.trade_id, "shop": sought.merchant_id, "mine": request.args.get("mine")}
    return render_template(
        "complaints/list.html",
        active=HERE,
        office=office,
        counts=queries.counts(visit.session, office),
        trades=queries.trades_of_office(visit.session, office),
        rows=found[:A_PAGE],
        asked=asked,
        older=url_for(HERE, **asked, after=found[A_PAGE - 1].complaint.id) if len(found) > A_PAGE else None,
        newer=url_for(HERE, **asked) if after else None,
    )


@route(blueprint, "/complaints/<int:complaint_id>", permission=HANDLE)
def complaint(visit: Visit, complaint_id: int) -> ResponseReturnValue:
    return complaint_page(visit, complaint_id)


@route(blueprint, "/complaints/<int:complaint_id>/acts", permission=HANDLE, methods=["POST"])
def handle_complaint(visit: Visit, complaint_id: int) -> ResponseReturnValue:
    """One act; a refusal is told on the page, with all that was typed."""
    queries.handled(visit.session, office_of(visit), complaint_id)
    act, audience = request.form.get("act", ""), request.form.get("audience", Audience.OFFICE.value)
    if act not in set(Act) or audience not in set(Audience):
        raise BadInput(field="act")
    wanted = Wanted(Act(act), forms.form_key(), request.form.get("words", ""), Audience(audience))
    try:
        handling.handle(visit.session, visit.identity, complaint_id, wanted)
    except DomainError as refusal:
        return refused(visit, complaint_id, refusal)
    return redirect(url_for("portal.complaint", complaint_id=complaint_id), 303)


@route(blueprint, "/complaints/<int:complaint_id>/inspector", permission=HANDLE, methods=["POST"])
def assign_complaint(visit: Visit, complaint_id: int) -> ResponseReturnValue:
    chosen = request.form.get("inspector", type=int)
    try:
        handling.assign(visit.session, visit.identity, complaint_id, chosen, for_shop=request.form.get("for_shop") == "1")
    except DomainError as refusal:
        return refused(visit, complaint_id, refusal)
    return redirect(url_for("portal.complaint", complaint_id=complaint_id), 303)


@route(blueprint, "/complaints/<int:complaint_id>/letter", permission=HANDLE)
def complaint_letter(visit: Visit, complaint_id: int) -> ResponseReturnValue:
    """What is handed to either side: the facts, the evidence and the decision."""
    found = queries.handled(visit.session, office_of(visit), complaint_id)
    return render_template(
        "complaints/letter.html", active=HERE, complaint=found, shop=queries.shop_names(visit.session, found), lines=queries.lines_of(found),
        order=queries.order_of(visit.session, found.id),
    )  # fmt: skip


@route(blueprint, "/complaints/<int:complaint_id>/pictures/<int:picture_id>", permission=HANDLE)
def complaint_picture(visit: Visit, complaint_id: int, picture_id: int) -> ResponseReturnValue:
    """As a download that no browser opens by itself."""
    found = queries.handled(visit.session, office_of(visit), complaint_id)
    picture = queries.picture_of(visit.session, found, picture_id)
    return forms.stored_paper(picture.name, picture.media_type, f"complaint-{found.id}-{picture.id}")


def office_of(visit: Visit) -> Office:
    """Raises ComplaintNotFound for who handles complaints for nobody."""
    office = queries.office_of(visit.identity)
    if office is None:
        raise ComplaintNotFound
    return office


def refused(visit: Visit, complaint_id: int, refusal: DomainError) -> ResponseReturnValue:
    if refusal.status == 404:
        raise refusal
    visit.session.rollback()
    return complaint_page(visit, complaint_id, refusal)


def complaint_page(visit: Visit, complaint_id: int, fault: DomainError | None = None) -> ResponseReturnValue:
    office = office_of(visit)
    found = queries.handled(visit.session, office, complaint_id)
    lines, order = queries.lines_of(found), queries.order_of(visit.session, found.id)
    page = render_template(
        "complaints/complaint.html",
        active=HERE,
        office=office,
        complaint=found,
        is_overdue=found.closed_at is None and queries.clock_of(found).is_over(clock.now()),
        shop=queries.shop_names(visit.session, found),
        lines=lines,
        over_rial=overcharged_rial(lines),
        left_rial=_left_rial(visit, found),
        notes=queries.notes_of(visit.session, found.id, office.party),
        pictures=queries.pictures_of(visit.session, found.id),
        order=order,
        place_id=place_of_branch(visit.session, found.branch_id),
        may_order=office.party is Party.UNION
        and found.closed_at is None
        and (order is None or order.state == OrderState.WITHDRAWN),
        inspectors=queries.inspectors_of(visit.session, office.organisation_id) if office.party is Party.UNION else [],
        typed=request.form,
        key=request.form.get("key") or forms.new_key(),
        order_key=request.form.get("order_key") or new_request_key(),
        faults=forms.sentences({str(fault.facts.get("field", "act")): fault}) if fault else {},
    )
    return page, fault.status if fault else 200


def _left_rial(visit: Visit, found: Any) -> int:
    """What of the purchase may still be refunded."""
    day, entry_id = found.business_date, found.entry_id
    bought: Any = purchase_of_entry(visit.session, day, entry_id) if day is not None and entry_id is not None else None
    return bought.left_rial if bought is not None and bought.terminal_id is not None else 0
