"""The help card of a pilgrim, or of somebody whose guardian one is, with who asked for it; and which terminals ask how often."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import DomainError
from kernel.web.routes import route
from portal import help_words
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field
from portal.routes.onboarding.forms import sentences
from reservations.help.guarding import check_guardian, wards_of
from reservations.help.queries import asking_terminals, views_of, wish_of
from reservations.help.rules import HOUR, MOST_AN_HOUR, Shows, Wish
from reservations.help.services import keep_help_card
from reservations.help.telling import alarms_of, see_alarm, told_of_views

OWN = Permission.CARDBANK_BALANCE_VIEW
STOP = Permission.MERCHANTS_TERMINAL_SUSPEND
HERE = "portal.my_help"
A_PAGE = 20
LONGEST = 200
A_DAY = 24 * HOUR


@route(blueprint, "/me/help", permission=OWN)
def my_help(visit: Visit) -> ResponseReturnValue:
    person_id = _holder(visit, request.args.get("person", type=int))
    return _page(visit, person_id, wish_of(visit.session, person_id))


@route(blueprint, "/me/help", permission=OWN, methods=["POST"])
def keep_my_help(visit: Visit) -> ResponseReturnValue:
    """Keep it, switched on or off; what is not right keeps what was typed."""
    person_id, wish = _holder(visit, request.form.get("person", type=int)), _typed()
    try:
        keep_help_card(visit.session, visit.identity, person_id, wish)
    except DomainError as refusal:
        faults = fault_by_field(refusal)
        visit.session.rollback()
        return _page(visit, person_id, wish, sentences(faults)), refusal.status
    return redirect(url_for(HERE, person=None if person_id == visit.identity.person_id else person_id, kept=1), 303)


@route(blueprint, "/me/help/alarms/<int:alarm_id>", permission=OWN, methods=["POST"])
def see_my_alarm(visit: Visit, alarm_id: int) -> ResponseReturnValue:
    see_alarm(visit.session, visit.identity, alarm_id)
    return redirect(url_for(HERE), 303)


def _typed() -> Wish:
    form = request.form
    shows = frozenset(Shows(one) for one in form.getlist("shows") if one in set(Shows))
    texts = {name: form.get(name, "")[:LONGEST] for name in ("called", "leader_name", "leader_mobile", "alert")}
    return Wish(is_on=form.get("act") == "on", has_agreed=bool(form.get("has_agreed")), shows=shows, **texts)


def _holder(visit: Visit, person_id: int | None) -> int:
    """Raises NotTheirHelper."""
    own = visit.identity.person_id
    check_guardian(visit.session, visit.identity, person_id or own)
    return person_id or own


def _page(visit: Visit, person_id: int, wish: Wish, faults: dict[str, str] | None = None) -> str:
    before = request.args.get("before", type=int)
    views = views_of(visit.session, person_id, before=before, limit=A_PAGE + 1)
    query: dict[str, Any] = {"person": request.args.get("person")}
    return render_template(
        "me/help.html", active=HERE, help_words=help_words, wish=wish, faults=faults or {}, is_on=wish_of(visit.session, person_id).is_on,
        views=views[:A_PAGE], older=url_for(HERE, **query, before=views[A_PAGE - 1].view.id) if len(views) > A_PAGE else None,
        newer=url_for(HERE, **query) if before else None, person_id=person_id,
        wards=wards_of(visit.session, visit.identity), told=told_of_views(visit.session, person_id, [one.view for one in views[:A_PAGE]]),
        alarms=[one for one in alarms_of(visit.session, visit.identity.person_id) if one.seen_at is None],
    )  # fmt: skip


@route(blueprint, "/help-requests", permission=STOP)
def help_requests(visit: Visit) -> ResponseReturnValue:
    """Which terminals asked for help cards in a day, and how often; no person stands in it."""
    rows = asking_terminals(visit.session, clock.now() - A_DAY)
    return render_template("help_requests.html", active="portal.help_requests", rows=rows, most=MOST_AN_HOUR)
