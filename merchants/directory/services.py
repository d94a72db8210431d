"""What the directory of places is told of shops."""

from sqlalchemy import and_, case, exists, func, null, or_, select, update
from sqlalchemy.orm import Session

from kernel import clock
from merchants.models import Branch, Contract, Merchant
from merchants.rules import ShopKind
from places.models import Place


def publish_shops(session: Session) -> int:
    """Copy trade, terms and whether a shop is there to its place, where they differ; returns how many places changed."""
    now = clock.now()
    in_force = and_(
        Contract.merchant_id == Merchant.id, Contract.starts_at <= now, or_(Contract.ends_at.is_(None), Contract.ends_at > now)
    )
    has = {name: exists().where(in_force, getattr(Contract, name)).correlate(Merchant) for name in ("earns", "spends")}
    is_craft = Merchant.kind == ShopKind.HANDICRAFT
    told = (
        select(
            Branch.place_id, func.min(Merchant.kind).label("category"), func.bool_or(has["earns"]).label("earns"),
            func.bool_or(has["spends"]).label("spends"), func.bool_or(is_craft).label("is_handicraft"),
            func.bool_or(Merchant.status != "closed").label("is_there"),
        )
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .group_by(Branch.place_id)
        .cte("told")
    )  # fmt: skip
    closed_at = case((told.c.is_there, null()), else_=func.coalesce(Place.closed_at, now))
    differs = or_(
        Place.category.is_distinct_from(told.c.category),
        Place.earns != told.c.earns,
        Place.spends != told.c.spends,
        Place.is_handicraft != told.c.is_handicraft,
        Place.closed_at.is_(None) != told.c.is_there,
    )
    change = update(Place).where(Place.id == told.c.place_id, differs).values(
        category=told.c.category, earns=told.c.earns, spends=told.c.spends, is_handicraft=told.c.is_handicraft, closed_at=closed_at
    )  # fmt: skip
    changed = session.execute(change.execution_options(synchronize_session=False))
    return int(changed.rowcount)  # type: ignore[attr-defined]
