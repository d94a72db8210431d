"""Goods leave and come back. Levels are locked in the order of their products, then checked, then written with their journal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.outbox import publish
from merchants.catalogue.errors import ProductNotFound
from merchants.catalogue.models import Product
from merchants.catalogue.queries import setting_of
from merchants.catalogue.rules.quantities import quantity_text
from merchants.models import Branch
from merchants.queries import lock_open_branch
from merchants.stock.errors import MoreThanSold, StockReasonMissing, StockTooLow
from merchants.stock.events import StockRanLow
from merchants.stock.models import StockLevel, StockMovement
from merchants.stock.rules import Kind, Line, comes_to_warning, gathered, is_too_low, left_to_return

LONGEST_WHY = 60


@dataclass(frozen=True, slots=True)
class Move:
    """One act on a branch's stock. `key` is of the act, so that it counts once however often it is asked for."""

    branch_id: int
    kind: Kind
    key: str
    reference: str | None = None
    sale_key: str | None = None


def sell(
    session: Session, actor: Actor, branch_id: int, lines: Iterable[Line], key: str, *, reference: str | None = None
) -> list[StockMovement]:
    """Take what a sale sold; goods without stock keeping are left alone. The same key again moves nothing.

    Raises StockTooLow unless the shop allows it, ProductNotFound for another shop's product.
    """
    taken = {product: -milli for product, milli in gathered(lines).items()}
    return move(session, actor, Move(branch_id, Kind.SALE, key, reference), taken)


def take_back(
    session: Session, actor: Actor, branch_id: int, lines: Iterable[Line], key: str, sale_key: str, *, reference: str | None = None
) -> list[StockMovement]:
    """Put back what a customer returns, in any branch of the shop that sold it. Raises MoreThanSold, ProductNotFound."""
    back = gathered(lines)
    products = _stocked(session, branch_id, back)
    _lock_sale(session, sale_key)
    if done := _of_key(session, key):
        return done
    sold = {line.product_id: -line.milli for line in _of_key(session, sale_key) if line.kind == Kind.SALE}
    back_before = select(StockMovement.product_id, func.sum(StockMovement.milli)).where(StockMovement.sale_key == sale_key)
    returned = {product: int(milli) for product, milli in session.execute(back_before.group_by(StockMovement.product_id))}
    left = left_to_return(sold, returned)
    for product, milli in back.items():
        if product in products and milli > left.get(product, 0):
            raise MoreThanSold(field="quantity", name=_name(products[product]), left=quantity_text(left.get(product, 0)))
    return move(session, actor, Move(branch_id, Kind.RETURN, key, reference, sale_key), back)


def write_off(session: Session, actor: Actor, branch_id: int, lines: Iterable[Line], key: str, why: str) -> list[StockMovement]:
    """Take away what broke or was lost, with the reason. Raises StockReasonMissing, StockTooLow, ProductNotFound."""
    return _take_away(session, actor, "write_off", Move(branch_id, Kind.LOSS, key, why), lines)


def give_away(session: Session, actor: Actor, branch_id: int, lines: Iterable[Line], key: str, why: str) -> list[StockMovement]:
    """Hand goods over as a gift, with what they are given for. Raises StockReasonMissing, StockTooLow, ProductNotFound."""
    return _take_away(session, actor, "give_away", Move(branch_id, Kind.GIFT, key, why), lines)


def _take_away(session: Session, actor: Actor, act: str, wanted: Move, lines: Iterable[Line]) -> list[StockMovement]:
    """Goods that leave unpaid leave with a reason, once for each key."""
    why = " ".join((wanted.reference or "").split())
    if not 0 < len(why) <= LONGEST_WHY:
        raise StockReasonMissing(field="why", most=LONGEST_WHY)
    taken = {product: -milli for product, milli in gathered(lines).items()}
    is_new = not _of_key(session, wanted.key)
    moved = move(session, actor, replace(wanted, reference=why), taken)
    if is_new:
        audit.record(
            session, actor, act, "stock", wanted.branch_id, after={str(product): milli for product, milli in taken.items()}, why=why
        )
    return moved


