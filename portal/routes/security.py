"""How a person protects the own account: authenticator and recovery codes, open sessions, password."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from identity import second_step, sessions, totp
from identity.errors import SignInRefused
from identity.queries import account as account_of
from identity.queries import has_authenticator, notices_of, open_sessions, recovery_codes_left
from identity.visits import Visit
from kernel.errors import DomainError
from kernel.web.application import SESSION_COOKIE
from kernel.web.routes import route
from portal import words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import form_number, qr


@route(blueprint, "/account/authenticator", signed_in=True)
def authenticator(visit: Visit) -> ResponseReturnValue:
    return _authenticator(visit)


@route(blueprint, "/account/authenticator", signed_in=True, methods=["POST"])
def begin_authenticator(visit: Visit) -> ResponseReturnValue:
    """The secret is shown in the answer to this form and nowhere else."""
    identity = visit.identity
    secret = second_step.begin_authenticator(visit.session, identity)
    account = account_of(visit.session, identity.sign_in_id)
    address = totp.enrolment_address(secret, account.name if account else "")
    return _authenticator(visit, secret=secret, drawn=qr(address), is_begun=True)


@route(blueprint, "/account/authenticator/confirm", signed_in=True, methods=["POST"])
def confirm_authenticator(visit: Visit) -> ResponseReturnValue:
    try:
        codes = second_step.confirm_authenticator(
            visit.session, visit.identity, request.form.get("code", ""), request.cookies[SESSION_COOKIE]
        )
    except DomainError as refusal:
        return _authenticator(visit, refusal, is_begun=True)
    return _codes(codes)


@route(blueprint, "/account/authenticator/codes", signed_in=True, methods=["POST"])
def renew_recovery_codes(visit: Visit) -> ResponseReturnValue:
    try:
        codes = second_step.renew_recovery_codes(visit.session, visit.identity, request.form.get("code", ""))
    except DomainError as refusal:
        return _authenticator(visit, refusal)
    return _codes(codes)


@route(blueprint, "/account/authenticator/remove", signed_in=True, methods=["POST"])
def remove_authenticator(visit: Visit) -> ResponseReturnValue:
    try:
        second_step.remove_authenticator(visit.session, visit.identity, request.form.get("code", ""))
    except DomainError as refusal:
        return _authenticator(visit, refusal)
    return redirect(url_for("portal.authenticator"), 303)


@route(blueprint, "/account/sessions", signed_in=True)
def own_sessions(visit: Visit) -> ResponseReturnValue:
    return _sessions(visit)


@route(blueprint, "/account/sessions/end", signed_in=True, methods=["POST"])
def end_own_session(visit: Visit) -> ResponseReturnValue:
    try:
        sessions.end_session(visit.session, visit.identity, form_number("session"))
    except DomainError as refusal:
        return _sessions(visit, refusal)
    return redirect(url_for("portal.own_sessions"), 303)


@route(blueprint, "/account/sessions/end-others", signed_in=True, methods=["POST"])
def end_other_sessions(visit: Visit) -> ResponseReturnValue:
    sessions.end_other_sessions(visit.session, visit.identity, request.cookies[SESSION_COOKIE])
    return redirect(url_for("portal.own_sessions"), 303)


@route(blueprint, "/account/password", signed_in=True)
def password(visit: Visit) -> ResponseReturnValue:
    return _password(visit)


@route(blueprint, "/account/password", signed_in=True, methods=["POST"])
def change_password(visit: Visit) -> ResponseReturnValue:
    typed = request.form
    try:
        sessions.change_password(
            visit.session, visit.identity, typed.get("password", ""), typed.get("new_password", ""), request.cookies[SESSION_COOKIE]
        )
    except DomainError as refusal:
        return _password(visit, refusal)
    return redirect(url_for("portal.own_sessions"), 303)


def _authenticator(
    visit: Visit, fault: DomainError | None = None, *, secret: str = "", drawn: str = "", is_begun: bool = False
) -> ResponseReturnValue:
    identity = visit.identity
    in_use = has_authenticator(visit.session, identity.sign_in_id)
    page = render_template(
        "security/authenticator.html",
        active="portal.account",
        is_in_use=in_use,
        is_begun=is_begun and not in_use,
        secret=secret,
        qr=drawn,
        codes_left=recovery_codes_left(visit.session, identity.sign_in_id),
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
    )
    return page, fault.status if fault else 200


def _codes(codes: list[str]) -> str:
    return render_template("security/recovery_codes.html", active="portal.account", codes=codes)


def _sessions(visit: Visit, fault: DomainError | None = None) -> ResponseReturnValue:
    identity = visit.identity
    page = render_template(
        "security/sessions.html",
        active="portal.account",
        sessions=open_sessions(visit.session, identity, request.cookies[SESSION_COOKIE]),
        notices=notices_of(visit.session, identity.sign_in_id),
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
    )
    return page, fault.status if fault else 200


def _password(visit: Visit, fault: DomainError | None = None) -> ResponseReturnValue:
    faults = {}
    if fault is not None:
        is_old = isinstance(fault, SignInRefused)
        sentence = _("This is not your present password.") if is_old else words.error_sentence(fault.code, fault.facts)
        faults = {"password" if is_old else str(fault.facts.get("field", "password")): sentence}
    return render_template("security/password.html", active="portal.account", faults=faults), fault.status if fault else 200
