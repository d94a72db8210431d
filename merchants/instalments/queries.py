"""Reads of terms, lines and plans; locks of what is about to change."""

from collections.abc import Callable, Collection
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from cardbank.ledger.types import Key
from identity.models import Organisation
from kernel.calendar import local_day
from kernel.settings import load_settings
from merchants.instalments.errors import LineNotFound, PlanNotFound
from merchants.instalments.models import (
    CreditLine,
    Instalment,
    InstalmentPayment,
    LineWish,
    Plan,
    Quote,
    SaleTerms,
)
from merchants.instalments.rules import Line, Part, State, Terms, state_of
from merchants.models import Branch, Contract, Merchant
from merchants.settlement.queries import known_days
from merchants.settlement.rules.bank_days import closed_because
from places.moon.queries import moon

EntryRef = tuple[date, int]

_OPEN = Instalment.amount_rial - Instalment.paid_rial - Instalment.returned_rial

BALANCES = text("SELECT id, balance FROM ledger.account WHERE id = ANY(CAST(:ids AS bigint[]))")
MOVED = text("""
    SELECT coalesce(sum(amount), 0)::bigint FROM ledger.posting
    WHERE business_date = :day AND entry_id = :entry_id AND account_id = :account_id
""")
# From the entry that is named, by key or by reference, up to the purchase that it returns or undoes the return of.
PLAN_BEHIND = text("""
    WITH RECURSIVE named AS (
        SELECT CAST(:day AS date) AS business_date, CAST(:entry_id AS bigint) AS id WHERE CAST(:entry_id AS bigint) IS NOT NULL
        UNION ALL
        SELECT business_date, entry_id FROM ledger.request
        WHERE key_date = :key_date AND source = :source AND source_id = :source_id AND source_key = :source_key
    ), up AS (
        SELECT e.business_date, e.id, e.original_date, e.original_id FROM named JOIN ledger.entry e USING (business_date, id)
        UNION
        SELECT e.business_date, e.id, e.original_date, e.original_id
        FROM up JOIN ledger.entry e ON e.business_date = up.original_date AND e.id = up.original_id
    )
    SELECT p.id FROM up JOIN instalment_plan p ON p.entry_date = up.business_date AND p.entry_id = up.id
""")


class LineRow(Struct, frozen=True):
    """A line with what is open on it, its giver's names, and the wish that waits for a second person."""

    line: CreditLine
    giver_names: dict[str, str]
    open_rial: int
    wish: LineWish | None


class PlanRow(Struct, frozen=True):
    """A plan in a list. `next_on` is the oldest due day with something open, None when nothing is."""

    plan: Plan
    shop_names: dict[str, str]
    instalments: int
    open_rial: int
    next_on: date | None
    next_rial: int

    def state(self, today: date) -> State:
        return state_of(self.next_on or today, self.open_rial, today)


class PlanFacts(Struct, frozen=True):
    """One plan with its schedule and its payments, oldest first."""

    plan: Plan
    wallet_id: int
    organisation_id: int
    shop_names: dict[str, str]
    giver_names: dict[str, str]
    instalments: list[Instalment]
    payments: list[InstalmentPayment]

    @property
    def open_rial(self) -> int:
        return sum(one.open_rial for one in self.instalments)

    def due_rial(self, today: date) -> int:
        """What the holder should have paid by today."""
        return sum(one.open_rial for one in self.instalments if one.due_on <= today)


def closed_days(session: Session) -> Callable[[date], bool]:
    """Whether banks are closed on a day, as is known now."""
    thursday_works, known, seen = load_settings().bank_works_on_thursday, known_days(session), moon(session)
    return lambda day: closed_because(day, thursday_works=thursday_works, known=known, moon=seen) is not None


def terms_in_force(session: Session, merchant_id: int, at: datetime) -> Terms | None:
    """What the merchant's contract says at `at`; None where it sells nothing in instalments."""
    row = terms_of_merchants(session, [merchant_id], at).get(merchant_id)
    return _terms(row) if row is not None and row.counts else None


def terms_of_merchants(session: Session, merchant_ids: Collection[int], at: datetime) -> dict[int, SaleTerms]:
    """Merchant → what its contract says now, for those that have signed something. One query."""
    found = session.scalars(_in_force(at).where(SaleTerms.merchant_id.in_(merchant_ids)))
    return {row.merchant_id: row for row in found if not _has_ended(row, at)}


def terms_of_branches(session: Session, branch_ids: Collection[int], at: datetime) -> dict[int, SaleTerms]:
    """Branch → what the contract of its merchant says now, for those that have signed something. Two queries."""
    owners = session.execute(select(Branch.id, Branch.merchant_id).where(Branch.id.in_(branch_ids))).all()
    terms = terms_of_merchants(session, {row.merchant_id for row in owners}, at)
    return {row.id: terms[row.merchant_id] for row in owners if row.merchant_id in terms}


def terms_history(session: Session, merchant_id: int, limit: int = 20) -> list[SaleTerms]:
    """Newest first."""
    newest = select(SaleTerms).where(SaleTerms.merchant_id == merchant_id).order_by(SaleTerms.id.desc())
    return list(session.scalars(newest.limit(limit)))


