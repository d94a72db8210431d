"""A union decides on what its shops ask for their branches, and renews the licences of those."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from merchants.branches import queries
from merchants.branches.queries import WishTold
from merchants.branches.rules import Act
from merchants.branches.services import deciding
from portal import branch_words
from portal.blueprint import blueprint
from portal.routes.onboarding import forms

DECIDE = Permission.MERCHANTS_BRANCH_DECIDE
HERE = "portal.branch_wishes"
A_PAGE = 20


@route(blueprint, "/branch-wishes", permission=DECIDE)
def branch_wishes(visit: Visit) -> ResponseReturnValue:
    unions, every, before = _unions(visit), request.args.get("all") == "1", request.args.get("before", 0, type=int)
    found = queries.wishes_for(visit.session, unions, waiting=not every, before=before, limit=A_PAGE + 1)
    return render_template(
        "branches/wishes.html", active=HERE, rows=found[:A_PAGE], every=every, waiting=queries.waiting_count(visit.session, unions),
        told=branch_words, older=url_for(HERE, all="1" if every else None, before=found[A_PAGE - 1].wish.id) if len(found) > A_PAGE else None,
        newer=url_for(HERE, all="1" if every else None) if before else None,
    )  # fmt: skip


@route(blueprint, "/branch-wishes/<int:branch_wish_id>", permission=DECIDE)
def branch_wish(visit: Visit, branch_wish_id: int) -> ResponseReturnValue:
    return _page(visit, queries.wish_for(visit.session, _unions(visit), branch_wish_id))


@route(blueprint, "/branch-wishes/<int:branch_wish_id>", permission=DECIDE, methods=["POST"])
def decide_branch(visit: Visit, branch_wish_id: int) -> ResponseReturnValue:
    unions = _unions(visit)
    queries.wish_for(visit.session, unions, branch_wish_id)
    try:
        match request.form.get("act"):
            case Act.APPROVE:
                deciding.approve(visit.session, visit.identity, unions, branch_wish_id)
            case Act.REFUSE:
                deciding.refuse(visit.session, visit.identity, unions, branch_wish_id, request.form.get("why", ""))
            case _:
                raise BadInput(field="act")
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, queries.wish_for(visit.session, unions, branch_wish_id), refusal)
    return redirect(url_for("portal.branch_wish", branch_wish_id=branch_wish_id), 303)


@route(blueprint, "/branch-wishes/<int:branch_wish_id>/renewal", permission=DECIDE, methods=["POST"])
def renew_branch(visit: Visit, branch_wish_id: int) -> ResponseReturnValue:
    unions = _unions(visit)
    found = queries.wish_for(visit.session, unions, branch_wish_id)
    try:
        deciding.renew(
            visit.session,
            visit.identity,
            unions,
            found.wish.branch_id or 0,
            request.form.get("licence_expires_on", ""),
        )
    except BadInput as refusal:
        visit.session.rollback()
        return _page(visit, queries.wish_for(visit.session, unions, branch_wish_id), refusal)
    return redirect(url_for("portal.branch_wish", branch_wish_id=branch_wish_id), 303)


@route(blueprint, "/branch-wishes/<int:branch_wish_id>/licence", permission=DECIDE)
def licence_of_branch(visit: Visit, branch_wish_id: int) -> ResponseReturnValue:
    found = queries.wish_for(visit.session, _unions(visit), branch_wish_id).wish
    return forms.stored_paper(found.paper, found.paper_type, f"branch-{found.id}")


def _unions(visit: Visit) -> frozenset[int]:
    return visit.identity.organisations(DECIDE) or frozenset()


def _page(visit: Visit, row: WishTold, fault: DomainError | None = None) -> ResponseReturnValue:
    one = row.wish
    page = render_template(
        "branches/wish.html", active=HERE, row=row, one=one, told=branch_words, typed=request.form, branch=queries.branch_of_wish(visit.session, one), today=local_day(clock.now()),
        faults=forms.sentences({str(fault.facts.get("field", "act")): fault}) if fault else {},
        on_map=[{"name": one.names["fa"], "latitude": one.lat, "longitude": one.lon, "open": True}],
    )  # fmt: skip
    return page, fault.status if fault else 200