def move(session: Session, actor: Actor, wanted: Move, changes: Mapping[int, int]) -> list[StockMovement]:
    """The one place where a level changes. `changes` are thousandths by product, + into the branch."""
    products = _stocked(session, wanted.branch_id, changes)
    levels = lock_levels(session, wanted.branch_id, products)
    done = _of_key(session, wanted.key)
    if done or not products:
        return done
    allows_negative = setting_of(session, next(iter(products.values())).merchant_id).allows_negative_stock
    now = clock.now()
    for product_id, product in products.items():
        level, change = levels[product_id], changes[product_id]
        if is_too_low(level.milli, change, allows_negative=allows_negative):
            raise StockTooLow(field="quantity", name=_name(product), left=quantity_text(level.milli), asked=quantity_text(-change))
        before, level.milli = level.milli, level.milli + change
        done.append(
            StockMovement(
                key=wanted.key, branch_id=wanted.branch_id, product_id=product_id, kind=wanted.kind, milli=change,
                after_milli=level.milli, at=now, sale_key=wanted.sale_key, reference=wanted.reference,
                sign_in_id=actor.account_id, actor=actor.name,
            )
        )  # fmt: skip
        if level.reorder_milli is not None and comes_to_warning(before, level.milli, level.reorder_milli):
            publish(session, StockRanLow(wanted.branch_id, product_id, level.milli, level.reorder_milli))
    session.add_all(done)
    session.flush()
    return done


def set_warning(session: Session, actor: Actor, branch_id: int, product_id: int, reorder_milli: int | None) -> None:
    """From which level on the branch's product is low; None asks for no warning. Raises ProductNotFound."""
    level = lock_levels(session, branch_id, _stocked(session, branch_id, {product_id: 0}))[product_id]
    before, level.reorder_milli = level.reorder_milli, reorder_milli
    audit.record(
        session, actor, "set_warning", "stock", f"{branch_id}/{product_id}",
        before={"reorder_milli": before}, after={"reorder_milli": reorder_milli},
    )  # fmt: skip


def lock_levels(session: Session, branch_id: int, product_ids: Iterable[int]) -> dict[int, StockLevel]:
    """The branch's levels of some products, made where there were none, locked in the order of their products."""
    wanted = sorted(product_ids)
    if not wanted:
        return {}
    rows = [{"branch_id": branch_id, "product_id": product_id} for product_id in wanted]
    session.execute(insert(StockLevel).values(rows).on_conflict_do_nothing())
    return {
        level.product_id: level for level in session.scalars(_lock(branch_id, wanted).execution_options(populate_existing=True))
    }


def _lock(branch_id: int, product_ids: list[int]) -> Select[StockLevel]:
    found = select(StockLevel).where(StockLevel.branch_id == branch_id, StockLevel.product_id.in_(product_ids))
    return found.order_by(StockLevel.product_id).with_for_update()


def _lock_sale(session: Session, sale_key: str) -> None:
    """Two returns of one sale wait for each other. The journal's rows cannot be locked: nobody may change them."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(sale_key, 0))))


def _stocked(session: Session, branch_id: int, asked: Mapping[int, int]) -> dict[int, Product]:
    """The asked products that are kept in stock, in order; their branch is held against closing.

    Raises ProductNotFound for one of another shop, BranchIsClosed.
    """
    found = session.scalars(
        select(Product)
        .join(Branch, Branch.merchant_id == Product.merchant_id)
        .where(Branch.id == branch_id, Branch.status != "closed", Product.id.in_(asked))
        .order_by(Product.id)
        .with_for_update(read=True, key_share=True, of=Branch)
    ).all()
    if len(found) < len(asked):
        lock_open_branch(session, branch_id)
        raise ProductNotFound
    return {product.id: product for product in found if product.is_stocked}


def _of_key(session: Session, key: str) -> list[StockMovement]:
    return list(session.scalars(select(StockMovement).where(StockMovement.key == key).order_by(StockMovement.product_id)))


def _name(product: Product) -> str:
    return next(iter(product.names.values()))
