"""Signing in and out, the way to each role's first page, and the account page."""

from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from identity import profiles
from identity.errors import (
    OneTimeCodeRefused,
    SecondStepDue,
    SecondStepOver,
    SignInRefused,
    TooManySignInTries,
)
from identity.permissions import Identity
from identity.queries import notices_of, person
from identity.second_step import finish_sign_in
from identity.services import HALF_SIGN_IN_LIFE
from identity.services import sign_in as open_session
from identity.services import sign_out as close_session
from identity.visits import OpenVisit, Visit
from kernel.errors import NotFound
from kernel.messages.rules import shown
from kernel.messages.services import allow_offers, refuse_offers, refuses_offers
from kernel.settings import load_settings
from kernel.web.application import SESSION_COOKIE, clear_session_cookie, set_session_cookie
from kernel.web.limits import SIGN_INS, TooManyRequests, check_limit
from kernel.web.routes import route
from portal import words
from portal.blueprint import blueprint
from portal.devices import device_of
from portal.navigation import landing

STEP_COOKIE = "pilgrim_sign_in"
STEP_SECONDS = int(HALF_SIGN_IN_LIFE.total_seconds())


@route(blueprint, "/", public=True)
def home(visit: OpenVisit) -> ResponseReturnValue:
    return redirect(url_for(landing(visit.identity) if visit.identity else "portal.sign_in"))


@route(blueprint, "/sign-in", public=True)
def sign_in(visit: OpenVisit) -> ResponseReturnValue:
    if visit.identity:
        return redirect(url_for(landing(visit.identity)))
    return _form()


@route(blueprint, "/sign-in", public=True, methods=["POST"])
def take_sign_in(visit: OpenVisit) -> ResponseReturnValue:
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    if not name or not password:
        return _form(fault=_("Please type both your name and your password."), status=422)
    onward = _own_address(request.form.get("next", ""))
    try:
        check_limit(SIGN_INS, request.remote_addr or "")
        identity, token = open_session(
            visit.session, name, password, device_of(request.user_agent.string), request.remote_addr or ""
        )
    except SecondStepDue as due:
        return half_signed_in(due, onward)
    except (SignInRefused, TooManySignInTries, TooManyRequests) as refusal:
        return _form(fault=words.error_sentence(refusal.code, refusal.facts), status=refusal.status)
    return signed_in(identity, token, onward)


@route(blueprint, "/sign-in/code", public=True)
def sign_in_code(visit: OpenVisit) -> ResponseReturnValue:
    if STEP_COOKIE not in request.cookies:
        return redirect(url_for("portal.sign_in"))
    return _code_form()


@route(blueprint, "/sign-in/code", public=True, methods=["POST"])
def take_sign_in_code(visit: OpenVisit) -> ResponseReturnValue:
    half, device = request.cookies.get(STEP_COOKIE, ""), device_of(request.user_agent.string)
    try:
        check_limit(SIGN_INS, request.remote_addr or "")
        identity, token = finish_sign_in(visit.session, half, request.form.get("code", ""), device)
    except SecondStepOver as refusal:
        return _form(fault=words.error_sentence(refusal.code, refusal.facts), status=refusal.status)
    except (OneTimeCodeRefused, TooManySignInTries, TooManyRequests) as refusal:
        return _code_form(fault=words.error_sentence(refusal.code, refusal.facts), status=refusal.status)
    response = signed_in(identity, token, _own_address(request.form.get("next", "")))
    response.delete_cookie(STEP_COOKIE, path="/sign-in", httponly=True, samesite="Lax")
    return response


def signed_in(identity: Identity, token: str, onward: str) -> Response:
    """To the page that was asked for, or to where the person's work begins, with the session's cookie."""
    response = make_response(redirect(onward or url_for(landing(identity)), 303))
    return set_session_cookie(response, token, is_secure=not load_settings().is_laboratory)


def half_signed_in(due: SecondStepDue, onward: str) -> Response:
    """To the page of the one-time code; the cookie of this half is no session."""
    response = make_response(redirect(url_for("portal.sign_in_code", next=onward or None), 303))
    response.set_cookie(
        STEP_COOKIE, due.token, max_age=STEP_SECONDS, httponly=True, samesite="Lax",
        secure=not load_settings().is_laboratory, path="/sign-in",
    )  # fmt: skip
    return response


@route(blueprint, "/sign-out", public=True, methods=["POST"])
def sign_out(visit: OpenVisit) -> ResponseReturnValue:
    if visit.identity:
        close_session(visit.session, request.cookies[SESSION_COOKIE])
    return clear_session_cookie(make_response(redirect(url_for("portal.sign_in"), 303)))


@route(blueprint, "/account", signed_in=True)
def account(visit: Visit) -> ResponseReturnValue:
    notices = notices_of(visit.session, visit.identity.sign_in_id, most=3)
    holder = person(visit.session, visit.identity.person_id)
    mobile = holder.mobile if holder else None
    return render_template(
        "account.html",
        active="portal.account",
        notices=notices,
        mobile=shown(mobile) if mobile else "",
        refuses=refuses_offers(visit.session, mobile) if mobile else False,
        calendars=words.CALENDARS,
        chosen=visit.identity.calendar or "",
    )


@route(blueprint, "/account/calendar", signed_in=True, methods=["POST"])
def choose_calendar(visit: Visit) -> ResponseReturnValue:
    """The calendar of dates; an empty one goes by the language."""
    profiles.choose_calendar(visit.session, visit.identity, request.form.get("calendar") or None)
    return redirect(url_for("portal.account"), 303)


@route(blueprint, "/account/offers", signed_in=True, methods=["POST"])
def choose_offers(visit: Visit) -> ResponseReturnValue:
    """Whether offers may come to the own mobile number; codes and service messages always do."""
    holder = person(visit.session, visit.identity.person_id)
    if holder is None or holder.mobile is None:
        raise NotFound
    choose = refuse_offers if request.form.get("offers") == "none" else allow_offers
    choose(visit.session, visit.identity.actor, holder.mobile)
    return redirect(url_for("portal.account"), 303)


def _form(fault: str = "", status: int = 200) -> ResponseReturnValue:
    name, onward = request.form.get("name", ""), request.values.get("next", "")
    return render_template("sign_in.html", fault=fault, name=name, onward=_own_address(onward)), status


def _code_form(fault: str = "", status: int = 200) -> ResponseReturnValue:
    onward = _own_address(request.values.get("next", ""))
    return render_template("security/code.html", fault=fault, onward=onward), status


def _own_address(address: str) -> str:
    """The address, if it is a path of this site; empty otherwise, so that a link cannot send people elsewhere."""
    parts = urlsplit(address)
    is_own = address.startswith("/") and not parts.scheme and not parts.netloc and "\\" not in address
    return address if is_own and address.isprintable() else ""
