"""Reads of settlement: what waits, batches, statements and their lines, bank accounts, closed days."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from identity.models import Organisation
from kernel.settings import load_settings
from merchants.leaving.queries import leavings_of_batch
from merchants.leaving.rules import PREFIX
from merchants.models import Merchant
from merchants.settlement.errors import (
    BatchNotFound,
    PayoutFileDamaged,
    PayoutFileForgotten,
    StatementNotFound,
)
from merchants.settlement.models import (
    Adjustment,
    BankAccount,
    BankAccountNotice,
    BankDay,
    CommissionOffer,
    CommissionTerm,
    PricedLine,
    SettlementBatch,
    Statement,
    StoredPayoutFile,
)
from merchants.settlement.rules import bank_days
from merchants.settlement.rules.bank_days import closed_because
from merchants.settlement.rules.prices import Bearer, Part, Term, term_at
from places.moon.queries import moon

Position = tuple[date, int]


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement with its batch and its shop. All amounts are whole Rial, + in the shop's favour."""

    statement: Statement
    batch: SettlementBatch
    names: dict[str, str]
    organisation_id: int
    wallet_id: int

    @property
    def sums(self) -> tuple[tuple[str, int], ...]:
        """The column that a shopkeeper adds up; its last two are what the others come to."""
        told = self.statement
        return (
            ("sales", told.sales_rial),
            ("returns", told.returns_rial),
            ("reversals", told.reversals_rial),
            ("cash", told.cash_rial),
            ("commission", -told.commission_rial),
            ("adjustments", told.adjustments_rial),
            ("carried_in", told.carried_in_rial),
            ("payout", told.payout_rial),
            ("carried", told.carried_rial),
        )


@dataclass(frozen=True, slots=True)
class LineRow:
    business_date: date
    entry_id: int
    part: str
    decided_at: datetime
    gross_rial: int
    credit_rial: int
    commission_rial: int
    spared_rial: int

    @property
    def receipt(self) -> str:
        return f"{self.business_date.isoformat()}/{self.entry_id}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What stands for a shop's next statement: priced lines so far, and what earlier statements left."""

    lines: int
    gross_rial: int
    commission_rial: int
    left_rial: int

    @property
    def total_rial(self) -> int:
        return self.gross_rial - self.commission_rial + self.left_rial


@dataclass(frozen=True, slots=True)
class TradeTermRow:
    """A version of a trade's term; it holds until before `until`, for good where there is none."""

    term: CommissionTerm
    until: datetime | None

    def state_at(self, at: datetime) -> str:
        if self.term.starts_at > at:
            return "to_come"
        return "over" if self.until is not None and self.until <= at else "in_force"


@dataclass(frozen=True, slots=True)
class AccountRow:
    account: BankAccount
    names: dict[str, str]
    organisation_id: int
    told: int


def usable_account(session: Session, merchant_id: int, at: datetime) -> BankAccount | None:
    """The account that a shop is paid to at `at`."""
    return usable_accounts(session, [merchant_id], at).get(merchant_id)


def usable_accounts(session: Session, merchant_ids: Collection[int], at: datetime) -> dict[int, BankAccount]:
    """Of each of these shops that has one; one query."""
    approved = (
        select(BankAccount)
        .where(
            BankAccount.merchant_id.in_(merchant_ids),
            BankAccount.status == "approved",
            BankAccount.usable_from <= at,
        )
        .ext(distinct_on(BankAccount.merchant_id))
        .order_by(BankAccount.merchant_id, BankAccount.usable_from.desc(), BankAccount.id.desc())
    )
    return {account.merchant_id: account for account in session.scalars(approved)}


def accounts_of(session: Session, merchant_id: int) -> list[AccountRow]:
    """A shop's accounts with everything that happened to them, newest first."""
    return _accounts(session, _account_rows().where(BankAccount.merchant_id == merchant_id), 50)


def proposed_accounts(session: Session, *, after: int = 0, limit: int = 20) -> list[AccountRow]:
    """What waits for a second pair of eyes, oldest first."""
    waiting = _account_rows().where(BankAccount.status == "proposed", BankAccount.id > after)
    return _accounts(session, waiting.order_by(None).order_by(BankAccount.id), limit)


