"""The quality of shops' data: for a body, its shops from the worst on; for a shop, what it mends itself."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from identity.permissions import Identity, Permission
from identity.visits import Visit
from insights.quality.queries import overview, own_shops, queue_of_shops
from insights.quality.rules import WEIGHTS, Fault
from kernel import clock
from kernel.errors import BadInput
from kernel.web.routes import route
from portal import quality_words
from portal.blueprint import blueprint

LIST = Permission.MERCHANTS_MERCHANT_LIST
OWN = Permission.MERCHANTS_HOURS_SET
A_PAGE = 20


@route(blueprint, "/quality", permission=LIST)
def quality(visit: Visit) -> ResponseReturnValue:
    identity: Identity = visit.identity
    asked = request.args.get("fault", "")
    if asked and asked not in set(Fault):
        raise BadInput(field="fault")
    fault = Fault(asked) if asked else None
    score, merchant = request.args.get("score", type=int), request.args.get("after", type=int)
    after = (score, merchant) if score is not None and merchant is not None else None
    reach = identity.organisations(LIST)
    return render_template(
        "quality.html",
        active="portal.quality",
        told=quality_words,
        queue=queue_of_shops(visit.session, reach, clock.now(), fault=fault, after=after, limit=A_PAGE),
        after=after,
        fault=fault,
        seen=overview(visit.session, reach),
        reviews=identity.can(Permission.MERCHANTS_APPLICATION_REVIEW),
    )


@route(blueprint, "/quality/own", permission=OWN)
def own_quality(visit: Visit) -> ResponseReturnValue:
    identity: Identity = visit.identity
    rows = own_shops(visit.session, identity.organisations(OWN) or (), clock.now())
    return render_template("own_quality.html", active="portal.own_quality", told=quality_words, rows=rows, weights=WEIGHTS)
