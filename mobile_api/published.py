"""The OpenAPI document where programs fetch it, and a page of it for people."""

from functools import cache

import msgspec
from flask import Response, render_template
from flask.typing import ResponseReturnValue

from kernel.repeats import Answer
from kernel.web.routes import route
from kernel.web.visit import Visit
from mobile_api import answers
from mobile_api.contract import blueprint
from mobile_api.document import document

DAY_SECONDS = 24 * 3600


@route(blueprint, "/openapi.json", public=True)
def openapi(visit: Visit) -> Response:
    return answers.response(
        Answer(200, _text()), is_personal=False, is_write=False, is_repeat=False, shared_seconds=DAY_SECONDS, retires=None
    )


@route(blueprint, "/docs", public=True)
def documentation(visit: Visit) -> ResponseReturnValue:
    """Every operation with its words, members, errors and examples."""
    return render_template("api/docs.html", document=document())


@cache
def _text() -> str:
    """The operations are all declared when the first request is answered, and none comes later."""
    return msgspec.json.encode(document()).decode()
