"""Goods given away at the till: they leave the stock, and nobody pays."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.services import new_request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError
from kernel.text import typed_number
from kernel.web.routes import route
from merchants.till.errors import WrongLine
from merchants.till.queries import ShiftRow, open_shift_of
from merchants.till.services.giving import give_goods
from portal import formats, words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import form_key
from portal.routes.till import forms
from portal.routes.till.shift import shift_at_work

OPERATE = Permission.MERCHANTS_TILL_OPERATE


@route(blueprint, "/till/give-away", permission=OPERATE)
def till_give_away(visit: Visit) -> ResponseReturnValue:
    shift = open_shift_of(visit.session, visit.identity.person_id)
    return _page(visit, shift) if shift else redirect(url_for("portal.till"))


@route(blueprint, "/till/give-away", permission=OPERATE, methods=["POST"])
def give_away(visit: Visit) -> ResponseReturnValue:
    shift = shift_at_work(visit)
    count = typed_number(request.form.get("count", "").strip() or "1")
    try:
        if count is None:
            raise WrongLine(field="count", line=1, fault="count")
        code = forms.digits(request.form.get("code", ""))
        name, given = give_goods(visit.session, visit.identity, shift.id, form_key(), code, count, request.form.get("why", ""))
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, shift, refusal), refusal.status
    return redirect(url_for("portal.till_give_away", name=name, count=given), 303)


def _page(visit: Visit, shift: ShiftRow, fault: DomainError | None = None) -> str:
    given = request.args.get("count", 0, type=int)
    return render_template(
        "till/give_away.html",
        active="portal.till",
        shift=shift,
        key=(request.form.get("key") if fault else None) or new_request_key(),
        typed=request.form,
        given=formats.number(given, visit.language) if given else "",
        name=request.args.get("name", ""),
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        wrong=forms.place_of(fault),
    )
