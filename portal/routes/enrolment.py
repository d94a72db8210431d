"""The desk enrols pilgrims: one short form, known people shown beside it, and the page of a person."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.cards.queries import cards_of_person
from identity import rules
from identity.desk_codes import give_code
from identity.enrolment import check_pilgrim, enrol_pilgrim
from identity.errors import DocumentTaken, PersonKnown
from identity.permissions import Permission
from identity.queries import duplicates_of, person_cards
from identity.visits import Visit
from kernel.errors import BadInput, DomainError, NotFound
from kernel.languages import LANGUAGES
from kernel.web.routes import route
from portal import words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import sentences, typed

ENROL = Permission.IDENTITY_PERSON_ENROL


@route(blueprint, "/desk/people", permission=ENROL)
def enrolment(visit: Visit) -> ResponseReturnValue:
    return _form(visit)


@route(blueprint, "/desk/people", permission=ENROL, methods=["POST"])
def enrol(visit: Visit) -> ResponseReturnValue:
    """The document's number is posted, so that it is in no address."""
    form = typed()
    faults, _facts = check_pilgrim(form)
    if faults:
        return _form(visit, faults)
    language = form.get("language", "")
    try:
        person = enrol_pilgrim(
            visit.session, visit.identity.actor, form, language if language in LANGUAGES else visit.language,
            is_another=form.get("another") == "yes",
        )  # fmt: skip
    except DocumentTaken as taken:
        return _form(visit, {"number": taken}, known=[int(str(taken.facts["person_id"]))])
    except PersonKnown as shared:
        return _form(visit, {"mobile": shared}, known=list(shared.facts["people"]))  # type: ignore[call-overload]
    return redirect(url_for("portal.enrolled", person_id=person.id, done=1), 303)


@route(blueprint, "/desk/people/<int:person_id>", permission=ENROL)
def enrolled(visit: Visit, person_id: int) -> ResponseReturnValue:
    return _person(visit, person_id)


@route(blueprint, "/desk/people/<int:person_id>/code", permission=ENROL, methods=["POST"])
def give_sign_in_code(visit: Visit, person_id: int) -> ResponseReturnValue:
    """The code is shown once, in the answer itself."""
    try:
        born = rules.typed_day(request.form.get("born", ""))
        code = give_code(visit.session, visit.identity.actor, person_id, born)
    except BadInput as refusal:
        visit.session.rollback()
        return _person(visit, person_id, fault=words.error_sentence(refusal.code, refusal.facts)), refusal.status
    return _person(visit, person_id, code=code), 200, {"Cache-Control": "no-store"}


def _person(visit: Visit, person_id: int, code: str = "", fault: str = "") -> str:
    shown = person_cards(visit.session, [person_id])
    if not shown:
        raise NotFound
    return render_template(
        "people/enrolled.html",
        active="portal.enrolment",
        person=shown[0],
        cards=cards_of_person(visit.session, person_id),
        others=person_cards(visit.session, duplicates_of(visit.session, person_id)),
        is_done="done" in request.args,
        has_passport=any(kind == "passport" for kind, _country, _end in shown[0].documents),
        code=code,
        fault=fault,
        typed=request.form,
    )


def _form(visit: Visit, faults: dict[str, DomainError] | None = None, known: list[int] | None = None) -> ResponseReturnValue:
    page = render_template(
        "people/enrolment.html",
        active="portal.enrolment",
        typed=request.form,
        faults=sentences(faults or {}),
        known=person_cards(visit.session, known) if known else [],
        may_be_another=faults is not None and "mobile" in faults and bool(known),
    )
    status = max(fault.status for fault in faults.values()) if faults else 200
    return page, status
