"""Plans begin and end; in between they are never changed."""

from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from loyalty.benefits.errors import PlanIsOver, WrongPlan
from loyalty.benefits.models import Plan
from loyalty.benefits.queries import plan_of, runs_under, sponsor
from loyalty.benefits.rules import PlanDates, Where, check_plan, group_name


def begin_plan(
    session: Session,
    actor: Actor,
    organisation_id: int,
    names: dict[str, str],
    amount_rial: int,
    dates: PlanDates,
    where: Where,
    group: str = "",
) -> Plan:
    """Begin a plan; `where` is validated and its scope opened by the caller. A form sent twice begins one. Raises WrongPlan."""
    today = local_day(clock.now())
    for name in names.values():
        check_plan(name, amount_rial, dates, today)
    sponsor(session, organisation_id, lock=True)
    if runs_under(session, organisation_id, names.values(), today):
        raise WrongPlan(field="name", fault="taken")
    plan = Plan(
        organisation_id=organisation_id, names=names, amount_rial=amount_rial, recurs=dates.recurs.value,
        starts_on=dates.starts_on, ends_on=dates.ends_on, group_name=group_name(group), scope_id=where.scope_id,
        kinds=list(where.kinds), cities=list(where.cities), shops=list(where.shops), created_at=clock.now(),
    )  # fmt: skip
    session.add(plan)
    session.flush()
    facts = {
        "organisation_id": organisation_id, "names": names, "amount_rial": amount_rial, "recurs": plan.recurs,
        "starts_on": dates.starts_on.isoformat(), "ends_on": dates.ends_on.isoformat(), "group": plan.group_name,
        "scope_id": where.scope_id, "kinds": plan.kinds, "cities": plan.cities, "shops": plan.shops,
    }  # fmt: skip
    audit.record(session, actor, "begin", "benefit plan", plan.id, after=facts)
    return plan


def end_plan(session: Session, actor: Actor, organisation_id: int, plan_id: int) -> None:
    """Fund nobody any more; what was given stays until its day. Raises PlanNotFound, PlanIsOver."""
    plan = plan_of(session, organisation_id, plan_id, lock=True)
    if plan.ended_at is not None:
        raise PlanIsOver
    plan.ended_at = clock.now()
    plan.lacking_rial = 0
    audit.record(session, actor, "end", "benefit plan", plan_id, after={"ended_at": plan.ended_at.isoformat()})
