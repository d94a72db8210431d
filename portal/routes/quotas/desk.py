"""The union's desk: what a shop takes of its share, its paper for it, and what was a mistake."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from merchants.quotas import queries
from merchants.quotas.rules import typed_amount
from merchants.quotas.services import handing
from merchants.quotas.services.handing import Handed
from portal import quota_words
from portal.blueprint import blueprint
from portal.routes.onboarding import forms
from portal.routes.quotas.office import HERE, KEEP, VIEW, own_union


@route(blueprint, "/quotas/shares/<int:quota_share_id>", permission=VIEW)
def quota_share(visit: Visit, quota_share_id: int) -> ResponseReturnValue:
    return _page(visit, quota_share_id)


@route(blueprint, "/quotas/shares/<int:quota_share_id>", permission=KEEP, methods=["POST"])
def hand_out(visit: Visit, quota_share_id: int) -> ResponseReturnValue:
    union_id = own_union(visit)
    row = queries.share_row(visit.session, (union_id,), quota_share_id)
    try:
        typed = Handed(
            forms.form_key(),
            typed_amount(request.form.get("amount", ""), row.quota.unit, "amount"),
            request.form.get("document", ""),
        )
        handing.hand_out(visit.session, visit.identity, union_id, quota_share_id, typed)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, quota_share_id, refusal)
    return redirect(url_for("portal.quota_share", quota_share_id=quota_share_id), 303)


@route(blueprint, "/quotas/hand-outs/<int:hand_out_id>", permission=KEEP, methods=["POST"])
def decide_hand_out(visit: Visit, hand_out_id: int) -> ResponseReturnValue:
    """Confirm it by the shop's paper, or take it back."""
    union_id, form = own_union(visit), request.form
    queries.quota_of_hand_out(visit.session, union_id, hand_out_id)
    share_id = queries.share_of_hand_out(visit.session, hand_out_id)
    try:
        if form.get("act") == "confirm":
            handing.confirm_by_paper(visit.session, visit.identity, union_id, hand_out_id, form.get("document", ""))
        elif form.get("act") == "take_back":
            handing.take_back(visit.session, visit.identity, union_id, hand_out_id, form.get("why", ""))
        else:
            raise BadInput(field="act")
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, share_id, refusal, of=hand_out_id)
    return redirect(url_for("portal.quota_share", quota_share_id=share_id), 303)


def _page(visit: Visit, share_id: int, fault: DomainError | None = None, of: int | None = None) -> ResponseReturnValue:
    """`of` is the hand-out that a fault is about, where it is about one."""
    row = queries.share_row(visit.session, queries.unions_seen(visit.session, visit.identity), share_id)
    page = render_template(
        "quotas/share.html",
        active=HERE,
        told=quota_words,
        row=row,
        member=queries.member_of_share(visit.session, row.share),
        hand_outs=queries.hand_outs_of(visit.session, share_id),
        keeps=visit.identity.can(KEEP, row.quota.union_id),
        today=local_day(clock.now()),
        typed=request.form if of is None else {},
        key=request.form.get("key") or forms.new_key(),
        of=of,
        faults=forms.sentences({str(fault.facts.get("field", "act")): fault}) if fault else {},
    )
    return page, fault.status if fault else 200
