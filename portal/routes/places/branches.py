"""A shop's branches and when they are open: typed row by row, or as a rule of OpenStreetMap."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Identity, Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError, NotFound
from kernel.web.routes import route
from merchants.branches.queries import wishes_of
from merchants.directory.queries import BranchHours, branch_hours, branches_page
from merchants.errors import BranchIsClosed
from places.hours import services
from places.hours.queries import calendar_of, coming_days
from places.hours.sentences import ROWS, hours_of_rows, hours_sentence, rows_of_hours
from places.queries import place_by_id
from portal import branch_words
from portal.blueprint import blueprint
from portal.routes.branches.asking import ASK
from portal.routes.onboarding.forms import sentences, typed

SET = Permission.MERCHANTS_HOURS_SET
HERE = "portal.branches"
A_PAGE = 20


@route(blueprint, "/branches", permission=SET)
def branches(visit: Visit) -> ResponseReturnValue:
    whole, single = visit.identity.reach(SET)
    after = request.args.get("after", 0, type=int)
    may_ask = visit.identity.organisations(ASK) or frozenset()
    found = branches_page(visit.session, whole or (), single, clock.now(), after=after, limit=A_PAGE + 1)
    return render_template(
        "places/branches.html", active=HERE, wishes=wishes_of(visit.session, may_ask) if may_ask and not after else [], may_ask=bool(may_ask), may_keep=may_ask, told=branch_words, rows=found[:A_PAGE], sentence_of=hours_sentence, after=after,
        older=found[A_PAGE - 1].branch.id if len(found) > A_PAGE else None,
    )  # fmt: skip


@route(blueprint, "/branches/<int:branch_id>/hours", permission=SET)
def hours(visit: Visit, branch_id: int) -> ResponseReturnValue:
    return _hours(visit, own_branch(visit, branch_id))


@route(blueprint, "/branches/<int:branch_id>/hours", permission=SET, methods=["POST"])
def set_hours(visit: Visit, branch_id: int) -> ResponseReturnValue:
    own, form = own_branch(visit, branch_id), typed()
    try:
        text = form["hours"] if "hours" in form else hours_of_rows(form)
        services.set_hours(visit.session, visit.identity.actor, own.branch.place_id, text)
    except BadInput as refusal:
        visit.session.rollback()
        return _hours(visit, own_branch(visit, branch_id), {str(refusal.facts.get("field")): refusal})
    return redirect(url_for(HERE), 303)


@route(blueprint, "/branches/<int:branch_id>/hours/confirm", permission=SET, methods=["POST"])
def confirm_hours(visit: Visit, branch_id: int) -> ResponseReturnValue:
    services.confirm_hours(visit.session, visit.identity.actor, own_branch(visit, branch_id).branch.place_id)
    return redirect(url_for(HERE), 303)


def own_branch(visit: Visit, branch_id: int) -> BranchHours:
    """Raises NotFound for branches of others, and of one's own shop where one is bound to another branch."""
    identity: Identity = visit.identity
    found = branch_hours(visit.session, branch_id, clock.now())
    bound = identity.branches(found.organisation_id, SET)
    if not identity.can(SET, found.organisation_id) or (bound is not None and branch_id not in bound):
        raise NotFound
    if found.branch.status == "closed":
        raise BranchIsClosed
    return found


def _hours(visit: Visit, own: BranchHours, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    text = own.hours.text if own.hours else ""
    rows = rows_of_hours(text) if text else dict.fromkeys(ROWS, "")
    calendar = calendar_of(visit.session, place_by_id(visit.session, own.branch.place_id).city_id)
    today = local_day(clock.now(), calendar.zone)
    page = render_template(
        "places/hours.html", active=HERE, own=own, rows=rows, as_rule=rows is None or "rule" in request.args or "hours" in request.form,
        sentence=hours_sentence(text) if text else None, days=coming_days(text, calendar, today) if text else [],
        typed=typed(), faults=sentences(faults or {}),
    )  # fmt: skip
    return page, 422 if faults else 200
