"""Sharing out by a list: take a sample with the members, bring sizes or amounts, repair them, share out all of it or nothing."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.languages import in_language
from kernel.web.routes import route
from merchants.catalogue.rules.quantities import WHOLE
from merchants.quotas import queries
from merchants.quotas.rules import Way, typed_amount
from merchants.quotas.services import lists
from merchants.quotas.services.sharing import Wanted
from portal import quota_words, words
from portal.blueprint import blueprint
from portal.lists import cells_to_correct, table, typed_cells
from portal.routes.onboarding import forms
from portal.routes.quotas.office import HERE, KEEP, asked_day, own_union


@route(blueprint, "/quotas/<int:quota_id>/list", permission=KEEP)
def quota_upload(visit: Visit, quota_id: int) -> ResponseReturnValue:
    return _upload_form(visit, quota_id)


@route(blueprint, "/quotas/<int:quota_id>/list", permission=KEEP, methods=["POST"], takes_files=True)
def upload_quota_list(visit: Visit, quota_id: int) -> ResponseReturnValue:
    union_id = own_union(visit)
    row = queries.quota_row(visit.session, (union_id,), quota_id)
    try:
        way, wanted = _typed(row.quota.unit)
        kept = lists.begin_list(visit.session, visit.identity, union_id, quota_id, way, wanted, forms.uploaded("list"))
    except BadInput as refusal:
        visit.session.rollback()
        return _upload_form(visit, quota_id, refusal)
    return redirect(url_for("portal.quota_list", quota_list_id=kept.id), 303)


@route(blueprint, "/quotas/<int:quota_id>/members.<form>", permission=KEEP)
def quota_members(visit: Visit, quota_id: int, form: str) -> ResponseReturnValue:
    """The members with room for sizes and amounts; who would get none is left out."""
    union_id = own_union(visit)
    queries.quota_row(visit.session, (union_id,), quota_id)
    titles = [titles[0 if visit.language != "en" else 1] for titles in lists.COLUMNS.values()]
    today = local_day(clock.now())
    able = [one for one in queries.members_of(visit.session, union_id) if one.left_out(today) is None]
    rows: list[list[str | int]] = [
        [one.merchant_id, one.licence_number or "", in_language(one.names, visit.language), "", ""] for one in able
    ]
    return table(form, [titles, *rows], f"members-{quota_id}", visit.language)


@route(blueprint, "/quotas/lists/<int:quota_list_id>", permission=KEEP)
def quota_list(visit: Visit, quota_list_id: int) -> ResponseReturnValue:
    return _list(visit, quota_list_id)


@route(blueprint, "/quotas/lists/<int:quota_list_id>", permission=KEEP, methods=["POST"])
def repair_quota_list(visit: Visit, quota_list_id: int) -> ResponseReturnValue:
    """Take the repairs of the shown cells, then share out if that is asked for and nothing is wrong any more."""
    union_id = own_union(visit)
    lists.repair_list(visit.session, union_id, quota_list_id, typed_cells())
    if request.form.get("act") == "finish":
        try:
            lists.finish_list(visit.session, visit.identity, union_id, quota_list_id)
        except DomainError as refusal:
            return _list(visit, quota_list_id, refusal)
    return redirect(url_for("portal.quota_list", quota_list_id=quota_list_id), 303)


def _typed(unit: str) -> tuple[Way, Wanted]:
    """Raises WrongQuota, BadInput."""
    form = request.form
    if form.get("way") not in (Way.SIZE, Way.AMOUNT):
        raise BadInput(field="way")
    way = Way(form["way"])
    total = typed_amount(form.get("total", ""), unit, "total") if way is Way.SIZE else 0
    step = typed_amount(form.get("step", ""), unit, "step") if way is Way.SIZE else WHOLE
    return way, Wanted("", total, step, asked_day("opens_on", form), asked_day("until", form))


def _upload_form(visit: Visit, quota_id: int, fault: DomainError | None = None) -> ResponseReturnValue:
    page = render_template(
        "quotas/upload.html",
        active=HERE,
        told=quota_words,
        row=queries.quota_row(visit.session, (own_union(visit),), quota_id),
        most=lists.MOST_ROWS,
        today=local_day(clock.now()),
        typed=request.form,
        faults=forms.sentences({str(fault.facts.get("field", "list")): fault}) if fault else {},
    )
    return page, fault.status if fault else 200


def _list(visit: Visit, list_id: int, fault: DomainError | None = None) -> ResponseReturnValue:
    union_id = own_union(visit)
    kept, quota = queries.list_of(visit.session, union_id, list_id)
    members = queries.members_of(visit.session, union_id, with_closed=True)
    cells = [] if kept.round_id else lists.faults_of(kept, quota, members)
    if not cells and not kept.round_id and fault is None:
        fault = lists.sum_fault(kept, quota, members, queries.standing_of(visit.session, quota).free)
    page = render_template(
        "quotas/repair.html",
        active=HERE,
        told=quota_words,
        kept=kept,
        quota=quota,
        given=sum(part.amount for part in lists.parts_of(kept, quota, members)) if not cells else 0,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        **cells_to_correct(cells),
    )
    return page, fault.status if fault else 200
