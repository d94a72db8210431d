"""What a shop reads of its shares, and its word that it has the goods."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError
from kernel.web.routes import route
from merchants.quotas import queries
from merchants.quotas.services import handing
from portal import quota_words, words
from portal.blueprint import blueprint

TAKE = Permission.MERCHANTS_QUOTA_TAKE
HERE = "portal.own_quotas"
A_PAGE = 20


@route(blueprint, "/own-quotas", permission=TAKE)
def own_quotas(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/own-quotas/<int:hand_out_id>", permission=TAKE, methods=["POST"])
def confirm_hand_out(visit: Visit, hand_out_id: int) -> ResponseReturnValue:
    try:
        handing.confirm_receipt(visit.session, visit.identity, hand_out_id)
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        visit.session.rollback()
        return _page(visit, refusal)
    return redirect(url_for(HERE), 303)


def _page(visit: Visit, fault: DomainError | None = None) -> ResponseReturnValue:
    before = request.args.get("before", 0, type=int)
    found = queries.own_shares(visit.session, visit.identity, before=before, limit=A_PAGE + 1)
    rows = found[:A_PAGE]
    page = render_template(
        "quotas/own.html",
        active=HERE,
        told=quota_words,
        rows=rows,
        waiting=queries.unconfirmed_of(visit.session, [row.share.id for row in rows]),
        today=local_day(clock.now()),
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        older=url_for(HERE, before=rows[-1].share.id) if len(found) > A_PAGE else None,
        newer=url_for(HERE) if before else None,
    )
    return page, fault.status if fault else 200