def _account_rows() -> Select[Any]:
    told = select(func.count()).where(BankAccountNotice.account_id == BankAccount.id).correlate(BankAccount).scalar_subquery()
    return (
        select(BankAccount, Organisation.names, Merchant.organisation_id, told.label("told"))
        .join(Merchant, Merchant.id == BankAccount.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .order_by(BankAccount.id.desc())
    )


def _accounts(session: Session, rows: Select[Any], limit: int) -> list[AccountRow]:
    return [AccountRow(row.BankAccount, row.names, row.organisation_id, row.told) for row in session.execute(rows.limit(limit))]


def term_in_force(session: Session, merchant_id: int, shop_kind: str, at: datetime) -> Term | None:
    """What a sale of any goods at `at` is charged that is not in instalments. One query."""
    own = CommissionTerm.merchant_id == merchant_id
    begun = (
        select(CommissionTerm)
        .where(own | (CommissionTerm.shop_kind == shop_kind), CommissionTerm.starts_at <= at)
        .where(CommissionTerm.on_instalments.is_(False), CommissionTerm.goods == "")
    )
    of_shop: list[Term] = []
    of_kind: list[Term] = []
    for row in session.scalars(begun):
        term = Term(row.id, row.starts_at, row.basis_points, row.most_rial, Bearer(row.borne_by), row.goods, row.ends_at)
        (of_kind if row.merchant_id is None else of_shop).append(term)
    return term_at(of_shop, of_kind, at)


def commission_terms(session: Session, merchant_id: int, shop_kind: str, at: datetime) -> list[CommissionTerm]:
    """The terms that may price a sale of the shop now or later: of each owner, sort and goods the one that holds and those to come.

    The shop's own come first, then those of its kind; all goods before categories. One query.
    """
    ranked = _until().where((CommissionTerm.merchant_id == merchant_id) | (CommissionTerm.shop_kind == shop_kind)).subquery()
    held = (
        select(CommissionTerm)
        .join(ranked, ranked.c.id == CommissionTerm.id)
        .where(ranked.c.until.is_(None) | (ranked.c.until > at))
        .order_by(
            CommissionTerm.merchant_id.is_(None), CommissionTerm.on_instalments, CommissionTerm.goods, CommissionTerm.starts_at
        )
    )
    return list(session.scalars(held))


def _until() -> Select[*tuple[Any, ...]]:
    """Of each term the instant from which another of the same owner, sort and goods holds, or none any more."""
    next_start = func.lead(CommissionTerm.starts_at).over(
        partition_by=(CommissionTerm.merchant_id, CommissionTerm.shop_kind, CommissionTerm.on_instalments, CommissionTerm.goods),
        order_by=CommissionTerm.starts_at,
    )
    return select(CommissionTerm.id, func.least(next_start, CommissionTerm.ends_at).label("until"))


def trade_terms(session: Session, shop_kind: str, limit: int = 60) -> list[TradeTermRow]:
    """Every version of a trade's terms, the newest first. One query."""
    ranked = _until().where(CommissionTerm.shop_kind == shop_kind).subquery()
    versions = (
        select(CommissionTerm, ranked.c.until)
        .join(ranked, ranked.c.id == CommissionTerm.id)
        .order_by(CommissionTerm.starts_at.desc(), CommissionTerm.id.desc())
        .limit(limit)
    )
    return [TradeTermRow(row.CommissionTerm, row.until) for row in session.execute(versions)]


def shops_of_trade(session: Session, shop_kind: str) -> tuple[int, int]:
    """How many shops are of this kind, and how many of them have a term of their own. One query."""
    own = select(CommissionTerm.id).where(CommissionTerm.merchant_id == Merchant.id).exists()
    counted = select(func.count(), func.count().filter(own)).where(Merchant.kind == shop_kind, Merchant.status != "closed")
    every, agreed = session.execute(counted.select_from(Merchant)).one()
    return every, agreed


def commission_offers(session: Session, merchant_id: int, limit: int = 20) -> list[CommissionOffer]:
    """Newest first."""
    newest = select(CommissionOffer).where(CommissionOffer.merchant_id == merchant_id).order_by(CommissionOffer.id.desc())
    return list(session.scalars(newest.limit(limit)))


def waiting_for(session: Session, merchant_id: int) -> Waiting:
    """One query. Sales of the last minute may not be priced yet."""
    lines = select(
        func.count().label("lines"),
        func.coalesce(func.sum(PricedLine.gross_rial), 0).label("gross"),
        func.coalesce(func.sum(PricedLine.commission_rial), 0).label("commission"),
    ).where(PricedLine.merchant_id == merchant_id, PricedLine.statement_id.is_(None))
    left = (
        select(func.coalesce(func.sum(Adjustment.amount_rial), 0))
        .where(Adjustment.merchant_id == merchant_id, Adjustment.statement_id.is_(None))
        .scalar_subquery()
    )
    row = session.execute(lines.add_columns(left.label("left"))).one()
    return Waiting(row.lines, int(row.gross), int(row.commission), int(row.left))


def batches_page(session: Session, *, before: int | None = None, limit: int = 20) -> list[SettlementBatch]:
    """Newest first."""
    page = select(SettlementBatch).order_by(SettlementBatch.id.desc()).limit(limit)
    return list(session.scalars(page.where(SettlementBatch.id < before) if before else page))


def batch_by_id(session: Session, batch_id: int) -> SettlementBatch:
    """Raises BatchNotFound."""
    batch = session.get(SettlementBatch, batch_id)
    if batch is None:
        raise BatchNotFound(batch_id=batch_id)
    return batch


def payout_file(session: Session, batch_id: int, form: str) -> bytes | None:
    """The file as the bank got it; None while it is not made. Raises PayoutFileDamaged, PayoutFileForgotten."""
    row = session.execute(
        select(StoredPayoutFile.content, StoredPayoutFile.sha256, func.sha256(StoredPayoutFile.content).label("is_now"))
        .where(StoredPayoutFile.batch_id == batch_id, StoredPayoutFile.form == form)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    if row.content is None:
        raise PayoutFileForgotten(batch_id=batch_id)
    if row.sha256 != row.is_now:
        raise PayoutFileDamaged(batch_id=batch_id)
    content: bytes = row.content
    return content


def payout_file_hashes(session: Session, batch_id: int) -> dict[str, str]:
    """Form → SHA-256 in hex."""
    rows = session.execute(select(StoredPayoutFile.form, StoredPayoutFile.sha256).where(StoredPayoutFile.batch_id == batch_id))
    return {row.form: row.sha256.hex() for row in rows}


def statements_of_merchants(
    session: Session, merchant_ids: Collection[int], *, before: int | None = None, limit: int = 20
) -> list[StatementRow]:
    """Newest first; one query."""
    page = _statements().where(Statement.merchant_id.in_(merchant_ids)).order_by(Statement.id.desc())
    return _rows(session, page.where(Statement.id < before) if before else page, limit)


def statements_of_batch(session: Session, batch_id: int, *, after: int = 0, limit: int = 20) -> list[StatementRow]:
    page = _statements().where(Statement.batch_id == batch_id, Statement.id > after).order_by(Statement.id)
    return _rows(session, page, limit)


def statement_by_id(session: Session, statement_id: int) -> StatementRow:
    """Raises StatementNotFound."""
    found = _rows(session, _statements().where(Statement.id == statement_id), 1)
    if not found:
        raise StatementNotFound(statement_id=statement_id)
    return found[0]


def check_payout_of(session: Session, batch_id: int, reference: str) -> None:
    """Raises StatementNotFound unless the batch has a payout of this reference."""
    of_shop = select(Statement.id).filter_by(batch_id=batch_id, payout_reference=reference)
    of_holder = (
        any(one.reference == reference for one in leavings_of_batch(session, batch_id)) if reference.startswith(PREFIX) else False
    )
    if not of_holder and session.scalar(of_shop) is None:
        raise StatementNotFound(reference=reference)


def _statements() -> Select[*tuple[Any, ...]]:
    return (
        select(Statement, SettlementBatch, Organisation.names, Merchant.organisation_id, Merchant.wallet_id)
        .join(SettlementBatch, SettlementBatch.id == Statement.batch_id)
        .join(Merchant, Merchant.id == Statement.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
    )


def _rows(session: Session, page: Select[Any], limit: int) -> list[StatementRow]:
    return [
        StatementRow(row.Statement, row.SettlementBatch, row.names, row.organisation_id, row.wallet_id)
        for row in session.execute(page.limit(limit))
    ]


def lines_of(session: Session, statement_id: int, *, after: Position | None = None, limit: int | None = 50) -> Iterator[LineRow]:
    """A statement's lines in the order of the ledger; all of them, streamed, with `limit` None."""
    key = tuple_(PricedLine.business_date, PricedLine.entry_id)
    lines = (
        select(PricedLine)
        .where(PricedLine.statement_id == statement_id)
        .order_by(PricedLine.business_date, PricedLine.entry_id)
        .limit(limit)
    )
    if after is not None:
        lines = lines.where(key > after)
    return map(_line, session.execute(lines.execution_options(yield_per=1000)))


def _line(row: Row[Any]) -> LineRow:
    line: PricedLine = row.PricedLine
    return LineRow(
        line.business_date, line.entry_id, Part(line.part), line.decided_at, line.gross_rial, line.credit_rial,
        line.commission_rial, line.spared_rial,
    )  # fmt: skip


def known_days(session: Session) -> dict[date, tuple[bool, dict[str, str]]]:
    """What the operator said of single days."""
    return {row.day: (row.is_open, row.why) for row in session.scalars(select(BankDay))}


def expected_at(session: Session, cut_off: date) -> datetime:
    """By when a payout of this cut-off stands on the shop's account."""
    settings = load_settings()
    return bank_days.expected_at(
        cut_off,
        thursday_works=settings.bank_works_on_thursday,
        known=known_days(session),
        zone=settings.zone,
        moon=moon(session),
    )


def closed_days(session: Session, first: date, days: int) -> list[tuple[date, dict[str, str]]]:
    """The days on which banks are closed, with why, weekends left out."""
    known, thursday, seen = known_days(session), load_settings().bank_works_on_thursday, moon(session)
    ahead = [first + timedelta(days=n) for n in range(days)]
    reasons = [(day, closed_because(day, thursday_works=thursday, known=known, moon=seen)) for day in ahead]
    return [(day, why) for day, why in reasons if why is not None and why is not bank_days.WEEKEND]
