"""The pilgrim's app under /m: its shell, what a phone needs to install it, and the worker that opens it without a network."""

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from identity.visits import OpenVisit
from kernel.web.routes import route
from portal.blueprint import blueprint
from portal.built import BUILT, built_name

COLOUR = "#0b302f"
WORKER = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/m"}


@route(blueprint, "/m", public=True)
def app(visit: OpenVisit) -> ResponseReturnValue:
    return render_template("app.html")


@route(blueprint, "/m/manifest.webmanifest", public=True)
def app_manifest(visit: OpenVisit) -> ResponseReturnValue:
    """What the phone shows of the installed app (W3C Web Application Manifest)."""
    star = {
        "src": url_for("portal.static", filename="star.svg"),
        "sizes": "any",
        "type": "image/svg+xml",
        "purpose": "any maskable",
    }
    told = {
        "id": "/m", "name": _("Pilgrim Card"), "short_name": _("Pilgrim Card"), "lang": visit.language,
        "dir": "ltr" if visit.language == "en" else "rtl", "start_url": "/m", "scope": "/m", "display": "standalone",
        "background_color": COLOUR, "theme_color": COLOUR, "icons": [star],
    }  # fmt: skip
    return told, {"Content-Type": "application/manifest+json"}


@route(blueprint, "/m/sw.js", public=True)
def app_worker(visit: OpenVisit) -> Response:
    """The browser asks for it anew each day."""
    return Response((BUILT / built_name("sw.js")).read_bytes(), mimetype="text/javascript", headers=WORKER)
