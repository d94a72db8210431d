"""Permits: the municipality's list and decisions, and what anybody learns from the code on a paper."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import OpenVisit, Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from merchants.permits import queries, services
from merchants.permits.errors import PermitNotFound
from merchants.permits.queries import PermitTold
from merchants.permits.rules import Act
from portal import permit_words
from portal.blueprint import blueprint
from portal.routes.onboarding import forms

VIEW, DECIDE = Permission.MERCHANTS_PERMIT_VIEW, Permission.MERCHANTS_PERMIT_DECIDE
HERE = "portal.permits"
A_PAGE = 20


@route(blueprint, "/permits", permission=VIEW)
def permits(visit: Visit) -> ResponseReturnValue:
    offices, state, before = (
        visit.identity.organisations(VIEW),
        request.args.get("state", ""),
        request.args.get("before", 0, type=int),
    )
    if state and state not in permit_words.STATES:
        raise BadInput(field="state")
    found = queries.permits_page(visit.session, offices, state=state, before=before, limit=A_PAGE + 1)
    return render_template(
        "municipality/permits.html", active=HERE, rows=found[:A_PAGE], state=state, waiting=queries.waiting_count(visit.session, offices),
        today=local_day(clock.now()), told=permit_words,
        older=url_for(HERE, state=state or None, before=found[A_PAGE - 1].permit.id) if len(found) > A_PAGE else None,
        newer=url_for(HERE, state=state or None) if before else None,
    )  # fmt: skip


@route(blueprint, "/permits/<int:permit_id>", permission=VIEW)
def permit(visit: Visit, permit_id: int) -> ResponseReturnValue:
    return _page(visit, _reviewed(visit, permit_id))


@route(blueprint, "/permits/<int:permit_id>/decision", permission=DECIDE, methods=["POST"])
def decide_permit(visit: Visit, permit_id: int) -> ResponseReturnValue:
    offices = visit.identity.organisations(DECIDE) or frozenset()
    queries.permit_reviewed(visit.session, offices, permit_id)
    act = request.form.get("act")
    if act not in (Act.GRANT, Act.REFUSE, Act.WITHDRAW):
        raise BadInput(field="act")
    try:
        words = request.form.get("conditions" if act == Act.GRANT else "why", "")
        services.decide(visit.session, visit.identity, offices, permit_id, Act(act), words)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, _reviewed(visit, permit_id), refusal)
    return redirect(url_for("portal.permit", permit_id=permit_id), 303)


@route(blueprint, "/permits/<int:permit_id>/papers/<int:permit_paper_id>", permission=VIEW)
def permit_document(visit: Visit, permit_id: int, permit_paper_id: int) -> ResponseReturnValue:
    paper = queries.paper_of(visit.session, _reviewed(visit, permit_id).permit, permit_paper_id)
    return forms.stored_paper(paper.name, paper.media_type, f"permit-{permit_id}-{paper.id}")


@route(blueprint, "/v/<permit_secret>", public=True)
def check_permit(visit: OpenVisit, permit_secret: str) -> ResponseReturnValue:
    """What the code on a paper leads to; an unknown one is not valid either."""
    today = local_day(clock.now())
    try:
        found = queries.permit_by_secret(visit.session, permit_secret)
    except PermitNotFound:
        found = None
    page = render_template(
        "municipality/permit_check.html", active="", row=found, today=today, told=permit_words,
        standing=found.standing(today).value if found else None,
    )  # fmt: skip
    return page, 200 if found else 404


def _reviewed(visit: Visit, permit_id: int) -> PermitTold:
    return queries.permit_reviewed(visit.session, visit.identity.organisations(VIEW), permit_id)


def _page(visit: Visit, row: PermitTold, fault: DomainError | None = None) -> ResponseReturnValue:
    page = render_template(
        "municipality/permit.html",
        active=HERE,
        row=row,
        one=row.permit,
        told=permit_words,
        is_own=False,
        may_decide=visit.identity.can(DECIDE, row.permit.municipality_id),
        papers=queries.papers_of(visit.session, row.permit.id),
        typed=request.form,
        faults=forms.sentences({str(fault.facts.get("field", "act")): fault}) if fault else {},
    )
    return page, fault.status if fault else 200