def _in_force(at: datetime) -> Select[SaleTerms]:
    """The latest terms of each merchant that have begun. A later version of its contract that says nothing of them keeps them."""
    begun = select(SaleTerms).join(Contract, Contract.id == SaleTerms.contract_id).where(Contract.starts_at <= at)
    return begun.ext(distinct_on(SaleTerms.merchant_id)).order_by(SaleTerms.merchant_id, Contract.starts_at.desc())


def _has_ended(terms: SaleTerms, at: datetime) -> bool:
    return terms.ends_on is not None and terms.ends_on < local_day(at)


def _terms(row: SaleTerms) -> Terms:
    return Terms(
        row.id, tuple(row.counts), row.least_rial, row.most_rial, row.every_months, row.every_days, row.fee_rial, row.giver_id,
        row.ends_on,
    )  # fmt: skip


def lines_of_wallet(session: Session, wallet_id: int, member_id: int | None) -> list[Line]:
    """The open lines of a member as they stand."""
    given = CreditLine.closed_at.is_(None) & CreditLine.account_id.is_not(None)
    of_member = or_(CreditLine.member_id.is_(None), CreditLine.member_id == member_id)
    rows = session.scalars(select(CreditLine).where(CreditLine.wallet_id == wallet_id, given, of_member)).all()
    balances = _balances(session, rows)
    return [Line(row.id, row.giver_id, row.limit_rial, -balances.get(row.account_id, 0)) for row in rows]


def standing(session: Session, line: CreditLine) -> Line | None:
    """The line as it stands under its lock; None once it is closed."""
    if line.closed_at is not None:
        return None
    return Line(line.id, line.giver_id, line.limit_rial, -_balances(session, [line]).get(line.account_id, 0))


def _balances(session: Session, lines: Collection[CreditLine]) -> dict[int | None, int]:
    ids = [line.account_id for line in lines if line.account_id is not None]
    return {row.id: row.balance for row in session.execute(BALANCES, {"ids": ids})} if ids else {}


def line_rows(
    session: Session, *, giver_ids: Collection[int] | None = None, wallet_ids: Collection[int] | None = None, after: int = 0,
    limit: int = 50,
) -> list[LineRow]:  # fmt: skip
    """Lines by id: of some givers, or of some wallets. Two queries."""
    page = (
        select(CreditLine, Organisation.names, LineWish)
        .join(Organisation, Organisation.id == CreditLine.giver_id)
        .outerjoin(LineWish, (LineWish.line_id == CreditLine.id) & (LineWish.state == "asked"))
        .where(CreditLine.id > after)
        .order_by(CreditLine.id)
        .limit(limit)
    )
    if giver_ids is not None:
        page = page.where(CreditLine.giver_id.in_(giver_ids))
    if wallet_ids is not None:
        page = page.where(CreditLine.wallet_id.in_(wallet_ids))
    rows = session.execute(page).all()
    balances = _balances(session, [row.CreditLine for row in rows])
    return [LineRow(row.CreditLine, row.names, -balances.get(row.CreditLine.account_id, 0), row.LineWish) for row in rows]


def line_row(session: Session, line_id: int) -> LineRow:
    """Raises LineNotFound."""
    found = line_rows(session, after=line_id - 1, limit=1)
    if not found or found[0].line.id != line_id:
        raise LineNotFound(line_id=line_id)
    return found[0]


def lock_line(session: Session, line_id: int) -> CreditLine:
    """Raises LineNotFound."""
    line = session.get(CreditLine, line_id, with_for_update=True, populate_existing=True)
    if line is None:
        raise LineNotFound(line_id=line_id)
    return line


def lock_line_of_plan(session: Session, plan_id: int) -> CreditLine:
    """Whoever changes a schedule holds its line. Raises PlanNotFound."""
    line_id = session.scalar(select(Plan.line_id).where(Plan.id == plan_id))
    if line_id is None:
        raise PlanNotFound(plan_id=plan_id)
    return lock_line(session, line_id)


def lock_quote(session: Session, token: bytes) -> Quote | None:
    return session.get(Quote, token, with_for_update=True, populate_existing=True)


def quote_of_token(session: Session, token: str) -> Quote | None:
    """The quote that a page names in hexadecimal; None where there is none."""
    try:
        return session.get(Quote, bytes.fromhex(token))
    except ValueError:
        return None


def instalments_of(session: Session, plan_id: int) -> list[Instalment]:
    """As they stand, in order."""
    parts = select(Instalment).where(Instalment.plan_id == plan_id).order_by(Instalment.number)
    return list(session.scalars(parts.execution_options(populate_existing=True)))


