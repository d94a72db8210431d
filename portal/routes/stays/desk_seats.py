"""Seats at the desk of who runs a programme: for who stands there, with or without a phone."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import DomainError
from kernel.web.routes import route
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import typed
from portal.routes.stays.forms import Asked, asked, typed_choice, version_key
from portal.routes.stays.programmes import date_facts
from reservations.programmes import queries
from reservations.programmes.queries import SessionRow, Sought
from reservations.programmes.rules import typed_documents
from reservations.programmes.services import seating
from reservations.programmes.services.seating import SeatAsk

OPERATE = Permission.RESERVATIONS_DESK_OPERATE
HERE = "portal.front_desk"
A_PAGE = 20


@route(blueprint, "/front-desk/seats", permission=OPERATE)
def dates_at_desk(visit: Visit) -> ResponseReturnValue:
    after, sought = request.args.get("after", type=int), Sought(organisation_ids=visit.identity.organisations(OPERATE))
    rows = queries.sessions_page(visit.session, clock.now(), sought, after=after, limit=A_PAGE + 1)
    here = "portal.dates_at_desk"
    return page(
        "stays/programmes.html",
        active=HERE,
        is_desk=True,
        rows=rows[:A_PAGE],
        turns={},
        older=url_for(here, after=rows[A_PAGE - 1].session.id) if len(rows) > A_PAGE else None,
        newer=url_for(here) if after else None,
    )


@route(blueprint, "/front-desk/seats/<int:desk_session_id>", permission=OPERATE)
def seats_at_desk(visit: Visit, desk_session_id: int) -> ResponseReturnValue:
    return _seats(visit, _own(visit, desk_session_id), asked(request.args))


@route(blueprint, "/front-desk/seats/<int:desk_session_id>", permission=OPERATE, methods=["POST"])
def take_seats_at_desk(visit: Visit, desk_session_id: int) -> ResponseReturnValue:
    wanted, row = asked(request.form), _own(visit, desk_session_id)
    try:
        documents = typed_documents(request.form.get("documents", "")[:2_000])
        name = request.form.get("holder_name", "")
        ask = SeatAsk(version_key(), row.session.id, typed_choice(), documents, holder_name=name, at_desk=True)
        booking = seating.take_seats(visit.session, visit.identity, ask)
    except DomainError as refusal:
        visit.session.rollback()
        return _seats(visit, _own(visit, desk_session_id), wanted, fault_by_field(refusal))
    return redirect(url_for("portal.desk_booking", booking_id=booking.id), 303)


def _own(visit: Visit, session_id: int) -> SessionRow:
    """Raises ProgrammeNotFound, for a date of others too."""
    row = queries.session_row(visit.session, session_id, clock.now())
    queries.own_programme(visit.session, visit.identity.organisations(OPERATE), row.programme.id)
    return row


def _seats(visit: Visit, row: SessionRow, wanted: Asked, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    facts = date_facts(row, wanted, faults)
    action = url_for("portal.take_seats_at_desk", desk_session_id=row.session.id)
    return page("stays/programme.html", active=HERE, is_desk=True, action=action, typed=typed(), **facts)
