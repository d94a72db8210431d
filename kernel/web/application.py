"""The Flask application without any door: settings, languages, CSRF, headers, health."""

import socket
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, g, has_request_context, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_wtf import CSRFProtect
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix

from kernel.languages import DEFAULT_LANGUAGE, LANGUAGES
from kernel.settings import Settings, load_settings
from kernel.web.refusals import ServiceUnavailable, problem, register_error_table
from kernel.web.routes import Door, open_door, route
from kernel.web.visit import LANGUAGE_COOKIE, Visit, language_of

SESSION_COOKIE = "pilgrim_session"
YEAR_SECONDS = 365 * 24 * 3600
MOST_BYTES = 1_000_000
MOST_UPLOAD_BYTES = 12_000_000  # more than a picture or paper may weigh, so that one which is too large is told so beside its field
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(self)",
}


def make_app(settings: Settings, translations: Path) -> Flask:
    """An application with a health route. Doors are registered by the caller, cookie doors first."""
    app = Flask("pilgrim", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        SESSION_COOKIE_NAME="pilgrim_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not settings.is_laboratory,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=not settings.is_laboratory,
        BABEL_DEFAULT_LOCALE=DEFAULT_LANGUAGE,
        BABEL_DEFAULT_TIMEZONE=settings.business_day_zone,
        BABEL_TRANSLATION_DIRECTORIES=str(translations),
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    if not settings.is_laboratory:
        # nginx writes both headers itself; without it a stranger could name any address, and with it all would come from one.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    app.url_value_preprocessor(_let_files_in)  # before CSRFProtect, which reads the form
    Babel(app, locale_selector=_language)
    CSRFProtect(app)
    register_error_table(app)
    app.after_request(_finish)
    app.register_blueprint(_health())
    open_door(app, "health", Door(authenticate=lambda *_: None, refuse=problem, prefix="/healthz"))
    return app


def exempt_from_csrf(app: Flask, blueprint: Blueprint) -> None:
    """For doors that read a bearer token and never a cookie: a foreign site cannot make the browser send one."""
    app.extensions["csrf"].exempt(blueprint)


def set_session_cookie(response: Response, token: str, *, is_secure: bool) -> Response:
    """Give the browser its session; the server decides how long the session lives."""
    response.set_cookie(SESSION_COOKIE, token, max_age=YEAR_SECONDS, httponly=True, samesite="Lax", secure=is_secure, path="/")
    return response


def clear_session_cookie(response: Response) -> Response:
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="Lax")
    return response


def _let_files_in(endpoint: str | None, _arguments: dict[str, object] | None) -> None:
    if endpoint is not None and getattr(current_app.view_functions[endpoint], "takes_files", False):
        request.max_content_length = MOST_UPLOAD_BYTES


def _language() -> str:
    if not has_request_context():
        return DEFAULT_LANGUAGE
    return g.get("language") or language_of(request)


def _finish(response: Response) -> Response:
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, asked, max_age=YEAR_SECONDS, samesite="Lax", path="/")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _health() -> Blueprint:
    blueprint = Blueprint("health", __name__)

    @route(blueprint, "/healthz", public=True)
    def healthz(visit: Visit) -> ResponseReturnValue:
        visit.session.execute(text("SELECT 1"))
        with socket.socket(socket.AF_UNIX) as teller:
            teller.settimeout(2)
            try:
                teller.connect(str(load_settings().teller_socket))
            except OSError:
                raise ServiceUnavailable(part="teller") from None
        return {"status": "ok"}

    return blueprint
