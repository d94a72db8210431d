"""How the platform is, for everybody; and the operator who tells of what does not work, and that it works again."""

from datetime import datetime, timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Identity, Permission
from identity.visits import OpenVisit, Visit
from kernel import clock
from kernel.errors import BadInput
from kernel.watch import faults_since, parts_now
from kernel.web.routes import route
from merchants.outages import queries, services
from merchants.outages.errors import WrongOutage
from merchants.outages.rules import LONGEST_TEXT, Announcement, texts_of
from places.queries import all_cities
from portal import outage_words, words
from portal.blueprint import blueprint
from portal.moments import typed_moment
from portal.routes.onboarding import forms

ANNOUNCE = Permission.PORTAL_OUTAGE_ANNOUNCE
SHOWN_BACK = timedelta(days=30)
A_PAGE = 10
FIELDS = ("text_fa", "text_en", "text_ar", "text_ur", "begins", "ends")


@route(blueprint, "/status", public=True)
def status(visit: OpenVisit) -> ResponseReturnValue:
    now = clock.now()
    return render_template(
        "outages/status.html",
        active="portal.status",
        told=outage_words,
        parts=parts_now(visit.session),
        faults=faults_since(visit.session, now - SHOWN_BACK),
        live=[*queries.live_outages(visit.session, now), *queries.coming_outages(visit.session, now)],
        past=queries.past_outages(visit.session, limit=A_PAGE),
        cities={one.code: one.names for one in all_cities(visit.session)},
    )


@route(blueprint, "/outages", permission=ANNOUNCE)
def outages(visit: Visit) -> ResponseReturnValue:
    return _outages(visit)


@route(blueprint, "/outages", permission=ANNOUNCE, methods=["POST"])
def announce_outage(visit: Visit) -> ResponseReturnValue:
    identity: Identity = visit.identity
    try:
        said = _announcement()
        services.announce(visit.session, identity, forms.form_key(), said, {one.code for one in all_cities(visit.session)})
    except WrongOutage as refusal:
        return _outages(visit, refusal)
    outage_words.look_again()
    return redirect(url_for("portal.outages"), 303)


@route(blueprint, "/outages/<int:outage_id>/end", permission=ANNOUNCE, methods=["POST"])
def end_outage(visit: Visit, outage_id: int) -> ResponseReturnValue:
    services.end_outage(visit.session, visit.identity, outage_id)
    outage_words.look_again()
    return redirect(url_for("portal.outages"), 303)


def _announcement() -> Announcement:
    """Raises WrongOutage."""
    form = request.form
    return Announcement(
        kind=form.get("kind", ""),
        audience=form.get("audience", ""),
        parts=tuple(form.getlist("parts")),
        cities=tuple(form.getlist("cities")),
        texts=texts_of(forms.typed()),
        starts_at=_moment("begins") or clock.now(),
        ends_at=_moment("ends"),
        tells_by_sms=form.get("sms") == "yes",
    )


def _moment(name: str) -> datetime | None:
    """Raises WrongOutage."""
    return typed_moment(request.form.get(name, ""), name, WrongOutage)


def _outages(visit: Visit, refusal: BadInput | None = None) -> ResponseReturnValue:
    now, before = clock.now(), request.args.get("before", type=int)
    past = queries.past_outages(visit.session, before=before, limit=A_PAGE + 1)
    sentence = words.error_sentence(refusal.code, refusal.facts) if refusal else ""
    field = str(refusal.facts.get("field", "")) if refusal else ""
    page = render_template(
        "outages/outages.html",
        active="portal.outages",
        told=outage_words,
        live=[*queries.live_outages(visit.session, now), *queries.coming_outages(visit.session, now)],
        past=past[:A_PAGE],
        older=past[A_PAGE - 1].id if len(past) > A_PAGE else None,
        before=before,
        cities={one.code: one.names for one in all_cities(visit.session)},
        typed=request.form,
        ticked={name: request.form.getlist(name) for name in ("parts", "cities")},
        faults={field: sentence} if field in FIELDS else {},
        fault=sentence if field not in FIELDS else "",
        key=request.form.get("key") or forms.new_key(),
        longest=LONGEST_TEXT,
    )
    return page, refusal.status if refusal else 200
