"""Signing in and out, the way to each role's first page, and the account page."""

from urllib.parse import urlsplit

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from identity.errors import SignInRefused, TooManySignInTries
from identity.services import sign_in as open_session
from identity.services import sign_out as close_session
from kernel.settings import load_settings
from kernel.web.application import SESSION_COOKIE, clear_session_cookie, set_session_cookie
from kernel.web.routes import route
from kernel.web.visit import SignInRequired, Visit
from portal import words
from portal.blueprint import blueprint
from portal.navigation import landing


@route(blueprint, "/", public=True)
def home(visit: Visit) -> ResponseReturnValue:
    return redirect(url_for(landing(visit.identity) if visit.identity else "portal.sign_in"))


@route(blueprint, "/sign-in", public=True)
def sign_in(visit: Visit) -> ResponseReturnValue:
    if visit.identity:
        return redirect(url_for(landing(visit.identity)))
    return _form()


@route(blueprint, "/sign-in", public=True, methods=["POST"])
def take_sign_in(visit: Visit) -> ResponseReturnValue:
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    if not name or not password:
        return _form(fault=_("Please type both your name and your password."), status=422)
    try:
        identity, token = open_session(visit.session, name, password)
    except (SignInRefused, TooManySignInTries) as refusal:
        return _form(fault=words.error_sentence(refusal.code, refusal.facts), status=refusal.status)
    response = make_response(redirect(_own_address(request.form.get("next", "")) or url_for(landing(identity)), 303))
    return set_session_cookie(response, token, is_secure=not load_settings().is_laboratory)


@route(blueprint, "/sign-out", public=True, methods=["POST"])
def sign_out(visit: Visit) -> ResponseReturnValue:
    if visit.identity:
        close_session(visit.session, request.cookies[SESSION_COOKIE])
    return clear_session_cookie(make_response(redirect(url_for("portal.sign_in"), 303)))


@route(blueprint, "/account", public=True)
def account(visit: Visit) -> ResponseReturnValue:
    if visit.identity is None:
        raise SignInRequired
    return render_template("account.html", active="portal.account")


def _form(fault: str = "", status: int = 200) -> ResponseReturnValue:
    name, onward = request.form.get("name", ""), request.values.get("next", "")
    return render_template("sign_in.html", fault=fault, name=name, onward=_own_address(onward)), status


def _own_address(address: str) -> str:
    """The address, if it is a path of this site; empty otherwise, so that a link cannot send people elsewhere."""
    parts = urlsplit(address)
    is_own = address.startswith("/") and not parts.scheme and not parts.netloc and "\\" not in address
    return address if is_own and address.isprintable() else ""
