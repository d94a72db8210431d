"""Reads of budgets, plans, members and grants. Whose they are is always asked with the organisation."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, exists, func, select, text, true
from sqlalchemy.orm import Session

from identity.models import Organisation
from kernel.text import search_key
from loyalty.benefits.errors import DepositNotFound, MemberNotFound, PlanNotFound
from loyalty.benefits.models import BenefitMember, Deposit, Grant, Plan, Run, Sponsor
from loyalty.benefits.rules import PlanDates, Recurs


@dataclass(frozen=True, slots=True)
class Funder:
    """A sponsor as doors know it."""

    organisation_id: int
    wallet_id: int


def funder(session: Session, organisation_id: int) -> Funder | None:
    found = sponsor(session, organisation_id)
    return Funder(found.organisation_id, found.wallet_id) if found else None


def sponsor(session: Session, organisation_id: int, *, lock: bool = False) -> Sponsor | None:
    wanted = select(Sponsor).where(Sponsor.organisation_id == organisation_id)
    return session.scalar(wanted.with_for_update() if lock else wanted)


def dates_of(plan: Plan) -> PlanDates:
    return PlanDates(Recurs(plan.recurs), plan.starts_on, plan.ends_on, plan.ended_at is not None)


def runs_under(session: Session, organisation_id: int, names: Collection[str], today: date) -> bool:
    """Whether a plan of one of these names, in whatever language, is not over yet."""
    of_it = (Plan.organisation_id == organisation_id) & Plan.ended_at.is_(None) & (Plan.ends_on >= today)
    running = session.scalars(select(Plan.names).where(of_it))
    return not {search_key(name) for name in names}.isdisjoint(search_key(name) for one in running for name in one.values())


def plan_of(session: Session, organisation_id: int, plan_id: int, *, lock: bool = False) -> Plan:
    """Raises PlanNotFound, for another organisation's plan too."""
    wanted = select(Plan).where(Plan.id == plan_id, Plan.organisation_id == organisation_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    plan = session.scalar(wanted)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    return plan


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan with what it came to. `due` members have nothing of the present period yet."""

    plan: Plan
    members: int
    due: int
    granted_rial: int
    waiting: int


def plans_page(session: Session, organisation_id: int, today: date, *, limit: int = 100) -> list[PlanRow]:
    """An organisation's plans, the newest first, with their figures. Two queries."""
    plans = session.scalars(select(Plan).where(Plan.organisation_id == organisation_id).order_by(Plan.id.desc()).limit(limit)).all()
    return [_row(plan, figures) for plan, figures in _with_figures(session, plans, today)]


def plan_row(session: Session, plan: Plan, today: date) -> PlanRow:
    [(plan, figures)] = _with_figures(session, [plan], today)
    return _row(plan, figures)


_FIGURES = text("""
    SELECT p.id, members.members, members.due, coalesce(granted.rial, 0)::bigint AS granted_rial,
           coalesce(granted.waiting, 0) AS waiting
    FROM unnest(CAST(:ids AS bigint[]), CAST(:periods AS text[])) AS p (id, period)
    JOIN benefit_plan plan ON plan.id = p.id
    CROSS JOIN LATERAL (
        SELECT count(*) AS members, count(*) FILTER (WHERE NOT EXISTS (
                   SELECT FROM benefit_grant g WHERE g.plan_id = p.id AND g.period = p.period AND g.person_id = m.person_id
                     AND g.status <> 'returned')) AS due
        FROM benefit_member m
        WHERE m.organisation_id = plan.organisation_id AND m.removed_at IS NULL
          AND (plan.group_name = '' OR m.group_name = plan.group_name)) AS members
    LEFT JOIN LATERAL (
        SELECT sum(amount_rial) FILTER (WHERE status <> 'returned') AS rial, count(*) FILTER (WHERE status = 'waiting') AS waiting
        FROM benefit_grant WHERE plan_id = p.id) AS granted ON true
""")


def _with_figures(session: Session, plans: Sequence[Plan], today: date) -> list[tuple[Plan, RowMapping]]:
    if not plans:
        return []
    facts = {"ids": [plan.id for plan in plans], "periods": [dates_of(plan).period(today) for plan in plans]}
    figures = {row["id"]: row for row in session.execute(_FIGURES, facts).mappings()}
    return [(plan, figures[plan.id]) for plan in plans]


def _row(plan: Plan, figures: RowMapping) -> PlanRow:
    return PlanRow(plan, figures["members"], figures["due"], figures["granted_rial"], figures["waiting"])


@dataclass(frozen=True, slots=True)
class RunRow:
    run: Run
    given: int
    waiting: int
    returned: int


def runs_of(session: Session, plan_id: int, *, limit: int = 24) -> list[RunRow]:
    """How often a plan was funded, the newest first, and what became of it. One query."""
    given, waiting, returned = (func.count().filter(Grant.status == status) for status in ("given", "waiting", "returned"))
    rows = session.execute(
        select(Run, given, waiting, returned)
        .join(Grant, Grant.run_id == Run.id)
        .where(Run.plan_id == plan_id)
        .group_by(Run.id)
        .order_by(Run.id.desc())
        .limit(limit)
    )
    return [RunRow(run, given, waiting, returned) for run, given, waiting, returned in rows]


def lacking(plan: Plan, period: str) -> ColumnElement[bool]:
    """Members whom a plan means and who have nothing of the period."""
    of_group = BenefitMember.group_name == plan.group_name if plan.group_name else true()
    has = exists().where(
        Grant.plan_id == plan.id, Grant.period == period, Grant.person_id == BenefitMember.person_id, Grant.status != "returned"
    )
    here = BenefitMember.organisation_id == plan.organisation_id
    return and_(here, BenefitMember.removed_at.is_(None), of_group, ~has)


@dataclass(frozen=True, slots=True)
class MemberRow:
    id: int
    called: str
    document_end: str
    group_name: str
    added_at: datetime
    has_card: bool


_MEMBERS = text("""
    SELECT m.id, m.called, m.document_end, m.group_name, m.added_at, EXISTS (
               SELECT FROM member held JOIN card c ON c.member_id = held.id
               WHERE held.person_id = m.person_id AND c.holds_money AND c.status IN ('issued', 'active', 'blocked')) AS has_card
    FROM benefit_member m
    WHERE m.organisation_id = :organisation_id AND m.removed_at IS NULL AND m.id < :before
      AND (:group = '' OR m.group_name = :group)
    ORDER BY m.id DESC LIMIT :most
""")
_FAR = 2**62


def members_page(
    session: Session, organisation_id: int, *, group: str = "", before: int | None = None, limit: int = 50
) -> list[MemberRow]:
    """An organisation's members, the newest first. One query."""
    facts = {"organisation_id": organisation_id, "group": group, "before": before or _FAR, "most": limit}
    return [MemberRow(**row) for row in session.execute(_MEMBERS, facts).mappings()]


def groups_of(session: Session, organisation_id: int) -> list[tuple[str, int]]:
    """The groups with their sizes, everybody together under the empty name. One query."""
    here = (BenefitMember.organisation_id == organisation_id) & BenefitMember.removed_at.is_(None)
    counted = session.execute(select(BenefitMember.group_name, func.count()).where(here).group_by(BenefitMember.group_name)).all()
    named = sorted((name, size) for name, size in counted if name)
    return [("", sum(size for _, size in counted)), *named]


def member_of(session: Session, organisation_id: int, member_id: int, *, lock: bool = False) -> BenefitMember:
    """Raises MemberNotFound."""
    wanted = select(BenefitMember).where(
        BenefitMember.id == member_id,
        BenefitMember.organisation_id == organisation_id,
        BenefitMember.removed_at.is_(None),
    )
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise MemberNotFound(member_id=member_id)
    return found


def members_among(session: Session, organisation_id: int, person_ids: Collection[int]) -> set[int]:
    """Those of some people who are members already."""
    here = (BenefitMember.organisation_id == organisation_id) & BenefitMember.removed_at.is_(None)
    return set(session.scalars(select(BenefitMember.person_id).where(here, BenefitMember.person_id.in_(person_ids))))


def deposits_of(session: Session, organisation_id: int, *, limit: int = 50) -> Sequence[Deposit]:
    here = Deposit.organisation_id == organisation_id
    return session.scalars(select(Deposit).where(here).order_by(Deposit.id.desc()).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class DepositRow:
    deposit: Deposit
    names: dict[str, str]


def deposits_to_confirm(session: Session, *, limit: int = 100) -> list[DepositRow]:
    """What waits for a second person, of every organisation, the oldest first. One query."""
    rows = session.execute(
        select(Deposit, Organisation.names)
        .join(Organisation, Organisation.id == Deposit.organisation_id)
        .where(Deposit.status == "proposed")
        .order_by(Deposit.id)
        .limit(limit)
    )
    return [DepositRow(*row) for row in rows]


def deposit_of(session: Session, deposit_id: int, organisation_id: int | None = None, *, lock: bool = False) -> Deposit:
    """Of one organisation, or of any if None. Raises DepositNotFound."""
    wanted = select(Deposit).where(Deposit.id == deposit_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    deposit = session.scalar(wanted)
    if deposit is None or organisation_id not in (None, deposit.organisation_id):
        raise DepositNotFound(deposit_id=deposit_id)
    return deposit


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One movement of a budget as the ledger has it, and what it was: a deposit, a run of a plan, or what came back."""

    at: datetime
    amount_rial: int
    budget_rial: int
    reference: str | None
    plan_names: dict[str, str] | None
    members: int | None
    source: str | None


_STATEMENT = text("""
    SELECT e.decided_at AS at, p.amount AS amount_rial, p.balance_after AS budget_rial, d.reference, plan.names AS plan_names,
           run.members, back.source
    FROM ledger.entry e
    JOIN ledger.posting p ON p.business_date = e.business_date AND p.entry_id = e.id
    JOIN ledger.account a ON a.id = p.account_id AND a.kind = 30
    LEFT JOIN benefit_deposit d ON d.organisation_id = :organisation_id AND d.business_date = e.business_date AND d.entry_id = e.id
    LEFT JOIN (benefit_run run JOIN benefit_plan plan ON plan.id = run.plan_id AND plan.organisation_id = :organisation_id)
           ON run.business_date = e.business_date AND run.entry_id = e.id
    LEFT JOIN benefit_return back ON back.organisation_id = :organisation_id AND back.business_date = e.business_date
          AND back.entry_id = e.id
    WHERE e.wallet_id = :wallet_id AND e.business_date BETWEEN :first AND :last
    ORDER BY e.decided_at DESC, e.id DESC LIMIT :most
""")


def budget_statement(session: Session, held: Funder, first: date, last: date, *, limit: int = 100) -> list[BudgetLine]:
    """What moved a budget between two business days, the newest first. One query."""
    facts = {
        "organisation_id": held.organisation_id, "wallet_id": held.wallet_id, "first": first, "last": last, "most": limit,
    }  # fmt: skip
    return [BudgetLine(**row) for row in session.execute(_STATEMENT, facts).mappings()]


@dataclass(frozen=True, slots=True)
class HeldBenefit:
    """What a holder reads of a purse: who gave it under which plan, where it is spent, and until when."""

    account_id: int
    plan_id: int
    organisation_names: dict[str, str]
    plan_names: dict[str, str]
    amount_rial: int
    usable_from: datetime
    usable_until: datetime
    kinds: tuple[str, ...]
    cities: tuple[int, ...]
    shops: tuple[int, ...]


def benefits_of_purses(session: Session, account_ids: Iterable[int]) -> dict[int, HeldBenefit]:
    """By purse. One query, none without purses."""
    wanted = list(account_ids)
    if not wanted:
        return {}
    rows = session.execute(
        select(Grant, Run, Plan, Organisation.names)
        .join(Run, Run.id == Grant.run_id)
        .join(Plan, Plan.id == Grant.plan_id)
        .join(Organisation, Organisation.id == Plan.organisation_id)
        .where(Grant.account_id.in_(wanted))
    )
    found = [_held(grant, run, plan, names) for grant, run, plan, names in rows]
    return {one.account_id: one for one in found}


def _held(grant: Grant, run: Run, plan: Plan, names: dict[str, str]) -> HeldBenefit:
    return HeldBenefit(
        grant.account_id or 0, plan.id, names, plan.names, grant.amount_rial, run.usable_from, run.usable_until,
        tuple(plan.kinds), tuple(plan.cities), tuple(plan.shops),
    )  # fmt: skip


_DUE_PLANS = text("""
    SELECT id, organisation_id FROM benefit_plan
    WHERE recurs = 'monthly' AND ended_at IS NULL AND starts_on <= :today AND ends_on >= :today
      AND EXISTS (SELECT FROM benefit_member m
                  WHERE m.organisation_id = benefit_plan.organisation_id AND m.removed_at IS NULL
                    AND (benefit_plan.group_name = '' OR m.group_name = benefit_plan.group_name)
                    AND NOT EXISTS (SELECT FROM benefit_grant g WHERE g.plan_id = benefit_plan.id AND g.period = :period
                                    AND g.person_id = m.person_id AND g.status <> 'returned'))
    ORDER BY id
""")


def plans_due(session: Session, today: date, period: str) -> list[tuple[int, int]]:
    """(plan, organisation) of the monthly plans that somebody still lacks the present month of."""
    return [(row.id, row.organisation_id) for row in session.execute(_DUE_PLANS, {"today": today, "period": period})]


# A member with several cards gets it on the wallet of the newest one that holds money and is not gone.
_TO_GIVE = text("""
    SELECT g.id, g.amount_rial, g.plan_id, r.usable_from, r.usable_until, p.scope_id, s.wallet_id AS funder_wallet_id,
           held.wallet_id, held.member_id
    FROM benefit_grant g
    JOIN benefit_run r ON r.id = g.run_id
    JOIN benefit_plan p ON p.id = g.plan_id
    JOIN sponsor s ON s.organisation_id = p.organisation_id
    JOIN benefit_member bm ON bm.id = g.member_id AND bm.removed_at IS NULL
    CROSS JOIN LATERAL (
        SELECT c.wallet_id, c.member_id FROM member m JOIN card c ON c.member_id = m.id
        WHERE m.person_id = g.person_id AND c.holds_money AND c.status IN ('issued', 'active', 'blocked') ORDER BY c.id DESC LIMIT 1) AS held
    WHERE g.status = 'waiting' AND r.usable_until > :now
    ORDER BY held.wallet_id, g.id LIMIT :most
    FOR UPDATE OF g SKIP LOCKED
""")


def lock_grants_to_give(session: Session, now: datetime, most: int) -> Sequence[Any]:
    """Waiting grants of members who have a card by now, in the order of their wallets."""
    return session.execute(_TO_GIVE, {"now": now, "most": most}).all()


_TO_RETURN = text("""
    SELECT g.id, g.amount_rial, p.organisation_id
    FROM benefit_grant g
    JOIN benefit_run r ON r.id = g.run_id
    JOIN benefit_plan p ON p.id = g.plan_id
    JOIN benefit_member m ON m.id = g.member_id
    WHERE g.status = 'waiting' AND (r.usable_until <= :now OR m.removed_at IS NOT NULL)
      AND p.organisation_id = ANY(CAST(:organisations AS bigint[]))
    ORDER BY g.id FOR UPDATE OF g
""")


def lock_grants_to_return(session: Session, now: datetime, organisations: Collection[int]) -> Sequence[Any]:
    """Waiting grants that nobody will get any more: their time is over, or the member is gone."""
    return session.execute(_TO_RETURN, {"now": now, "organisations": list(organisations)}).all()
