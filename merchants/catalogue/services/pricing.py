"""Prices of a shop and ceilings of a union. Nothing is edited: a new one ends the one before it where it begins."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import TEHRAN, end_of_day, local_day
from kernel.outbox import publish
from merchants.catalogue.errors import PriceBeginsTooEarly, PriceHasBegun
from merchants.catalogue.events import CeilingSet, PriceEnded, PriceSet
from merchants.catalogue.models import Ceiling, Price, Product, TradeGroup
from merchants.catalogue.queries import ceiling_at
from merchants.catalogue.rules.goods import MOST_GROUP_NAME, typed_names
from merchants.catalogue.rules.prices import check_price
from merchants.catalogue.rules.quantities import typed_unit


def beginning(day: date | None) -> datetime:
    """The instant from which something holds: now for today or no day, else the first of that day in the city.

    Raises PriceBeginsTooEarly.
    """
    now = clock.now()
    today = local_day(now, TEHRAN)
    if day is None or day == today:
        return now
    if day < today:
        raise PriceBeginsTooEarly(field="starts_on")
    return end_of_day(day - timedelta(days=1))


def set_price(
    session: Session, actor: Actor, product: Product, list_rial: int, card_rial: int, *, branch_id: int | None = None,
    starts_on: date | None = None,
) -> Price:  # fmt: skip
    """Lay down what a product costs from a day on, in the whole shop or in one branch.

    Raises CardPriceAboveList, PriceAboveCeiling, PriceBeginsTooEarly where a price already begins then or later.
    """
    _lock_product(session, product.id)
    starts_at = beginning(starts_on)
    check_price(list_rial, card_rial, ceiling_at(session, product.trade_group_id, starts_at))
    place = Price.branch_id.is_(None) if branch_id is None else Price.branch_id == branch_id
    _end_latest(session, Price, (Price.product_id == product.id) & place, starts_at)
    price = Price(
        product_id=product.id, branch_id=branch_id, list_rial=list_rial, card_rial=card_rial, starts_at=starts_at,
        sign_in_id=actor.account_id,
    )  # fmt: skip
    session.add(price)
    session.flush()
    facts = {"branch_id": branch_id, "list_rial": list_rial, "card_rial": card_rial, "starts_at": starts_at.isoformat()}
    audit.record(session, actor, "set", "price", product.id, after=facts)
    publish(session, PriceSet(product.id, branch_id, list_rial, card_rial, starts_at))
    return price


def take_back_price(session: Session, actor: Actor, product: Product, price: Price) -> None:
    """Undo a price before it begins; the one it would have ended goes on. Raises PriceHasBegun."""
    _lock_product(session, product.id)
    session.refresh(price)
    if price.starts_at <= clock.now():
        raise PriceHasBegun
    place = Price.branch_id.is_(None) if price.branch_id is None else Price.branch_id == price.branch_id
    _take_back(session, (Price.product_id == product.id) & place, price)
    audit.record(session, actor, "take_back", "price", product.id, before={"price_id": price.id, "list_rial": price.list_rial})
    publish(session, PriceEnded(product.id, price.branch_id))


def end_branch_price(session: Session, actor: Actor, product: Product, price: Price) -> None:
    """From now on the branch sells at the shop's price again. Raises PriceHasBegun for the shop's own price."""
    _lock_product(session, product.id)
    session.refresh(price)
    now = clock.now()
    if price.branch_id is None or price.ends_at is not None or price.starts_at > now:
        raise PriceHasBegun
    price.ends_at = now
    audit.record(session, actor, "end", "price", product.id, before={"price_id": price.id, "branch_id": price.branch_id})
    publish(session, PriceEnded(product.id, price.branch_id))


def add_trade_group(session: Session, actor: Actor, union_id: int, typed: Mapping[str, str]) -> TradeGroup:
    """Raises NameMissing, UnknownUnit."""
    names, unit = typed_names(typed, "name", MOST_GROUP_NAME), typed_unit(typed.get("unit", ""))
    group = TradeGroup(union_id=union_id, names=names, unit=unit)
    session.add(group)
    session.flush()
    audit.record(session, actor, "add", "trade_group", group.id, after={"names": names, "unit": unit})
    return group


def set_ceiling(
    session: Session,
    actor: Actor,
    group: TradeGroup,
    amount_rial: int,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Ceiling:
    """No member of the union sells above it from a day on, up to the end of another or until the next ceiling.

    The group's row is locked by the caller. Raises PriceBeginsTooEarly.
    """
    starts_at = beginning(starts_on)
    ends_at = end_of_day(ends_on) if ends_on is not None else None
    if ends_at is not None and ends_at <= starts_at:
        raise PriceBeginsTooEarly(field="ends_on", fault="ends")
    _end_latest(session, Ceiling, Ceiling.trade_group_id == group.id, starts_at)
    ceiling = Ceiling(trade_group_id=group.id, amount_rial=amount_rial, starts_at=starts_at, ends_at=ends_at)
    session.add(ceiling)
    session.flush()
    facts = {"amount_rial": amount_rial, "starts_at": starts_at.isoformat(), "ends_at": ends_at and ends_at.isoformat()}
    audit.record(session, actor, "set", "ceiling", group.id, after=facts)
    publish(session, CeilingSet(group.id, amount_rial, starts_at))
    return ceiling


def _lock_product(session: Session, product_id: int) -> None:
    session.execute(select(Product.id).where(Product.id == product_id).with_for_update())


def _end_latest(session: Session, row: type[Price | Ceiling], of_owner: object, starts_at: datetime) -> None:
    """The latest that is not empty ends where the next begins. Raises PriceBeginsTooEarly."""
    held = select(row).where(of_owner, or_(row.ends_at.is_(None), row.ends_at > row.starts_at))  # type: ignore[arg-type]
    newest = held.order_by(row.starts_at.desc()).limit(1).execution_options(populate_existing=True)
    latest = cast("Price | Ceiling | None", session.scalar(newest))
    if latest is None:
        return
    if latest.starts_at >= starts_at:
        raise PriceBeginsTooEarly(field="starts_on", fault="later")
    if latest.ends_at is None or latest.ends_at > starts_at:
        latest.ends_at = starts_at
        session.flush()


def _take_back(session: Session, of_owner: object, coming: Price) -> None:
    starts_at, ended_at = coming.starts_at, coming.ends_at
    coming.ends_at = starts_at
    session.flush()
    before = session.scalar(select(Price).where(of_owner, Price.ends_at == starts_at, Price.starts_at < starts_at))  # type: ignore[arg-type]
    if before is not None:
        before.ends_at = ended_at
