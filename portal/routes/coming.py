"""Pilgrims who say before the journey that they come: their form, and the desk that has a card ready for them."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.keystore.services import open_keystore
from identity import coming
from identity.permissions import Permission
from identity.visits import OpenVisit, Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError
from kernel.settings import load_settings
from kernel.web.limits import Limit, check_limit
from kernel.web.routes import route
from merchants.enrolment.handing import receive_with_card
from portal import words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import qr, sentences, typed
from portal.routes.till.reader import reader_origin

ENROL, ISSUE = Permission.IDENTITY_PERSON_ENROL, Permission.CARDBANK_CARD_ISSUE
HERE = "portal.coming_desk"
TRIES = Limit("coming", 10)
NO_STORE = {"Cache-Control": "no-store"}


@route(blueprint, "/coming", public=True)
def coming_form(visit: OpenVisit) -> ResponseReturnValue:
    return render_template("coming/form.html", active=None, typed={}, faults={})


@route(blueprint, "/coming", public=True, methods=["POST"])
def announce_coming(visit: OpenVisit) -> ResponseReturnValue:
    """The code is told in the answer itself, so that it stands in no address."""
    check_limit(TRIES, request.remote_addr or "")
    form = typed()
    faults, said = coming.check_said(form)
    if said is None:
        page = render_template("coming/form.html", active=None, typed=form, faults=sentences(faults))
        return page, max(fault.status for fault in faults.values())
    made = coming.announce(visit.session, form, visit.language)
    return render_template("coming/done.html", active=None, made=made, qr=qr(made.code)), 201, NO_STORE


@route(blueprint, "/desk/coming", permission=ENROL)
def coming_desk(visit: Visit) -> ResponseReturnValue:
    return _desk(visit)


@route(blueprint, "/desk/coming", permission=ENROL, methods=["POST"])
def find_coming(visit: Visit) -> ResponseReturnValue:
    """By the code, or by the passport itself; neither stands in an address."""
    found = coming.find_coming(visit.session, request.form.get("find", "")[:200])
    if len(found) == 1:
        return redirect(url_for("portal.coming_one", coming_id=found[0].id), 303)
    return _desk(visit, found)


@route(blueprint, "/desk/coming/<int:coming_id>", permission=ENROL)
def coming_one(visit: Visit, coming_id: int) -> ResponseReturnValue:
    return _one(visit, coming_id)


@route(blueprint, "/desk/coming/<int:coming_id>", permission=ENROL, methods=["POST"])
def receive_coming(visit: Visit, coming_id: int) -> ResponseReturnValue:
    """Put on record who stands here, without a card."""
    person = coming.receive(visit.session, visit.identity.actor, coming_id)
    return redirect(url_for("portal.enrolled", person_id=person.id, done=1), 303)


@route(blueprint, "/desk/coming/<int:coming_id>/card", permission=ISSUE, methods=["POST"])
def hand_card_to_coming(visit: Visit, coming_id: int) -> ResponseReturnValue:
    """On record and a card in the hand, at one press."""
    try:
        keystore = open_keystore(load_settings())
        card = receive_with_card(visit.session, keystore, visit.identity, coming_id, request.form.get("blank", ""))
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        visit.session.rollback()
        return _one(visit, coming_id, refusal), refusal.status
    return redirect(url_for("portal.customer_card", card_id=card.id, new=1), 303)


def _desk(visit: Visit, found: list[coming.Expected] | None = None) -> ResponseReturnValue:
    days = coming.expected_days(visit.session, local_day(clock.now()))
    page = render_template("coming/desk.html", active=HERE, found=found, days=days, typed=request.form)
    return page, 404 if found == [] else 200


def _one(visit: Visit, coming_id: int, fault: DomainError | None = None) -> str:
    return render_template(
        "coming/one.html", active=HERE, one=coming.expected(visit.session, coming_id), reader=reader_origin(), typed=request.form,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "", known=fault.facts.get("person_id") if fault else None,
    )  # fmt: skip
