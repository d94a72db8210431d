"""The union's panel of its shops, their inspections, and what a shop reads of its own."""

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError, NotFound
from kernel.web.routes import route
from merchants.complaints.queries import inspectors_of
from merchants.dues.queries import due_of_inspection
from merchants.inspections import queries, services
from merchants.inspections.errors import ShopNotOfUnion
from merchants.inspections.rules import Item, Mark, Outcome, Result, typed_marks
from merchants.inspections.services import Wanted
from merchants.onboarding.rules import typed_day
from merchants.queries import ShopNamed, shops_named
from portal import inspection_words
from portal.blueprint import blueprint
from portal.routes.onboarding import forms
from portal.routes.till.forms import amount_of

PLAN = Permission.MERCHANTS_INSPECTION_PLAN
VIEW = Permission.MERCHANTS_INSPECTION_VIEW
HERE, PANEL, OF_SHOP = "portal.inspections", "portal.union_panel", "portal.shop_inspections"
A_PAGE = 20
SHOPS_TO_CHOOSE = 8


@route(blueprint, "/union-panel", permission=PLAN)
def union_panel(visit: Visit) -> ResponseReturnValue:
    """Every shop of the union with its licence, complaints and visits."""
    union_id, show, after = _union(visit), request.args.get("show", ""), request.args.get("after", 0, type=int)
    if show and show not in inspection_words.SHOWN:
        raise BadInput(field="show")
    today = local_day(clock.now())
    ends_by = today + timedelta(days=queries.SOON_DAYS)
    found = queries.members_page(visit.session, union_id, ends_by, show=show, after=after, limit=A_PAGE + 1)
    return render_template(
        "inspections/panel.html",
        active=PANEL,
        rows=found[:A_PAGE],
        counts=queries.counts(visit.session, union_id, ends_by),
        today=today,
        ends_by=ends_by,
        show=show,
        older=url_for(PANEL, show=show or None, after=found[A_PAGE - 1].merchant_id) if len(found) > A_PAGE else None,
        newer=url_for(PANEL, show=show or None) if after else None,
    )


@route(blueprint, "/inspections", permission=PLAN)
def inspections(visit: Visit) -> ResponseReturnValue:
    return _list(visit)


@route(blueprint, "/inspections", permission=PLAN, methods=["POST"])
def plan_inspection(visit: Visit) -> ResponseReturnValue:
    form = request.form
    try:
        shop, day = _chosen(_fitting(visit)), typed_day(form.get("planned_on", ""), "planned_on")
        inspector = form.get("inspector", type=int)
        wanted = Wanted(forms.form_key(), shop, day, inspector, form.get("task", ""))
        made = services.plan(visit.session, visit.identity, _union(visit), wanted)
    except BadInput as refusal:
        visit.session.rollback()
        return _list(visit, refusal)
    return redirect(url_for("portal.inspection", inspection_id=made.id), 303)


@route(blueprint, "/inspections/<int:inspection_id>", permission=PLAN)
def inspection(visit: Visit, inspection_id: int) -> ResponseReturnValue:
    return _page(visit, inspection_id)


@route(blueprint, "/inspections/<int:inspection_id>/result", permission=PLAN, methods=["POST"])
def write_inspection(visit: Visit, inspection_id: int) -> ResponseReturnValue:
    union_id = _union(visit)
    queries.inspection_of(visit.session, union_id, inspection_id)
    try:
        services.write_down(visit.session, visit.identity, union_id, inspection_id, _result())
    except DomainError as refusal:
        return _refused(visit, inspection_id, refusal)
    return redirect(url_for("portal.inspection", inspection_id=inspection_id), 303)


@route(blueprint, "/inspections/<int:inspection_id>/calling-off", permission=PLAN, methods=["POST"])
def call_off_inspection(visit: Visit, inspection_id: int) -> ResponseReturnValue:
    try:
        services.call_off(visit.session, visit.identity, _union(visit), inspection_id, request.form.get("why", ""))
    except DomainError as refusal:
        return _refused(visit, inspection_id, refusal)
    return redirect(url_for("portal.inspection", inspection_id=inspection_id), 303)


@route(blueprint, "/inspections/<int:inspection_id>/pictures", permission=PLAN, methods=["POST"], takes_files=True)
def add_inspection_picture(visit: Visit, inspection_id: int) -> ResponseReturnValue:
    try:
        services.add_picture(visit.session, forms.paper_store(), _union(visit), inspection_id, forms.uploaded("paper"))
    except DomainError as refusal:
        return _refused(visit, inspection_id, refusal)
    return redirect(url_for("portal.inspection", inspection_id=inspection_id), 303)


