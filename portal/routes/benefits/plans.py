"""An organisation's plans: what members get and where, funded now or month by month."""

from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.budgets import funds
from identity.queries import names_of_organisations
from identity.visits import Visit
from kernel import clock
from kernel.calendar import jalali_month, local_day
from kernel.errors import DomainError, NotFound
from kernel.languages import LANGUAGES
from kernel.web.routes import route
from loyalty.benefits import queries
from loyalty.benefits.errors import WrongPlan
from loyalty.benefits.queries import Funder, PlanRow
from loyalty.benefits.rules import Recurs
from loyalty.benefits.services import budgets, funding
from loyalty.benefits.services import plans as ending
from merchants.benefits.queries import Places, names_of_places
from merchants.benefits.services import PlanAsked, begin_plan
from merchants.onboarding.errors import WrongDay
from merchants.onboarding.rules import typed_day
from merchants.rules import ShopKind
from places.queries import all_cities
from portal.blueprint import blueprint
from portal.routes.benefits import sponsor
from portal.routes.benefits.sponsor import MANAGE

FIELDS = ("name", "amount", "starts_on", "ends_on", "kinds", "cities", "shops", "group")


@route(blueprint, "/benefits", permission=MANAGE)
def benefits(visit: Visit) -> ResponseReturnValue:
    organisation_id = sponsor.organisation_of(visit)
    held = queries.funder(visit.session, organisation_id)
    if held is None:
        names = names_of_organisations(visit.session, [organisation_id])[organisation_id]
        return render_template("benefits/none.html", active="portal.benefits", organisation=organisation_id, called=names)
    rows = queries.plans_page(visit.session, held.organisation_id, _today())
    return sponsor.page(
        visit, "plans", held, active="portal.benefits", rows=rows, funds=funds(visit.session, held.wallet_id),
        spots=_places(visit, rows), today=_today(),
    )  # fmt: skip


@route(blueprint, "/benefits/open", permission=MANAGE, methods=["POST"])
def open_budget(visit: Visit) -> ResponseReturnValue:
    """An empty budget promises nothing: money comes by deposits that somebody else confirms."""
    organisation_id = sponsor.organisation_of(visit)
    budgets.open_sponsor(visit.session, visit.identity.actor, organisation_id)
    return redirect(url_for("portal.benefits", organisation=organisation_id), 303)


@route(blueprint, "/benefits/plans/new", permission=MANAGE)
def new_plan(visit: Visit) -> ResponseReturnValue:
    return _form(visit, sponsor.sponsor_of(visit))


@route(blueprint, "/benefits/plans", permission=MANAGE, methods=["POST"])
def begin_benefit_plan(visit: Visit) -> ResponseReturnValue:
    held = sponsor.sponsor_of(visit)
    try:
        plan = begin_plan(visit.session, visit.identity.actor, held.organisation_id, _asked(visit))
    except DomainError as refusal:
        visit.session.rollback()
        return _form(visit, held, refusal)
    return redirect(url_for("portal.benefit_plan", plan_id=plan.id, organisation=held.organisation_id), 303)


@route(blueprint, "/benefits/plans/<int:plan_id>", permission=MANAGE)
def benefit_plan(visit: Visit, plan_id: int) -> ResponseReturnValue:
    return _plan(visit, plan_id)


@route(blueprint, "/benefits/plans/<int:plan_id>", permission=MANAGE, methods=["POST"])
def act_on_plan(visit: Visit, plan_id: int) -> ResponseReturnValue:
    held = sponsor.sponsor_of(visit)
    acts = {"fund": funding.fund, "end": ending.end_plan}
    act = acts.get(request.form.get("act", ""))
    if act is None:
        raise NotFound
    try:
        act(visit.session, visit.identity.actor, held.organisation_id, plan_id)
    except DomainError as refusal:
        visit.session.rollback()
        return _plan(visit, plan_id, refusal)
    return redirect(url_for("portal.benefit_plan", plan_id=plan_id, organisation=held.organisation_id), 303)


def _asked(visit: Visit) -> PlanAsked:
    """Raises WrongPlan."""
    form = request.form
    cities = form.getlist("cities", type=int)
    return PlanAsked(
        names={visit.language if visit.language in LANGUAGES else "fa": " ".join(form.get("name", "").split())},
        amount_rial=sponsor.typed_amount("amount"),
        recurs=Recurs.MONTHLY if form.get("recurs") == Recurs.MONTHLY else Recurs.ONCE,
        starts_on=_day("starts_on"),
        ends_on=_day("ends_on"),
        kinds=tuple(form.getlist("kinds")),
        cities=tuple(cities),
        shops=form.get("shops", ""),
        group=form.get("group", ""),
    )


def _day(name: str) -> date:
    try:
        return typed_day(request.form.get(name, ""), name)
    except WrongDay:
        raise WrongPlan(field=name, fault="no_day") from None


def _form(visit: Visit, held: Funder, refusal: DomainError | None = None) -> ResponseReturnValue:
    today = _today()
    return sponsor.page(
        visit, "new_plan", held, refusal, FIELDS, active="portal.benefits", kinds=list(ShopKind),
        cities=all_cities(visit.session), ticked_kinds=request.form.getlist("kinds"),
        ticked_cities=request.form.getlist("cities", type=int), today=today, month_ends=jalali_month(today)[1],
        groups=[name for name, _ in queries.groups_of(visit.session, held.organisation_id) if name],
    )  # fmt: skip


def _plan(visit: Visit, plan_id: int, refusal: DomainError | None = None) -> ResponseReturnValue:
    held = sponsor.sponsor_of(visit)
    row = queries.plan_row(visit.session, queries.plan_of(visit.session, held.organisation_id, plan_id), _today())
    plan = row.plan
    return sponsor.page(
        visit, "plan", held, refusal, active="portal.benefits", plan=plan, spots=_places(visit, [row]),
        row=row, runs=queries.runs_of(visit.session, plan_id),
        is_over=plan.ended_at is not None or plan.ends_on < _today(), funds=funds(visit.session, held.wallet_id),
        has_begun=plan.recurs == Recurs.ONCE or plan.starts_on <= _today(),
    )  # fmt: skip


def _places(visit: Visit, rows: list[PlanRow]) -> Places:
    cities = {city for row in rows for city in row.plan.cities}
    shops = {shop for row in rows for shop in row.plan.shops}
    return names_of_places(visit.session, cities, shops)


def _today() -> date:
    return local_day(clock.now())
