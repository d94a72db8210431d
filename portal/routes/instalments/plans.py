"""Purchases in instalments: the holder sees what is due and pays, the shop sees where its sales stand."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from cardbank import statements
from cardbank.cards.queries import cards_of_person
from cardbank.services import new_request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError, NotFound
from kernel.web.routes import route
from merchants.instalments import queries
from merchants.instalments.queries import PlanFacts
from merchants.instalments.rules import state_of
from merchants.instalments.services.paying import pay_now
from portal.blueprint import blueprint
from portal.own_shop import own_shop
from portal.routes.instalments.forms import page
from portal.routes.till import forms

OWN = Permission.CARDBANK_BALANCE_VIEW
SHOP = Permission.MERCHANTS_TERMS_SIGN
A_PAGE = 20


@route(blueprint, "/me/instalments", permission=OWN)
def my_instalments(visit: Visit) -> ResponseReturnValue:
    wallets = _wallets(visit)
    before = request.args.get("before", type=int)
    found = queries.plan_rows(visit.session, wallet_ids=wallets, before=before, limit=A_PAGE + 1) if wallets else []
    lines = queries.line_rows(visit.session, wallet_ids=wallets) if wallets else []
    return _list(
        "portal.my_instalments", found, before, is_own=True,
        lines=[row for row in lines if row.line.account_id is not None and (row.open_rial or row.line.closed_at is None)],
    )  # fmt: skip


@route(blueprint, "/me/instalments/<int:plan_id>", permission=OWN, methods=["GET", "POST"])
def my_plan(visit: Visit, plan_id: int) -> ResponseReturnValue:
    plan = queries.plan_facts(visit.session, plan_id)
    wallets = _wallets(visit)
    if plan.wallet_id not in wallets:
        raise NotFound
    if request.method == "GET":
        return _own_plan(visit, plan)
    try:
        key = request.form.get("key", "")
        pay_now(visit.session, visit.identity.actor, wallets, plan_id, forms.amount_of("amount"), key)
    except DomainError as refusal:
        visit.session.rollback()
        return _own_plan(visit, plan, refusal), refusal.status
    return redirect(url_for("portal.my_plan", plan_id=plan_id), 303)


@route(blueprint, "/instalments", permission=SHOP)
def shop_plans(visit: Visit) -> ResponseReturnValue:
    before = request.args.get("before", type=int)
    found = queries.plan_rows(visit.session, merchant_id=own_shop(visit, SHOP).id, before=before, limit=A_PAGE + 1)
    return _list("portal.shop_plans", found, before, is_own=False, lines=[])


@route(blueprint, "/instalments/<int:plan_id>", permission=SHOP)
def shop_plan(visit: Visit, plan_id: int) -> ResponseReturnValue:
    plan = queries.plan_facts(visit.session, plan_id)
    if not visit.identity.can(SHOP, plan.organisation_id):
        raise NotFound
    return _plan(plan, "portal.shop_plans", is_own=False)


def _list(active: str, found: list[Any], before: int | None, **facts: Any) -> str:
    rows = found[:A_PAGE]
    older = rows[-1].plan.id if len(found) > A_PAGE else None
    return page("plans", active, rows=rows, before=before, older=older, today=local_day(clock.now()), **facts)


def _own_plan(visit: Visit, plan: PlanFacts, refusal: DomainError | None = None) -> str:
    money_rial = statements.balances(visit.session, plan.wallet_id, clock.now()).money_rial
    key = request.form.get("key") or new_request_key()
    return _plan(plan, "portal.my_instalments", refusal, is_own=True, money_rial=money_rial, key=key)


def _plan(plan: PlanFacts, active: str, refusal: DomainError | None = None, **facts: Any) -> str:
    today = local_day(clock.now())
    states = {one.number: state_of(one.due_on, one.open_rial, today) for one in plan.instalments}
    due_rial = plan.due_rial(today)
    following = next((one.open_rial for one in plan.instalments if one.open_rial), 0)
    return page("plan", active, refusal, facts=plan, states=states, due_rial=due_rial, suggested=due_rial or following, **facts)


def _wallets(visit: Visit) -> list[int]:
    cards = cards_of_person(visit.session, visit.identity.person_id)
    return sorted({card.wallet_id for card in cards if card.wallet_id is not None})
