"""Money on its way: out of the budget for a whole plan at once, into purses as cards are there, and back what is left."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from cardbank import budgets
from cardbank.budgets import BUDGET, ISSUED, LAPSED, BudgetMove, Filling, Purse
from cardbank.errors import PostingRefused
from cardbank.reasons import Reason
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from loyalty.benefits.errors import BudgetTooSmall, NobodyToFund
from loyalty.benefits.models import BenefitMember, Grant, Plan, Return, Run, Sponsor
from loyalty.benefits.queries import (
    dates_of,
    lacking,
    lock_grants_to_give,
    lock_grants_to_return,
    plan_of,
    plans_due,
)
from loyalty.benefits.rules import PlanDates, Recurs, check_can_be_funded

GRANTS_AT_ONCE = 100
BY_ITSELF = Actor.system("benefits")


def fund(session: Session, actor: Actor, organisation_id: int, plan_id: int) -> Run:
    """Set aside the plan's benefit for every member who has nothing of this period yet: for all of them, or for none.

    Last before the commit of its unit of work. Raises PlanNotFound, PlanIsOver, PlanNotBegun, NobodyToFund, BudgetTooSmall,
    LedgerBusy.
    """
    plan = plan_of(session, organisation_id, plan_id, lock=True)
    held = session.get_one(Sponsor, organisation_id)
    run = _run(session, actor, plan)
    move = BudgetMove(held.wallet_id, BUDGET, ISSUED, run.amount_rial, run.id, "set aside")
    try:
        [answer] = budgets.move(session, [move])
    except PostingRefused as refusal:
        if refusal.facts["reason"] is not Reason.INSUFFICIENT_FUNDS:
            raise
        missing = run.amount_rial - budgets.funds(session, held.wallet_id).budget_rial
        raise BudgetTooSmall(needed_rial=run.amount_rial, lacking_rial=missing, members=run.members) from None
    run.business_date, run.entry_id = answer.business_date, answer.entry_id
    plan.lacking_rial = 0
    return run


def _run(session: Session, actor: Actor, plan: Plan) -> Run:
    dates, today = dates_of(plan), local_day(clock.now())
    check_can_be_funded(dates, today)
    period = dates.period(today)
    members = session.execute(
        select(BenefitMember.id, BenefitMember.person_id).where(lacking(plan, period)).order_by(BenefitMember.id)
    ).all()
    if not members:
        raise NobodyToFund
    usable_from, usable_until = dates.window(today)
    run = Run(
        plan_id=plan.id, period=period, members=len(members), amount_rial=len(members) * plan.amount_rial,
        usable_from=usable_from, usable_until=usable_until, funded_at=clock.now(), funded_by=actor.account_id,
    )  # fmt: skip
    session.add(run)
    session.flush()
    common = {"run_id": run.id, "plan_id": plan.id, "period": period, "amount_rial": plan.amount_rial}
    session.execute(insert(Grant), [common | {"member_id": member.id, "person_id": member.person_id} for member in members])
    facts = {"run_id": run.id, "members": run.members, "amount_rial": run.amount_rial, "period": period}
    audit.record(session, actor, "fund", "benefit plan", plan.id, after=facts)
    return run


def due_plans(session: Session) -> list[tuple[int, int]]:
    """(plan, organisation) of what is to be funded by itself today."""
    today = local_day(clock.now())
    return plans_due(session, today, PlanDates(Recurs.MONTHLY, today, today).period(today))


def fund_by_itself(session: Session, plan_id: int, organisation_id: int) -> None:
    """Fund a monthly plan, or note what its budget lacks; a plan that is over or has nobody by now is left alone."""
    try:
        with session.begin_nested():
            fund(session, BY_ITSELF, organisation_id, plan_id)
    except BudgetTooSmall as refusal:
        plan_of(session, organisation_id, plan_id, lock=True).lacking_rial = int(str(refusal.facts["lacking_rial"]))
    except NobodyToFund:
        return


def give_waiting(session: Session) -> int:
    """Put what waits into the purses of members who have a card by now. Returns how many. Raises LedgerBusy."""
    rows = lock_grants_to_give(session, clock.now(), GRANTS_AT_ONCE)
    fillings = []
    for row in rows:
        purse = Purse(row.wallet_id, row.member_id, row.funder_wallet_id, row.scope_id, row.usable_from, row.usable_until)
        fillings.append(Filling(budgets.open_purse(session, purse), purse, row.amount_rial, row.id))
    given = {filling.grant_id: filling.account_id for filling in fillings}
    for grant in session.scalars(select(Grant).where(Grant.id.in_(given))):
        grant.status, grant.account_id, grant.given_at = "given", given[grant.id], clock.now()
    budgets.fill(session, fillings)
    return len(fillings)


def return_what_is_left(session: Session) -> int:
    """Give back to the budgets what members cannot get or have left. Returns how many budgets got something. Raises LedgerBusy."""
    held = {
        one.organisation_id: one
        for one in session.scalars(select(Sponsor).order_by(Sponsor.organisation_id).with_for_update(skip_locked=True))
    }
    moves: list[tuple[Return, BudgetMove]] = []
    waiting = _grants_back(session, list(held))
    lapsed = budgets.lapsed(session, [one.wallet_id for one in held.values()])
    for organisation_id, one in held.items():
        left = (("waiting", waiting.get(organisation_id, 0)), ("lapsed", lapsed.get(one.wallet_id, 0)))
        for source, amount in left:
            if amount > 0:
                moves.append(_return(session, one, source, amount))
    answers = budgets.move(session, [move for _, move in moves])
    for (back, _), answer in zip(moves, answers, strict=True):
        back.business_date, back.entry_id = answer.business_date, answer.entry_id
    return len(moves)


def _grants_back(session: Session, organisations: list[int]) -> dict[int, int]:
    rows = lock_grants_to_return(session, clock.now(), organisations)
    session.execute(update(Grant).where(Grant.id.in_([row.id for row in rows])).values(status="returned"))
    back: dict[int, int] = {}
    for row in rows:
        back[row.organisation_id] = back.get(row.organisation_id, 0) + row.amount_rial
    return back


def _return(session: Session, held: Sponsor, source: str, amount_rial: int) -> tuple[Return, BudgetMove]:
    back = Return(organisation_id=held.organisation_id, source=source, amount_rial=amount_rial, returned_at=clock.now())
    session.add(back)
    session.flush()
    account = ISSUED if source == "waiting" else LAPSED
    return back, BudgetMove(held.wallet_id, account, BUDGET, amount_rial, back.id, f"return {source}")
