"""The applicant's pages: apply, the file with what it still needs, its papers; and the way in of who was invited."""

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from identity.invitations import accept_invitation, join_by_invitation
from identity.permissions import Permission
from identity.services import sign_in
from identity.visits import OpenVisit, Visit
from kernel.calendar import jalali_digits
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.web.application import set_session_cookie
from kernel.web.limits import SIGN_INS, Limit, TooManyRequests, check_limit
from kernel.web.routes import route
from merchants.onboarding import queries
from merchants.onboarding.rules import PAPERS, Due, Party, Piece, State, open_pieces
from merchants.onboarding.services import deciding, filing
from portal import words
from portal.blueprint import blueprint
from portal.devices import device_of
from portal.routes.onboarding import forms

FILL = Permission.MERCHANTS_APPLICATION_FILL
FILES = Limit("application", 20)  # the form says which numbers are on record already: nobody may go through them


@route(blueprint, "/apply", public=True)
def apply(visit: OpenVisit) -> ResponseReturnValue:
    return _apply_form(visit)


@route(blueprint, "/apply", public=True, methods=["POST"])
def take_application(visit: OpenVisit) -> ResponseReturnValue:
    """Begin a file: with a sign-in of its own, or for who has signed in already."""
    key, typed = forms.form_key(), forms.typed()
    try:
        check_limit(FILES, request.remote_addr or "")
    except TooManyRequests as refusal:
        return _apply_form(visit, {"form": refusal}, refusal.status)
    if typed.get("city_id") not in {str(city.id) for city in queries.overseen_cities(visit.session)}:
        return _apply_form(visit, {"city_id": BadInput(field="city_id")})
    if visit.identity:
        file = filing.begin_file(
            visit.session, visit.identity.actor, visit.identity.person_id, visit.identity.name, int(typed["city_id"]), key
        )
        return redirect(url_for("portal.application", application_id=file.id), 303)
    applied, faults = filing.apply(visit.session, typed, visit.language, key)
    if applied is None:
        return _apply_form(visit, faults)
    return _signed_in(visit, typed, url_for("portal.application", application_id=applied.id))


def _signed_in(visit: OpenVisit, typed: dict[str, str], address: str) -> ResponseReturnValue:
    device, client = device_of(request.user_agent.string), request.remote_addr or ""
    _identity, token = sign_in(visit.session, typed.get("name", ""), typed.get("password", ""), device, client)
    response = make_response(redirect(address, 303))
    return set_session_cookie(response, token, is_secure=not load_settings().is_laboratory)


def _apply_form(visit: OpenVisit, faults: dict[str, DomainError] | None = None, status: int = 422) -> ResponseReturnValue:
    page = render_template(
        "onboarding/apply.html",
        cities=queries.overseen_cities(visit.session),
        faults=forms.sentences(faults or {}),
        typed=request.form,
        key=request.form.get("key") or forms.new_key(),
    )
    return page, status if faults else 200


@route(blueprint, "/applications", permission=FILL)
def applications(visit: Visit) -> ResponseReturnValue:
    organisations = visit.identity.organisations(FILL) or frozenset()
    files = queries.applications_of(visit.session, organisations)
    return render_template("onboarding/applications.html", active="portal.applications", files=files)


@route(blueprint, "/applications/<int:application_id>", permission=FILL)
def application(visit: Visit, application_id: int) -> ResponseReturnValue:
    return _file(visit, application_id)


@route(blueprint, "/applications/<int:application_id>", permission=FILL, methods=["POST"])
def fill_application(visit: Visit, application_id: int) -> ResponseReturnValue:
    faults = filing.fill(visit.session, visit.identity, application_id, forms.typed())
    if faults:
        return _file(visit, application_id, faults)
    return redirect(url_for("portal.application", application_id=application_id, kept=1), 303)


@route(blueprint, "/applications/<int:application_id>/papers", permission=FILL, methods=["POST"], takes_files=True)
def upload_paper(visit: Visit, application_id: int) -> ResponseReturnValue:
    piece = request.form.get("piece", "")
    try:
        filing.add_paper(visit.session, forms.paper_store(), visit.identity, application_id, piece, forms.uploaded("paper"))
    except BadInput as refusal:
        return _file(visit, application_id, {piece: refusal})
    return redirect(url_for("portal.application", application_id=application_id, kept=1), 303)


