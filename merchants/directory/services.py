"""What the directory of places is told of shops."""

from collections.abc import Collection

from sqlalchemy import and_, case, exists, func, null, or_, select, update
from sqlalchemy.orm import Session

from kernel import clock
from kernel.db import rows_changed
from merchants.fields.queries import said_at_places
from merchants.instalments.models import SaleTerms
from merchants.models import Branch, Contract, Merchant
from merchants.rules import ShopKind
from places.directory import packs
from places.models import Place


def publish_shops(session: Session) -> int:
    """Copy trade, terms and whether a shop is there to its place, where they differ; returns how many places changed."""
    now = clock.now()
    in_force = and_(
        Contract.merchant_id == Merchant.id, Contract.starts_at <= now, or_(Contract.ends_at.is_(None), Contract.ends_at > now)
    )
    has = {name: exists().where(in_force, getattr(Contract, name)).correlate(Merchant) for name in ("earns", "spends")}
    sale = exists().where(in_force, SaleTerms.contract_id == Contract.id).correlate(Merchant)
    has |= {"discounts": sale.where(SaleTerms.cash_discount_basis_points > 0), "instalments": sale.where(SaleTerms.counts != [])}
    is_craft = Merchant.kind == ShopKind.HANDICRAFT
    told = (
        select(
            Branch.place_id, func.min(Merchant.kind).label("category"), *(func.bool_or(holds).label(name) for name, holds in has.items()),
            func.bool_or(is_craft).label("is_handicraft"), func.bool_or((Merchant.status != "closed") & (Branch.status != "closed")).label("is_there"),
        )
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .group_by(Branch.place_id)
        .cte("told")
    )  # fmt: skip
    closed_at = case((told.c.is_there, null()), else_=func.coalesce(Place.closed_at, now))
    differs = or_(
        Place.category.is_distinct_from(told.c.category),
        *(getattr(Place, name) != told.c[name] for name in has),
        Place.is_handicraft != told.c.is_handicraft,
        Place.closed_at.is_(None) != told.c.is_there,
    )
    change = update(Place).where(Place.id == told.c.place_id, differs).values(
        category=told.c.category, is_handicraft=told.c.is_handicraft, closed_at=closed_at, **{name: told.c[name] for name in has}
    )  # fmt: skip
    return rows_changed(session, change.execution_options(synchronize_session=False))


def make_packs(session: Session) -> int:
    """The packs for phones, with what shops say in fields of their own; returns how many hold something else than before."""
    return packs.make_packs(session, _said)


def _said(session: Session, place_ids: Collection[int]) -> dict[int, list[tuple[dict[str, str], str, str]]]:
    return {
        place: [(field.names, field.kind.value, value) for field, value in told]
        for place, told in said_at_places(session, place_ids).items()
    }
