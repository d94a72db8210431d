"""The door for SMS that customers send: the provider brings each to an address that only it knows."""

import hmac

from flask import Blueprint, Flask, request
from flask.typing import ResponseReturnValue

from identity.visits import OpenVisit
from kernel.errors import NotFound
from kernel.messages.adapters.kavenegar import incoming_text
from kernel.settings import load_settings
from kernel.web.application import exempt_from_csrf
from kernel.web.limits import Limit, check_limit
from kernel.web.refusals import problem
from kernel.web.routes import Door, open_door, route
from loyalty.inbox.services import take_text

blueprint = Blueprint("incoming", __name__, url_prefix="/sms")
TEXTS = Limit("sms-texts", 600)


@route(blueprint, "/<secret>", public=True, methods=("GET", "POST"))
def take_incoming(visit: OpenVisit, secret: str) -> ResponseReturnValue:
    """Providers call it either way. What is no text is thanked for too: the provider would bring it again for ever."""
    own = load_settings().sms_secret
    if not own or not hmac.compare_digest(secret.encode(), own.encode()):
        raise NotFound
    check_limit(TEXTS, "provider")
    incoming = incoming_text(request.values)
    if incoming is not None:
        take_text(visit.session, incoming)
    return {"status": "ok"}


def register_incoming(app: Flask) -> None:
    """Put the door under /sms: no cookie is read there, so no form needs its seal."""
    app.register_blueprint(blueprint)
    exempt_from_csrf(app, blueprint)
    open_door(app, blueprint.name, Door(lambda *_: None, problem, prefix="/sms/"))
