"""The budget of an organisation: deposits, the statement, and the use of its benefits. And the second pair of eyes."""

from datetime import date, timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.budgets import funds
from identity.permissions import Permission
from identity.services import found_organisation
from identity.visits import Visit
from insights.benefits import Use, benefits_by_trade
from kernel import clock
from kernel.calendar import jalali_digits, jalali_month, local_day
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.web.routes import route
from loyalty.benefits import queries
from loyalty.benefits.errors import WrongDeposit
from loyalty.benefits.queries import Funder
from loyalty.benefits.services import budgets
from merchants.onboarding.errors import WrongDay
from merchants.onboarding.rules import typed_day
from portal import benefit_words, words
from portal.blueprint import blueprint
from portal.lists import check_form, table
from portal.routes.benefits import sponsor
from portal.routes.benefits.sponsor import MANAGE

CONFIRM = Permission.LOYALTY_DEPOSIT_CONFIRM
FIELDS = ("amount", "reference", "paid_on")
SHOWN = timedelta(days=366)
MONTHS = 12


@route(blueprint, "/benefits/budget", permission=MANAGE)
def benefit_budget(visit: Visit) -> ResponseReturnValue:
    return _budget(visit, sponsor.sponsor_of(visit))


@route(blueprint, "/benefits/budget", permission=MANAGE, methods=["POST"])
def state_benefit_deposit(visit: Visit) -> ResponseReturnValue:
    held = sponsor.sponsor_of(visit)
    form = request.form
    try:
        paid_on = typed_day(form.get("paid_on", ""), "paid_on")
        amount_rial = sponsor.typed_amount("amount", WrongDeposit)
        budgets.state_deposit(visit.session, visit.identity, held, amount_rial, form.get("reference", ""), paid_on)
    except WrongDay:
        return _budget(visit, held, WrongDeposit(field="paid_on"))
    except DomainError as refusal:
        visit.session.rollback()
        return _budget(visit, held, refusal)
    return redirect(url_for("portal.benefit_budget", organisation=held.organisation_id), 303)


@route(blueprint, "/benefits/deposits/<int:deposit_id>/withdraw", permission=MANAGE, methods=["POST"])
def withdraw_benefit_deposit(visit: Visit, deposit_id: int) -> ResponseReturnValue:
    held = sponsor.sponsor_of(visit)
    budgets.withdraw_deposit(visit.session, visit.identity, held.organisation_id, deposit_id)
    return redirect(url_for("portal.benefit_budget", organisation=held.organisation_id), 303)


def _budget(visit: Visit, held: Funder, refusal: DomainError | None = None) -> ResponseReturnValue:
    today = local_day(clock.now())
    return sponsor.page(
        visit, "budget", held, refusal, FIELDS, active="portal.benefit_budget", funds=funds(visit.session, held.wallet_id),
        deposits=queries.deposits_of(visit.session, held.organisation_id), today=today,
        lines=queries.budget_statement(visit.session, held, today - SHOWN, today + timedelta(days=1)),
    )  # fmt: skip


@route(blueprint, "/benefits/use", permission=MANAGE)
def benefit_use(visit: Visit) -> ResponseReturnValue:
    held = sponsor.sponsor_of(visit)
    months = _months()
    return sponsor.page(
        visit, "use", held, active="portal.benefit_use", use=_use(visit, held), months=months, ago=_ago(),
    )  # fmt: skip


@route(blueprint, "/benefits/use/sheet.<form>", permission=MANAGE)
def benefit_use_sheet(visit: Visit, form: str) -> ResponseReturnValue:
    check_form(form)
    use = _use(visit, sponsor.sponsor_of(visit))
    rows = list(benefit_words.use_rows(use))
    return table(form, rows, f"benefits-{jalali_digits(use.first)[:7].replace('/', '-')}", visit.language)


def _use(visit: Visit, held: Funder) -> Use:
    first, last = _months()[_ago()]
    return benefits_by_trade(visit.session, held.organisation_id, first, last)


def _ago() -> int:
    """How many months back is asked for. Raises BadInput."""
    ago = request.args.get("ago", 0, type=int)
    if not 0 <= ago < MONTHS:
        raise BadInput(field="ago")
    return ago


def _months() -> list[tuple[date, date]]:
    """The Jalali months that are over, the last first: of one that goes on, two readings could be subtracted."""
    months = [jalali_month(local_day(clock.now()))]
    while len(months) <= MONTHS:
        months.append(jalali_month(months[-1][0] - timedelta(days=1)))
    return months[1:]


@route(blueprint, "/deposits", permission=CONFIRM)
def deposits(visit: Visit) -> ResponseReturnValue:
    return _deposits(visit)


@route(blueprint, "/deposits/<int:deposit_id>", permission=CONFIRM, methods=["POST"])
def decide_deposit(visit: Visit, deposit_id: int) -> ResponseReturnValue:
    try:
        if request.form.get("act") == "confirm":
            budgets.confirm_deposit(visit.session, visit.identity, deposit_id)
        else:
            budgets.refuse_deposit(visit.session, visit.identity, deposit_id, request.form.get("why", "").strip())
    except DomainError as refusal:
        visit.session.rollback()
        return _deposits(visit, refusal)
    return redirect(url_for("portal.deposits"), 303)


@route(blueprint, "/deposits/organisations", permission=CONFIRM, methods=["POST"])
def found_sponsor(visit: Visit) -> ResponseReturnValue:
    """A new organisation with an empty budget; the people page invites whoever will act for it."""
    called = " ".join(request.form.get("called", "").split())
    if not 2 <= len(called) <= 80:
        return _deposits(visit, BadInput(field="called"))
    actor = visit.identity.actor
    is_fictional = load_settings().is_laboratory
    founded = found_organisation(visit.session, actor, "sponsor", {"fa": called}, is_fictional=is_fictional)
    budgets.open_sponsor(visit.session, actor, founded.id)
    return redirect(url_for("portal.people", organisation=founded.id), 303)


def _deposits(visit: Visit, refusal: DomainError | None = None) -> ResponseReturnValue:
    shown = render_template(
        "benefits/deposits.html",
        active="portal.deposits",
        rows=queries.deposits_to_confirm(visit.session),
        fault=words.error_sentence(refusal.code, refusal.facts) if refusal else "",
        field=str(refusal.facts.get("field", "")) if refusal else "",
        typed=request.form,
    )
    return shown, refusal.status if refusal else 200