def lock_due(session: Session, today: date, most: int) -> list[tuple[CreditLine, Instalment]]:
    """Instalments that are due and were not tried today, with their lines locked; lines that somebody holds are left out."""
    waiting = (
        select(Instalment.plan_id, Instalment.number, Plan.line_id)
        .join(Plan, Plan.id == Instalment.plan_id)
        .where(Instalment.due_on <= today, _OPEN > 0, or_(Instalment.tried_on.is_(None), Instalment.tried_on < today))
        .order_by(Instalment.due_on, Instalment.plan_id)
        .limit(most)
    )
    found = session.execute(waiting).all()
    held = select(CreditLine).where(CreditLine.id.in_({row.line_id for row in found})).order_by(CreditLine.id)
    lines = {line.id: line for line in session.scalars(held.with_for_update(skip_locked=True))}
    if not lines:
        return []
    still = (
        select(Instalment, Plan.line_id)
        .join(Plan, Plan.id == Instalment.plan_id)
        .where(Plan.line_id.in_(lines), Instalment.due_on <= today, _OPEN > 0)
        .where(or_(Instalment.tried_on.is_(None), Instalment.tried_on < today))
        .order_by(Instalment.due_on, Instalment.plan_id, Instalment.number)
        .limit(most)
        .execution_options(populate_existing=True)
    )
    return [(lines[row.line_id], row.Instalment) for row in session.execute(still)]


def plan_of_original(session: Session, key: Key | None, ref: EntryRef | None) -> int | None:
    """The plan of the purchase that an entry is, returns, or undoes the return of."""
    facts = {
        "day": ref[0] if ref else None, "entry_id": ref[1] if ref else None, "key_date": key.day if key else None,
        "source": key.source if key else None, "source_id": key.source_id if key else None,
        "source_key": key.key if key else None,
    }  # fmt: skip
    plan_id: int | None = session.scalar(PLAN_BEHIND, facts)
    return plan_id


def moved(session: Session, account_id: int, ref: EntryRef) -> int:
    """What an entry moved on an account."""
    facts = {"day": ref[0], "entry_id": ref[1], "account_id": account_id}
    return int(session.execute(MOVED, facts).scalar_one())


def parts_of_entry(session: Session, ref: EntryRef) -> tuple[Part, ...]:
    """The schedule as it was sold by this entry; empty where it is no purchase in instalments."""
    rows = session.execute(
        select(Instalment.due_on, Instalment.amount_rial)
        .join(Plan, Plan.id == Instalment.plan_id)
        .where(Plan.entry_date == ref[0], Plan.entry_id == ref[1])
        .order_by(Instalment.number)
    )
    return tuple(Part(row.due_on, row.amount_rial) for row in rows)


def plan_rows(
    session: Session, *, merchant_id: int | None = None, wallet_ids: Collection[int] | None = None, before: int | None = None,
    limit: int = 50,
) -> list[PlanRow]:  # fmt: skip
    """Plans of a shop, or of some wallets, newest first. One query."""
    is_open = _OPEN > 0
    parts = (
        select(
            func.count().label("parts"), func.coalesce(func.sum(_OPEN), 0).label("open"),
            func.min(Instalment.due_on).filter(is_open).label("next_on"),
            func.min(Instalment.number).filter(is_open).label("next_number"),
        )
        .where(Instalment.plan_id == Plan.id)
        .correlate(Plan)
        .lateral()
    )  # fmt: skip
    page = (
        select(Plan, Organisation.names, parts, _OPEN.label("next_rial"))
        .join(CreditLine, CreditLine.id == Plan.line_id)
        .join(Merchant, Merchant.id == Plan.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .join(parts, parts.c.parts > 0)
        .outerjoin(Instalment, (Instalment.plan_id == Plan.id) & (Instalment.number == parts.c.next_number))
        .order_by(Plan.id.desc())
        .limit(limit)
    )
    if merchant_id is not None:
        page = page.where(Plan.merchant_id == merchant_id)
    if wallet_ids is not None:
        page = page.where(CreditLine.wallet_id.in_(wallet_ids))
    if before is not None:
        page = page.where(Plan.id < before)
    return [
        PlanRow(row.Plan, row.names, row.parts, int(row.open), row.next_on, row.next_rial or 0) for row in session.execute(page)
    ]


def plan_facts(session: Session, plan_id: int) -> PlanFacts:
    """Raises PlanNotFound. The caller checks whose it is."""
    giver, shop = (Organisation.__table__.alias(name) for name in ("giver", "shop"))
    row = session.execute(
        select(Plan, CreditLine.wallet_id, shop.c.id.label("organisation_id"), shop.c.names, giver.c.names.label("giver_names"))
        .join(CreditLine, CreditLine.id == Plan.line_id)
        .join(giver, giver.c.id == CreditLine.giver_id)
        .join(Merchant, Merchant.id == Plan.merchant_id)
        .join(shop, shop.c.id == Merchant.organisation_id)
        .where(Plan.id == plan_id)
    ).one_or_none()
    if row is None:
        raise PlanNotFound(plan_id=plan_id)
    payments = select(InstalmentPayment).where(InstalmentPayment.plan_id == plan_id)
    return PlanFacts(
        row.Plan, row.wallet_id, row.organisation_id, row.names, row.giver_names, instalments_of(session, plan_id),
        list(session.scalars(payments.order_by(InstalmentPayment.paid_at, InstalmentPayment.entry_id))),
    )  # fmt: skip