@route(blueprint, "/applications/<int:application_id>/papers/<int:paper_id>", permission=FILL)
def own_paper(visit: Visit, application_id: int, paper_id: int) -> ResponseReturnValue:
    return forms.paper_answer(visit, queries.own_application(visit.session, visit.identity, application_id), paper_id)


@route(blueprint, "/applications/<int:application_id>/step", permission=FILL, methods=["POST"])
def step_application(visit: Visit, application_id: int) -> ResponseReturnValue:
    act = {"hand_in": deciding.hand_in, "close": deciding.withdraw}.get(request.form.get("act", ""))
    if act is None:
        raise BadInput(field="act")
    version, key = forms.form_number("version"), forms.form_key()
    try:
        act(visit.session, visit.identity, application_id, version, key)
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        visit.session.rollback()
        return _file(visit, application_id, {"step": refusal}, status=refusal.status)
    return redirect(url_for("portal.application", application_id=application_id), 303)


def _file(
    visit: Visit, application_id: int, faults: dict[str, DomainError] | None = None, status: int = 422
) -> ResponseReturnValue:
    file = queries.own_application(visit.session, visit.identity, application_id)
    papers = queries.newest_papers(visit.session, file.id)
    required = queries.requirements_of(visit.session, file, papers)
    open_ones = open_pieces(State(file.state), file.asked)
    page = render_template(
        "onboarding/file.html",
        active="portal.applications",
        file=file,
        papers=papers,
        required=required,
        is_complete=all(one.due is Due.MET for one in required if one.piece in set(Piece)),
        open=open_ones - PAPERS,
        open_papers=[piece for piece in Piece if piece in open_ones & PAPERS],
        acts=queries.acts_of(file, Party.APPLICANT),
        decisions=queries.decisions_of(visit.session, file.id),
        trades=queries.trades_of_city(visit.session, file.city_id),
        shown=_stored(file) | (forms.typed() if faults else {}),
        faults=forms.sentences(faults or {}),
        is_kept="kept" in request.args,
        key=forms.new_key(),
    )
    return page, status if faults else 200


def _stored(file: Any) -> dict[str, str]:
    """The answers of a file as they stand in its form."""
    names, ends = file.names or {}, file.licence_expires_on
    answers = {
        "name_fa": names.get("fa"), "name_en": names.get("en"), "trade": file.trade_id, "tax_code": file.tax_code,
        "legal_id": file.legal_id, "licence_number": file.licence_number,
        "licence_expires_on": jalali_digits(ends) if ends else None, "sheba": file.sheba, "sheba_owner": file.sheba_owner,
        "address": file.address, "lat": file.lat, "lon": file.lon,
        "contract": "accepted" if file.contract_accepted_at else None,
    }  # fmt: skip
    return {name: "" if answer is None else str(answer) for name, answer in answers.items()}


@route(blueprint, "/invitation", public=True)
def invitation(visit: OpenVisit) -> ResponseReturnValue:
    return _invitation_form()


@route(blueprint, "/invitation", public=True, methods=["POST"])
def take_invitation(visit: OpenVisit) -> ResponseReturnValue:
    """Who has a sign-in already enters the organisation with it."""
    typed = forms.typed()
    try:
        check_limit(SIGN_INS, request.remote_addr or "")
        if visit.identity:
            join_by_invitation(visit.session, visit.identity, typed.get("code", ""))
            return redirect(url_for("portal.home"), 303)
        accept_invitation(visit.session, typed.get("code", ""), typed.get("name", ""), typed.get("password", ""), visit.language)
    except DomainError as refusal:
        visit.session.rollback()
        return _invitation_form(refusal)
    return _signed_in(visit, typed, url_for("portal.home"))


def _invitation_form(fault: DomainError | None = None) -> ResponseReturnValue:
    faults = {}
    if fault is not None:
        name = "password" if fault.code == "password_too_short" else str(fault.facts.get("field", "code"))
        faults = {name: words.error_sentence(fault.code, fault.facts)}
    page = render_template(
        "onboarding/invitation.html", typed=request.form, faults=faults, sentence=_("The code comes from who invited you.")
    )
    return page, fault.status if fault else 200
