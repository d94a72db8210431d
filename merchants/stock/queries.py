"""Reads of stock, deliveries and counts."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from identity.models import Person
from identity.permissions import Identity
from kernel.text import search_key
from merchants.catalogue.models import Product
from merchants.errors import BranchNotFound
from merchants.models import Branch, Merchant
from merchants.stock.errors import CountNotFound, DeliveryNotFound
from merchants.stock.models import (
    Delivery,
    DeliveryLine,
    StockCount,
    StockCountLine,
    StockLevel,
    StockMovement,
)

Paper = TypeVar("Paper", Delivery, StockCount)


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A product in a branch; zero where nothing ever moved."""

    product: Product
    milli: int
    reorder_milli: int | None

    @property
    def is_low(self) -> bool:
        return self.reorder_milli is not None and self.milli <= self.reorder_milli


@dataclass(frozen=True, slots=True)
class NotedRow:
    product: Product
    noted_milli: int
    received_milli: int | None


@dataclass(frozen=True, slots=True)
class CountedRow:
    product: Product
    counted_milli: int
    book_milli: int

    @property
    def difference_milli(self) -> int:
        return self.counted_milli - self.book_milli


def own_branch(session: Session, identity: Identity, permission: str, branch_id: int) -> Branch:
    """A branch the person may do that in. Raises BranchNotFound, for others' branches too."""
    found = session.execute(
        select(Branch, Merchant.organisation_id).join(Merchant, Merchant.id == Branch.merchant_id).where(Branch.id == branch_id)
    ).one_or_none()
    if found is None or not identity.can(permission, found[1]):
        raise BranchNotFound
    bound = identity.branches(found[1], permission)
    if bound is not None and branch_id not in bound:
        raise BranchNotFound
    return found[0]


def levels_page(
    session: Session, branch: Branch, *, search: str = "", is_low: bool = False, only: int = 0, after: int = 0, limit: int = 30
) -> list[LevelRow]:
    """A branch's goods by name; `after` is the last product of the page before, `only` one product. One query."""
    page = (
        select(Product, func.coalesce(StockLevel.milli, 0), StockLevel.reorder_milli)
        .outerjoin(StockLevel, (StockLevel.product_id == Product.id) & (StockLevel.branch_id == branch.id))
        .where(Product.merchant_id == branch.merchant_id, Product.retired_at.is_(None), Product.is_stocked)
        .order_by(Product.search_text, Product.id)
        .limit(limit)
    )
    if after:
        last = select(Product.search_text, Product.id).where(Product.id == after).scalar_subquery()
        page = page.where(tuple_(Product.search_text, Product.id) > last)
    if search:
        page = page.where(Product.search_text.contains(search_key(search), autoescape=True))
    if only:
        page = page.where(Product.id == only)
    if is_low:
        page = page.where(StockLevel.milli <= StockLevel.reorder_milli)
    return [LevelRow(*row) for row in session.execute(page)]


def low_levels(session: Session, branch_id: int) -> int:
    low = select(func.count()).where(StockLevel.branch_id == branch_id, StockLevel.milli <= StockLevel.reorder_milli)
    return session.scalar(low) or 0


def movements_of(session: Session, branch_id: int, product_id: int, *, before: int = 0, limit: int = 30) -> list[StockMovement]:
    """The journal of a product in a branch, the newest first."""
    journal = select(StockMovement).where(StockMovement.branch_id == branch_id, StockMovement.product_id == product_id)
    if before:
        journal = journal.where(StockMovement.id < before)
    return list(session.scalars(journal.order_by(StockMovement.id.desc()).limit(limit)))


def deliveries_page(session: Session, branch_ids: Collection[int], *, before: int = 0, limit: int = 20) -> list[Delivery]:
    """The newest first."""
    return _newest(session, Delivery, branch_ids, before, limit)


def own_delivery(session: Session, identity: Identity, permission: str, delivery_id: int, *, lock: bool = False) -> Delivery:
    """Raises DeliveryNotFound, for others' deliveries too."""
    found = _own(session, identity, permission, Delivery, delivery_id, lock=lock)
    if found is None:
        raise DeliveryNotFound
    return found


def noted_lines(session: Session, delivery_id: int) -> list[NotedRow]:
    lines = (
        select(Product, DeliveryLine.noted_milli, DeliveryLine.received_milli)
        .join(Product, Product.id == DeliveryLine.product_id)
        .where(DeliveryLine.delivery_id == delivery_id)
        .order_by(Product.search_text, Product.id)
    )
    return [NotedRow(*row) for row in session.execute(lines)]


def counts_page(session: Session, branch_ids: Collection[int], *, before: int = 0, limit: int = 20) -> list[StockCount]:
    """The newest first."""
    return _newest(session, StockCount, branch_ids, before, limit)


def _newest(session: Session, table: type[Paper], branch_ids: Collection[int], before: int, limit: int) -> list[Paper]:
    page = select(table).where(table.branch_id.in_(branch_ids))
    if before:
        page = page.where(table.id < before)
    return list(session.scalars(page.order_by(table.id.desc()).limit(limit)))


def own_count(session: Session, identity: Identity, permission: str, count_id: int, *, lock: bool = False) -> StockCount:
    """Raises CountNotFound, for others' counts too."""
    found = _own(session, identity, permission, StockCount, count_id, lock=lock)
    if found is None:
        raise CountNotFound
    return found


def _own(session: Session, identity: Identity, permission: str, table: type[Paper], paper_id: int, *, lock: bool) -> Paper | None:
    found = session.get(table, paper_id, with_for_update=lock, populate_existing=True)
    return found if found is not None and _is_own(session, identity, permission, found.branch_id) else None


def counted_lines(session: Session, count_id: int) -> list[CountedRow]:
    """By name; whether the reader may see the books is the caller's to say."""
    lines = (
        select(Product, StockCountLine.counted_milli, StockCountLine.book_milli)
        .join(Product, Product.id == StockCountLine.product_id)
        .where(StockCountLine.count_id == count_id)
        .order_by(Product.search_text, Product.id)
    )
    return [CountedRow(*row) for row in session.execute(lines)]


def names_of_people(session: Session, person_ids: Collection[int]) -> dict[int, dict[str, str]]:
    return {person.id: person.names for person in session.scalars(select(Person).where(Person.id.in_(person_ids)))}


def _is_own(session: Session, identity: Identity, permission: str, branch_id: int) -> bool:
    try:
        own_branch(session, identity, permission, branch_id)
    except BranchNotFound:
        return False
    return True
