"""Reads of dues: each together with its shop and what was paid of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from identity.models import Organisation
from identity.permissions import Identity, Permission
from merchants.dues.errors import DueNotFound, WrongDue
from merchants.dues.models import Due, DueCollector, DuePayment
from merchants.models import Merchant
from merchants.queries import shops_called
from merchants.settlement.models import BankAccount
from merchants.settlement.queries import usable_account

_Creditor = aliased(Organisation)


@dataclass(frozen=True, slots=True)
class DueRow:
    due: Due
    shop_names: dict[str, str]
    creditor_names: dict[str, str]
    paid_rial: int

    @property
    def left_rial(self) -> int:
        return 0 if self.due.struck_why else self.due.amount_rial - self.paid_rial


def dues_page(
    session: Session,
    creditor_id: int,
    *,
    is_open: bool = True,
    search: str = "",
    after: tuple[date, int] | None = None,
    limit: int = 20,
) -> list[DueRow]:
    """Open dues, those due first at the top; or the others, the newest first by (due day, id). One query."""
    page = _dues().where(Due.creditor_id == creditor_id).limit(limit)
    page = page.where(Due.closed_at.is_(None) if is_open else Due.closed_at.is_not(None))
    if search:
        page = page.where(Organisation.names["fa"].astext.icontains(search, autoescape=True))
    if after is not None:
        place, last = tuple_(Due.due_on, Due.id), tuple_(*after)
        page = page.where(place > last if is_open else place < last)
    return _rows(session, page.order_by(Due.due_on, Due.id) if is_open else page.order_by(Due.due_on.desc(), Due.id.desc()))


def open_sums(session: Session, creditor_id: int) -> list[tuple[date, int]]:
    """What is left to pay, by the day it is due. One query."""
    left = func.sum(Due.amount_rial - _PAID)
    sums = (
        select(Due.due_on, left.label("left")).where(Due.creditor_id == creditor_id, Due.closed_at.is_(None)).group_by(Due.due_on)
    )
    return [(row.due_on, int(row.left)) for row in session.execute(sums)]


def own_dues(session: Session, identity: Identity, *, before: int = 0, limit: int = 20) -> list[DueRow]:
    """What a person's shops owe and have owed, the newest first. One query."""
    page = _dues().where(_own(identity)).order_by(Due.id.desc()).limit(limit)
    return _rows(session, page.where(Due.id < before) if before else page)


def due_row(session: Session, creditor_id: int, due_id: int) -> DueRow:
    """Raises DueNotFound, for another creditor's too."""
    return _one(session, (Due.id == due_id) & (Due.creditor_id == creditor_id))


def own_due(session: Session, identity: Identity, due_id: int) -> DueRow:
    """Raises DueNotFound, for another shop's too."""
    return _one(session, (Due.id == due_id) & _own(identity))


def due_of_inspection(session: Session, inspection_id: int) -> Due | None:
    return session.scalar(select(Due).where(Due.inspection_id == inspection_id))


def shop_named(session: Session, union_id: int, typed: str) -> int:
    """The shop of a union by its number, its guild licence or its whole name. Raises WrongDue for none, and for several of one name."""
    found = shops_called(session, union_id, typed)
    if len(found) != 1:
        raise WrongDue(field="shop", fault="shops" if found else "shop")
    return found[0].merchant_id


def lock_due(session: Session, due_id: int) -> Due:
    """The due, held against every other payment of it. Raises DueNotFound."""
    wanted = select(Due).where(Due.id == due_id).with_for_update(key_share=True)
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise DueNotFound
    return found


def left_of(session: Session, due: Due) -> int:
    paid = session.scalar(select(func.coalesce(func.sum(DuePayment.amount_rial), 0)).where(DuePayment.due_id == due.id))
    return due.amount_rial - int(paid or 0)


def payments_of(session: Session, due_ids: Collection[int]) -> dict[int, list[DuePayment]]:
    """The payments of some dues, by due and in their order. One query."""
    found: dict[int, list[DuePayment]] = {due_id: [] for due_id in due_ids}
    for one in session.scalars(select(DuePayment).where(DuePayment.due_id.in_(due_ids)).order_by(DuePayment.id)):
        found[one.due_id].append(one)
    return found


def payment_of_key(session: Session, due_id: int, key: str) -> DuePayment | None:
    return session.scalar(select(DuePayment).where(DuePayment.key == key, DuePayment.due_id == due_id))


def collector_of(session: Session, creditor_id: int) -> Merchant | None:
    """The merchant under which a creditor is paid, where it asked for that."""
    asked = select(Merchant).join(DueCollector, DueCollector.merchant_id == Merchant.id)
    return session.scalar(asked.where(DueCollector.organisation_id == creditor_id))


def account_of(session: Session, creditor_id: int, at: datetime) -> BankAccount | None:
    """The account that settlements pay a creditor to."""
    collector = collector_of(session, creditor_id)
    return usable_account(session, collector.id, at) if collector is not None else None


_PAID = (
    select(func.coalesce(func.sum(DuePayment.amount_rial), 0)).where(DuePayment.due_id == Due.id).correlate(Due).scalar_subquery()
)


def _dues() -> Select[*tuple[Any, ...]]:
    return (
        select(Due, Organisation.names.label("shop_names"), _Creditor.names.label("creditor_names"), _PAID.label("paid"))
        .join(Merchant, Merchant.id == Due.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .join(_Creditor, _Creditor.id == Due.creditor_id)
    )


def _own(identity: Identity) -> ColumnElement[bool]:
    organisations = identity.organisations(Permission.MERCHANTS_DUE_PAY)
    return Due.merchant_id.in_(select(Merchant.id).where(Merchant.organisation_id.in_(organisations or ())))


def _one(session: Session, which: ColumnElement[bool]) -> DueRow:
    found = _rows(session, _dues().where(which))
    if not found:
        raise DueNotFound
    return found[0]


def _rows(session: Session, page: Select[*tuple[Any, ...]]) -> list[DueRow]:
    return [DueRow(row.Due, row.shop_names, row.creditor_names, int(row.paid)) for row in session.execute(page)]