@route(blueprint, "/inspections/<int:inspection_id>/pictures/<int:inspection_picture_id>", permission=PLAN)
def inspection_picture(visit: Visit, inspection_id: int, inspection_picture_id: int) -> ResponseReturnValue:
    found = queries.inspection_of(visit.session, _union(visit), inspection_id)
    picture = queries.picture_of(visit.session, found, inspection_picture_id)
    return forms.stored_paper(picture.name, picture.media_type, f"inspection-{found.id}-{picture.id}")


@route(blueprint, "/shop-inspections", permission=VIEW)
def shop_inspections(visit: Visit) -> ResponseReturnValue:
    after = request.args.get("after", 0, type=int)
    found = queries.inspections_of_shop(visit.session, visit.identity, after=after, limit=A_PAGE + 1)
    return render_template(
        "inspections/of_shop.html", active=OF_SHOP, rows=found[:A_PAGE], after=after,
        older=found[A_PAGE - 1].inspection.id if len(found) > A_PAGE else None,
    )  # fmt: skip


@route(blueprint, "/shop-inspections/<int:inspection_id>", permission=VIEW)
def shop_inspection(visit: Visit, inspection_id: int) -> ResponseReturnValue:
    found = queries.inspection_of_shop(visit.session, visit.identity, inspection_id)
    return render_template(
        "inspections/shop_page.html",
        active=OF_SHOP,
        row=queries.row_of(visit.session, found),
        one=found,
        due=due_of_inspection(visit.session, found.id),
    )


def _union(visit: Visit) -> int:
    """The union that a person plans visits for. Raises NotFound."""
    held = sorted(visit.identity.organisations(PLAN) or ())
    if not held:
        raise NotFound
    return held[0]


def _fitting(visit: Visit) -> list[ShopNamed]:
    """The shops of the union that what was typed may mean: the one a link named, before anything is typed."""
    return shops_named(visit.session, _union(visit), request.form.get("shop", request.args.get("shop", "")), limit=SHOPS_TO_CHOOSE)


def _chosen(fitting: list[ShopNamed]) -> int:
    """The only one, or the one that was marked among several. Raises ShopNotOfUnion."""
    marked = request.form.get("shop_id", 0, type=int)
    if marked in {one.merchant_id for one in fitting}:
        return marked
    if len(fitting) != 1:
        raise ShopNotOfUnion(field="shop", fault="several" if fitting else "none")
    return fitting[0].merchant_id


def _result() -> Result:
    """Raises ResultIncomplete, WrongAmount, WrongDay, BadInput."""
    form = request.form
    if form.get("outcome") not in set(Outcome):
        raise BadInput(field="outcome")
    has_fine, further = form.get("fine", "").strip(), form.get("follow_up_on", "").strip()
    return Result(
        marks=typed_marks({item: form.get(f"mark-{item}", "") for item in Item}),
        findings=form.get("findings", "").strip(),
        outcome=Outcome(form["outcome"]),
        fine_rial=amount_of("fine") if has_fine else None,
        follow_up_on=typed_day(further, "follow_up_on") if further else None,
    )


def _refused(visit: Visit, inspection_id: int, refusal: DomainError) -> ResponseReturnValue:
    if refusal.status == 404:
        raise refusal
    visit.session.rollback()
    return _page(visit, inspection_id, refusal)


def _page(visit: Visit, inspection_id: int, fault: DomainError | None = None) -> ResponseReturnValue:
    found = queries.inspection_of(visit.session, _union(visit), inspection_id)
    page = render_template(
        "inspections/inspection.html",
        active=HERE,
        row=queries.row_of(visit.session, found),
        one=found,
        pictures=queries.pictures_of(visit.session, found.id),
        due=due_of_inspection(visit.session, found.id),
        marks=list(Mark),
        typed=request.form,
        faults=forms.sentences({str(fault.facts.get("field", "act")): fault}) if fault else {},
    )
    return page, fault.status if fault else 200


def _list(visit: Visit, fault: DomainError | None = None) -> ResponseReturnValue:
    union_id, state, after = _union(visit), request.args.get("state", ""), request.args.get("after", 0, type=int)
    if state and state not in inspection_words.STATES:
        raise BadInput(field="state")
    shop = request.args.get("shop", type=int)
    found = queries.inspections_page(visit.session, union_id, state=state, merchant_id=shop, after=after, limit=A_PAGE + 1)
    asked: dict[str, Any] = {"state": state or None, "shop": shop}
    page = render_template(
        "inspections/list.html",
        active=HERE,
        rows=found[:A_PAGE],
        asked=asked,
        fitting=_fitting(visit),
        inspectors=inspectors_of(visit.session, union_id),
        today=local_day(clock.now()),
        typed=request.form,
        key=request.form.get("key") or forms.new_key(),
        faults=forms.sentences({str(fault.facts.get("field", "act")): fault}) if fault else {},
        older=url_for(HERE, **asked, after=found[A_PAGE - 1].inspection.id) if len(found) > A_PAGE else None,
        newer=url_for(HERE, **asked) if after else None,
    )
    return page, fault.status if fault else 200
