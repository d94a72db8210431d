"""The API's door: its operations, how it knows its visitors, and how it says no."""

from collections.abc import Callable
from functools import partial

from flask import Flask

from kernel.web.application import exempt_from_csrf
from kernel.web.refusals import problem
from kernel.web.routes import Door, open_door
from mobile_api import (  # noqa: F401 – they hang their operations on the blueprint
    bookings,
    campaigns,
    cards,
    coming,
    complaints,
    directory,
    email,
    family,
    family_card,
    first_cards,
    giving,
    help_cards,
    lodgings,
    me,
    offers,
    outages,
    own_data,
    papers,
    places,
    programmes,
    published,
    replacements,
    savings,
    senders,
    sessions,
    tags,
    tills,
    transfers,
    wallets,
    works,
)
from mobile_api.bearer import access_tokens, identity_of_bearer
from mobile_api.contract import blueprint

Sentence = Callable[[str, dict[str, object]], str]


def register_mobile_api(app: Flask, sentence: Sentence | None = None) -> None:
    """Put the API under /api/v1; `sentence` says a code and its facts to people. Raises StartRefused where the tokens' key file is
    missing.
    """
    access_tokens()
    app.register_blueprint(blueprint)
    exempt_from_csrf(app, blueprint)
    open_door(app, blueprint.name, Door(identity_of_bearer, partial(problem, sentence=sentence), prefix="/api/"))
