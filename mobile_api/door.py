"""The API's door: its routes, how it knows its visitors, and how it says no."""

from flask import Flask

from kernel.web.application import exempt_from_csrf
from kernel.web.refusals import problem
from kernel.web.routes import Door, open_door
from mobile_api import tags  # noqa: F401 – it hangs its routes on the blueprint
from mobile_api.bearer import access_tokens, identity_of_bearer
from mobile_api.routes import blueprint


def register_mobile_api(app: Flask) -> None:
    """Put the API under /api/v1. Raises StartRefused where the tokens' key file is missing."""
    access_tokens()
    app.register_blueprint(blueprint)
    exempt_from_csrf(app, blueprint)
    open_door(app, blueprint.name, Door(identity_of_bearer, problem, prefix="/api/"))
