"""The composition root: `app` for the web server, `celery_app` for worker and beat. Each is made when it is first asked for."""

import gc
from pathlib import Path
from typing import Any

from celery import Celery
from flask import Flask, Request
from sqlalchemy.orm import Session

from kernel.logs import set_up_logging
from kernel.outbox import Relay
from kernel.settings import load_settings


def create_app() -> Flask:
    """The portal and the mobile API in one application. Raises StartRefused."""
    from identity.services import resume_session
    from kernel.web.application import SESSION_COOKIE, make_app
    from kernel.web.refusals import pages
    from kernel.web.routes import Door, open_door
    from mobile_api.door import register_mobile_api
    from portal import door, words

    def identity_of_cookie(session: Session, request: Request) -> Any:
        token = request.cookies.get(SESSION_COOKIE)
        return resume_session(session, token) if token else None

    settings = load_settings()
    set_up_logging(settings.log_level)
    app = make_app(settings, Path(__file__).parent / "portal" / "translations")
    door.register_portal(app)
    open_door(app, "portal", Door(identity_of_cookie, pages("portal.sign_in", second_step_endpoint="portal.authenticator")))
    register_mobile_api(app, words.error_sentence)
    return app


def make_relay() -> Relay:
    """Every event with who listens to it."""
    from merchants.handlers import HANDLERS
    from places import handlers as places
    from reservations import handlers as reservations

    relay = Relay()
    for event, handler in (*places.HANDLERS, *HANDLERS, *reservations.HANDLERS):
        relay.on(event, handler)
    return relay


def make_celery_app() -> Celery:
    """What happens by itself, and how often in seconds. Raises StartRefused."""
    from cardbank.cards import tasks as cards
    from cardbank.ledger import tasks as ledger
    from identity import tasks as identity
    from insights import tasks as insights
    from kernel import watch
    from kernel.background import make_celery
    from kernel.messages import tasks as messages
    from merchants import tasks as merchants
    from places import tasks as places
    from portal.message_words import TEXTS
    from reservations import tasks as reservations

    settings = load_settings()
    set_up_logging(settings.log_level)
    steps: dict[str, Any] = {"deliver_outbox": (make_relay().deliver, 1.0)}
    for package in (identity, cards, ledger, watch, places, insights, merchants, reservations):
        steps |= package.STEPS
    return make_celery(settings.redis_url, {**steps, **messages.steps(TEXTS)})


def __getattr__(name: str) -> Any:
    made = {"app": create_app, "celery_app": make_celery_app}
    if name not in made:
        raise AttributeError(name)
    globals()[name] = made[name]()
    gc.freeze()  # what stands now stays: looking through it again and again costs some request a quarter of a second
    return globals()[name]
