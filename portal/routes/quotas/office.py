"""A union's quotas: what it received, sharing it out equally with a look first, and the lists; the municipality reads."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.errors import WrongAmount
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import day_digits, local_day
from kernel.errors import BadInput, DomainError, NotFound
from kernel.languages import in_language
from kernel.web.routes import route
from merchants.onboarding.errors import WrongDay
from merchants.onboarding.rules import typed_day
from merchants.quotas import queries
from merchants.quotas.errors import WrongQuota
from merchants.quotas.rules import check_round, typed_amount
from merchants.quotas.services import sharing
from merchants.quotas.services.sharing import Entered, Wanted
from portal import quota_words
from portal.blueprint import blueprint
from portal.lists import table
from portal.routes.onboarding import forms
from portal.routes.till.forms import amount_of

KEEP = Permission.MERCHANTS_QUOTA_KEEP
VIEW = Permission.MERCHANTS_QUOTA_VIEW
HERE = "portal.quotas"
A_PAGE = 20


def own_union(visit: Visit) -> int:
    """The union that a person keeps quotas for. Raises NotFound."""
    held = sorted(visit.identity.organisations(KEEP) or ())
    if not held:
        raise NotFound
    return held[0]


def asked_day(name: str, form: Any) -> Any:
    """Raises WrongQuota."""
    try:
        return typed_day(form.get(name, ""), name)
    except WrongDay:
        raise WrongQuota(field=name, fault=name) from None


@route(blueprint, "/quotas", permission=VIEW)
def quotas(visit: Visit) -> ResponseReturnValue:
    return _list(visit)


@route(blueprint, "/quotas", permission=KEEP, methods=["POST"])
def enter_quota(visit: Visit) -> ResponseReturnValue:
    union_id = own_union(visit)
    try:
        made = sharing.enter_quota(visit.session, visit.identity, union_id, _entered())
    except BadInput as refusal:
        visit.session.rollback()
        return _list(visit, refusal)
    return redirect(url_for("portal.quota", quota_id=made.id), 303)


@route(blueprint, "/quotas/<int:quota_id>", permission=VIEW)
def quota(visit: Visit, quota_id: int) -> ResponseReturnValue:
    return quota_page(visit, quota_id)


@route(blueprint, "/quotas/<int:quota_id>/longer", permission=KEEP, methods=["POST"])
def lengthen_quota(visit: Visit, quota_id: int) -> ResponseReturnValue:
    union_id = own_union(visit)
    queries.quota_row(visit.session, (union_id,), quota_id)
    try:
        sharing.lengthen_quota(visit.session, visit.identity, union_id, quota_id, asked_day("longer", request.form))
    except BadInput as refusal:
        visit.session.rollback()
        return quota_page(visit, quota_id, refusal)
    return redirect(url_for("portal.quota", quota_id=quota_id), 303)


@route(blueprint, "/quotas/<int:quota_id>/round", permission=KEEP)
def quota_round(visit: Visit, quota_id: int) -> ResponseReturnValue:
    """Who would get how much, before anything is shared out."""
    row = queries.quota_row(visit.session, (own_union(visit),), quota_id)
    if "total" not in request.args:
        return _round_page(visit, row)
    try:
        wanted = wanted_round(row.quota.unit, request.args, "")
        check_round(wanted.opens_on, wanted.until, wanted.step, row.quota.ends_on, local_day(clock.now()))
    except DomainError as refusal:
        return _round_page(visit, row, refusal)
    members = queries.members_of(visit.session, row.quota.union_id)
    parts = sharing.equal_parts(members, wanted.total, wanted.step, local_day(clock.now()))
    return _round_page(visit, row, parts=parts, wanted=wanted)


@route(blueprint, "/quotas/<int:quota_id>/round", permission=KEEP, methods=["POST"])
def share_quota(visit: Visit, quota_id: int) -> ResponseReturnValue:
    union_id = own_union(visit)
    row = queries.quota_row(visit.session, (union_id,), quota_id)
    try:
        wanted = wanted_round(row.quota.unit, request.form, forms.form_key())
        sharing.share_equally(visit.session, visit.identity, union_id, quota_id, wanted)
    except DomainError as refusal:
        visit.session.rollback()
        return _round_page(visit, row, refusal)
    return redirect(url_for("portal.quota", quota_id=quota_id), 303)


@route(blueprint, "/quotas/<int:quota_id>/paper", permission=VIEW)
def quota_paper(visit: Visit, quota_id: int) -> ResponseReturnValue:
    """The list as it hangs at the desk: every share with room for a signature."""
    row = queries.quota_row(visit.session, queries.unions_seen(visit.session, visit.identity), quota_id)
    rows = queries.shares_page(visit.session, quota_id, limit=None)
    return render_template("quotas/paper.html", active=HERE, told=quota_words, row=row, rows=rows, now=clock.now())


@route(blueprint, "/quotas/<int:quota_id>/shares.<form>", permission=VIEW)
def quota_sheet(visit: Visit, quota_id: int, form: str) -> ResponseReturnValue:
    row = queries.quota_row(visit.session, queries.unions_seen(visit.session, visit.identity), quota_id)
    titles: list[str | int] = [str(words) for words in quota_words.SHEET]
    rows = [titles, *(_sheet_row(one, visit.language) for one in queries.shares_page(visit.session, quota_id, limit=None))]
    return table(form, rows, f"quota-{row.quota.id}", visit.language)


def _sheet_row(one: queries.ShareRow, language: str) -> list[str | int]:
    share, number = one.share, quota_words.plain_quantity
    return [
        share.merchant_id, in_language(one.shop_names, language), str(quota_words.WAYS[one.round.way]),
        day_digits(one.round.opens_on, language), day_digits(one.round.until, language), number(share.amount),
        number(share.handed), number(one.left), number(share.fallen), str(quota_words.LEFT_OUT[share.left_out][0]) if share.left_out else "",
    ]  # fmt: skip


def wanted_round(unit: str, form: Any, key: str) -> Wanted:
    """A round as it is typed. Raises WrongQuota."""
    return Wanted(
        key, typed_amount(form.get("total", ""), unit, "total"), typed_amount(form.get("step", ""), unit, "step"),
        asked_day("opens_on", form), asked_day("until", form),
    )  # fmt: skip


def _entered() -> Entered:
    """Raises WrongQuota, BadInput."""
    form = request.form
    names = {"fa": " ".join(form.get("name_fa", "").split()), "en": " ".join(form.get("name_en", "").split())}
    unit = form.get("unit", "")
    try:
        price = amount_of("price") if form.get("price", "").strip() else None
    except WrongAmount:
        raise WrongQuota(field="price", fault="price") from None
    whole = typed_amount(form.get("whole", ""), unit, "whole")
    if not whole:
        raise WrongQuota(field="whole", fault="unread")
    return Entered(
        forms.form_key(), {language: name for language, name in names.items() if name or language == "fa"}, unit, whole,
        asked_day("starts_on", form), asked_day("ends_on", form), price,
    )  # fmt: skip


def _list(visit: Visit, fault: DomainError | None = None) -> ResponseReturnValue:
    before = request.args.get("before", 0, type=int)
    found = queries.quotas_page(visit.session, queries.unions_seen(visit.session, visit.identity), before=before, limit=A_PAGE + 1)
    page = render_template(
        "quotas/list.html",
        active=HERE,
        told=quota_words,
        rows=found[:A_PAGE],
        keeps=visit.identity.can(KEEP),
        today=local_day(clock.now()),
        typed=request.form,
        key=request.form.get("key") or forms.new_key(),
        faults=_faults(fault),
        older=url_for(HERE, before=found[A_PAGE - 1].quota.id) if len(found) > A_PAGE else None,
        newer=url_for(HERE) if before else None,
    )
    return page, fault.status if fault else 200


def quota_page(visit: Visit, quota_id: int, fault: DomainError | None = None) -> ResponseReturnValue:
    row = queries.quota_row(visit.session, queries.unions_seen(visit.session, visit.identity), quota_id)
    show, search, after = (
        request.args.get("show", ""),
        request.args.get("q", "").strip()[:80],
        request.args.get("after", 0, type=int),
    )
    if show and show not in queries.SHOWN:
        raise BadInput(field="show")
    found = queries.shares_page(visit.session, quota_id, show=show, search=search, after=after, limit=A_PAGE + 1)
    asked: dict[str, Any] = {"quota_id": quota_id, "show": show or None, "q": search or None}
    page = render_template(
        "quotas/quota.html",
        active=HERE,
        told=quota_words,
        row=row,
        rounds=queries.rounds_of(visit.session, quota_id),
        rows=found[:A_PAGE],
        keeps=visit.identity.can(KEEP, row.quota.union_id),
        show=show,
        search=search,
        today=local_day(clock.now()),
        typed=request.form,
        faults=_faults(fault),
        older=url_for("portal.quota", **asked, after=found[A_PAGE - 1].share.id) if len(found) > A_PAGE else None,
        newer=url_for("portal.quota", **asked) if after else None,
    )
    return page, fault.status if fault else 200


def _round_page(
    visit: Visit, row: queries.QuotaRow, fault: DomainError | None = None, parts: Any = (), wanted: Wanted | None = None
) -> ResponseReturnValue:
    page = render_template(
        "quotas/round.html",
        active=HERE,
        told=quota_words,
        row=row,
        shares=parts,
        wanted=wanted,
        today=local_day(clock.now()),
        typed=request.form or request.args,
        key=request.form.get("key") or forms.new_key(),
        faults=_faults(fault),
    )
    return page, fault.status if fault else 200


def _faults(fault: DomainError | None) -> dict[str, str]:
    return forms.sentences({str(fault.facts.get("field", "act")): fault}) if fault else {}
