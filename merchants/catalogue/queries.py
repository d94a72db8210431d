"""Reads of goods, their prices and the ceilings over them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import LateralFromClause

from identity.models import Organisation
from identity.permissions import Identity
from kernel.text import search_key
from merchants.catalogue.errors import (
    GroupNotFound,
    NoPrice,
    PriceNotFound,
    ProductListNotFound,
    ProductNotFound,
    TradeGroupNotFound,
)
from merchants.catalogue.models import (
    Ceiling,
    Price,
    Product,
    ProductGroup,
    ProductImport,
    ShopSetting,
    TradeGroup,
)
from merchants.catalogue.rules.barcodes import typed_code
from merchants.catalogue.rules.goods import loyalty_codes
from merchants.catalogue.rules.prices import check_price
from merchants.models import Branch, Merchant

PRICES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as a till sells it at an instant. `codes` are what loyalty rules know it by."""

    product_id: int
    names: dict[str, str]
    code: str
    unit: str
    list_rial: int
    card_rial: int
    points: int
    marks: tuple[str, ...]
    codes: tuple[str, ...]
    is_stocked: bool


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A line of a list: prices are None where none holds, the ceiling where there is none."""

    product: Product
    list_rial: int | None
    card_rial: int | None
    ceiling_rial: int | None

    @property
    def is_above_ceiling(self) -> bool:
        return self.list_rial is not None and self.ceiling_rial is not None and self.list_rial > self.ceiling_rial


@dataclass(frozen=True, slots=True)
class Sought:
    """What a list of products is narrowed to; `is_above` asks for those that pass their ceiling."""

    text: str = ""
    group_id: int | None = None
    mark: str = ""
    is_above: bool = False


@dataclass(frozen=True, slots=True)
class TradeGroupRow:
    """`above` counts the shops' products whose price passes the ceiling in force."""

    group: TradeGroup
    ceiling_rial: int | None
    ends_at: datetime | None
    above: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    product: Product
    group_names: dict[str, str] | None
    list_rial: int | None
    card_rial: int | None


@dataclass(frozen=True, slots=True)
class AboveRow:
    """A product that its shop cannot sell before the price comes down to the ceiling."""

    product: Product
    shop_names: dict[str, str]
    list_rial: int
    ceiling_rial: int


def find_by_code(session: Session, branch_id: int, typed: str, at: datetime) -> Offer:
    """What a scanned or typed code is in a branch, and what it costs at that instant. One query.

    Raises WrongBarcode, ProductNotFound, NoPrice, and PriceAboveCeiling where the union's ceiling came down upon a standing price.
    """
    price = _price_in_force(at, branch_id)
    path = select(ProductGroup.path).where(ProductGroup.id == Product.group_id).scalar_subquery()
    found = session.execute(
        select(Product, price.c.list_rial, price.c.card_rial, _ceiling_rial(at), path.label("path"))
        .join(Branch, Branch.merchant_id == Product.merchant_id)
        .outerjoin(price, true())
        .where(Branch.id == branch_id, Product.code_key == typed_code(typed).key, Product.retired_at.is_(None))
    ).one_or_none()
    if found is None:
        raise ProductNotFound(field="code")
    return _offer(found)


def _offer(found: Row[Any]) -> Offer:
    product = found.Product
    if found.list_rial is None:
        raise NoPrice(field="code")
    check_price(found.list_rial, found.card_rial, found.ceiling_rial)
    return Offer(
        product.id, product.names, product.code, product.unit, found.list_rial, found.card_rial, product.points,
        tuple(product.marks), loyalty_codes(product.merchant_id, product.id, found.path or (), product.marks), product.is_stocked,
    )  # fmt: skip


def _price_in_force(at: datetime, branch_id: int | None) -> LateralFromClause:
    """The price of `Product` at an instant; a branch's own goes before the shop's."""
    place = Price.branch_id.is_(None)
    return (
        select(Price.list_rial, Price.card_rial)
        .where(
            Price.product_id == Product.id,
            holds(Price, at),
            place if branch_id is None else or_(place, Price.branch_id == branch_id),
        )
        .order_by(Price.branch_id.nulls_last())
        .limit(1)
        .lateral("price_now")
    )


def _ceiling_rial(at: datetime) -> ColumnElement[int | None]:
    held = select(Ceiling.amount_rial).where(Ceiling.trade_group_id == Product.trade_group_id, holds(Ceiling, at))
    return held.correlate(Product).scalar_subquery().label("ceiling_rial")


def holds(row: type[Price | Ceiling], at: datetime) -> ColumnElement[bool]:
    return and_(row.starts_at <= at, or_(row.ends_at.is_(None), row.ends_at > at))


def ceiling_at(session: Session, trade_group_id: int | None, at: datetime) -> int | None:
    return session.scalar(select(Ceiling.amount_rial).where(Ceiling.trade_group_id == trade_group_id, holds(Ceiling, at)))


def products_page(
    session: Session,
    merchant_id: int,
    at: datetime,
    sought: Sought,
    *,
    branch_id: int | None = None,
    after: int = 0,
    limit: int = 20,
) -> list[ProductRow]:
    """A shop's products by name with what holds at an instant; `after` is the last product of the page before. One query."""
    price, ceiling_rial = _price_in_force(at, branch_id), _ceiling_rial(at)
    page = (
        select(Product, price.c.list_rial, price.c.card_rial, ceiling_rial)
        .outerjoin(price, true())
        .where(Product.merchant_id == merchant_id, Product.retired_at.is_(None))
        .order_by(Product.search_text, Product.id)
        .limit(limit)
    )
    if after:
        last = select(Product.search_text, Product.id).where(Product.id == after).scalar_subquery()
        page = page.where(tuple_(Product.search_text, Product.id) > last)
    if sought.group_id is not None:
        page = page.where(Product.group_id.in_(groups_within(merchant_id, sought.group_id)))
    if sought.mark:
        page = page.where(Product.marks.contains([sought.mark]))
    if sought.text:
        page = page.where(Product.search_text.contains(search_key(sought.text), autoescape=True))
    if sought.is_above:
        page = page.where(price.c.list_rial > ceiling_rial)
    return [ProductRow(*row) for row in session.execute(page)]


def priced_products(session: Session, merchant_id: int, product_ids: Collection[int], at: datetime) -> list[ProductRow]:
    """Some of a shop's products with the shop's price at an instant. One query."""
    price = _price_in_force(at, None)
    own = (
        select(Product, price.c.list_rial, price.c.card_rial, _ceiling_rial(at))
        .outerjoin(price, true())
        .where(Product.merchant_id == merchant_id, Product.id.in_(product_ids))
    )
    return [ProductRow(*row) for row in session.execute(own)]


def product_sheet(session: Session, merchant_id: int, at: datetime) -> Iterator[SheetRow]:
    """All of a shop's products by name, with their group and the shop's price, read as they are written out. One query."""
    price = _price_in_force(at, None)
    listed = (
        select(Product, ProductGroup.names, price.c.list_rial, price.c.card_rial)
        .outerjoin(ProductGroup, ProductGroup.id == Product.group_id)
        .outerjoin(price, true())
        .where(Product.merchant_id == merchant_id, Product.retired_at.is_(None))
        .order_by(Product.search_text, Product.id)
        .execution_options(yield_per=1000)
    )
    for row in session.execute(listed):
        yield SheetRow(*row)


def cheaper_with_card(session: Session, branch_id: int, at: datetime, *, limit: int = 8) -> list[ProductRow]:
    """A branch's goods that cost less with the card, the most saved first; one above its ceiling is not sold. One query."""
    price, ceiling_rial = _price_in_force(at, branch_id), _ceiling_rial(at)
    cheaper = (
        select(Product, price.c.list_rial, price.c.card_rial, ceiling_rial)
        .join(Branch, Branch.merchant_id == Product.merchant_id)
        .join(price, true())
        .where(Branch.id == branch_id, Product.retired_at.is_(None), price.c.card_rial < price.c.list_rial)
        .order_by((price.c.list_rial - price.c.card_rial).desc(), Product.id)
        .limit(limit)
    )
    rows = [ProductRow(*row) for row in session.execute(cheaper)]
    return [row for row in rows if not row.is_above_ceiling]


def groups_within(merchant_id: int, group_id: int) -> Select[int]:
    """The group and all that stand under it."""
    return select(ProductGroup.id).where(ProductGroup.merchant_id == merchant_id, ProductGroup.path.contains([group_id]))


def products_above_ceiling(session: Session, merchant_id: int, at: datetime) -> int:
    """How many products cannot be sold because their price passes the union's ceiling."""
    price = _price_in_force(at, None)
    above = (
        select(Product.id)
        .join(price, true())
        .where(
            Product.merchant_id == merchant_id, Product.retired_at.is_(None), Product.trade_group_id.is_not(None),
            price.c.list_rial > _ceiling_rial(at),
        )
    )  # fmt: skip
    return session.scalar(select(func.count()).select_from(above.subquery())) or 0


def shops_above_ceiling(session: Session, trade_group_id: int, at: datetime, *, after: int = 0, limit: int = 20) -> list[AboveRow]:
    """Products of a trade group whose price passes its ceiling, with their shop, by id. One query."""
    price, ceiling_rial = _price_in_force(at, None), _ceiling_rial(at)
    page = (
        select(Product, Organisation.names, price.c.list_rial, ceiling_rial)
        .select_from(Product)
        .join(price, true())
        .join(Merchant, Merchant.id == Product.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .where(
            Product.trade_group_id == trade_group_id, Product.retired_at.is_(None), price.c.list_rial > ceiling_rial,
            Product.id > after,
        )
        .order_by(Product.id)
        .limit(limit)
    )  # fmt: skip
    return [AboveRow(*row) for row in session.execute(page)]


def own_product(session: Session, identity: Identity, permission: str, product_id: int, *, lock: bool = False) -> Product:
    """A product of a shop the person may do that for. Raises ProductNotFound, for others' products too."""
    wanted = (
        select(Product, Merchant.organisation_id)
        .join(Merchant, Merchant.id == Product.merchant_id)
        .where(Product.id == product_id)
        .execution_options(populate_existing=True)
    )
    found = session.execute(wanted.with_for_update(of=Product) if lock else wanted).one_or_none()
    if found is None or not identity.can(permission, found[1]):
        raise ProductNotFound
    return found[0]


def products_by_id(session: Session, merchant_id: int, product_ids: Collection[int]) -> dict[int, Product]:
    """Those of the ids that are products of the shop."""
    own = select(Product).where(Product.merchant_id == merchant_id, Product.id.in_(product_ids))
    return {product.id: product for product in session.scalars(own)}


def product_of_code(session: Session, merchant_id: int, code_key: str) -> Product | None:
    own = select(Product).where(Product.merchant_id == merchant_id, Product.code_key == code_key, Product.retired_at.is_(None))
    return session.scalar(own)


def groups_of(session: Session, merchant_id: int) -> list[ProductGroup]:
    """The tree in the order in which it is read: a group, then its own, by name."""
    groups = list(session.scalars(select(ProductGroup).where(ProductGroup.merchant_id == merchant_id)))
    name = {group.id: search_key(next(iter(group.names.values()))) for group in groups}
    return sorted(groups, key=lambda group: [(name[step], step) for step in group.path])


def own_group(session: Session, merchant_id: int, group_id: int) -> ProductGroup:
    """Raises GroupNotFound, for another shop's group too."""
    found = session.scalar(select(ProductGroup).where(ProductGroup.id == group_id, ProductGroup.merchant_id == merchant_id))
    if found is None:
        raise GroupNotFound
    return found


def prices_of(session: Session, product_id: int) -> list[Price]:
    """The latest first, without those taken back before they began; more than PRICES_SHOWN are not looked at."""
    held = select(Price).where(Price.product_id == product_id, or_(Price.ends_at.is_(None), Price.ends_at > Price.starts_at))
    return list(session.scalars(held.order_by(Price.starts_at.desc(), Price.id.desc()).limit(PRICES_SHOWN)))


def price_of(session: Session, product: Product, price_id: int) -> Price:
    """Raises PriceNotFound, for another product's price too."""
    found = session.get(Price, price_id)
    if found is None or found.product_id != product.id:
        raise PriceNotFound
    return found


def ceilings_of(session: Session, trade_group_id: int | None) -> list[Ceiling]:
    """In order of time, without those taken back before they began."""
    held = select(Ceiling).where(
        Ceiling.trade_group_id == trade_group_id, or_(Ceiling.ends_at.is_(None), Ceiling.ends_at > Ceiling.starts_at)
    )
    return list(session.scalars(held.order_by(Ceiling.starts_at)))


def trade_groups_of(session: Session, union_id: int | None) -> list[TradeGroup]:
    return list(session.scalars(select(TradeGroup).where(TradeGroup.union_id == union_id).order_by(TradeGroup.id)))


def own_trade_group(session: Session, union_ids: Collection[int], trade_group_id: int, *, lock: bool = False) -> TradeGroup:
    """A trade group of one of the unions. Raises TradeGroupNotFound, for another union's too."""
    own = select(TradeGroup).where(TradeGroup.id == trade_group_id, TradeGroup.union_id.in_(union_ids))
    found = session.scalar(own.with_for_update() if lock else own)
    if found is None:
        raise TradeGroupNotFound
    return found


def trade_group_rows(session: Session, union_ids: Collection[int], at: datetime) -> list[TradeGroupRow]:
    """The unions' trade groups with the ceiling in force and how many products pass it. One query."""
    price = _price_in_force(at, None)
    above = (
        select(func.count())
        .select_from(Product)
        .join(price, true())
        .where(Product.trade_group_id == TradeGroup.id, Product.retired_at.is_(None), price.c.list_rial > Ceiling.amount_rial)
        .correlate(TradeGroup, Ceiling)
        .scalar_subquery()
    )
    listed = (
        select(TradeGroup, Ceiling.amount_rial, Ceiling.ends_at, above)
        .outerjoin(Ceiling, and_(Ceiling.trade_group_id == TradeGroup.id, holds(Ceiling, at)))
        .where(TradeGroup.union_id.in_(union_ids))
        .order_by(TradeGroup.id)
    )
    return [TradeGroupRow(*row) for row in session.execute(listed)]


def branches_of(session: Session, merchant_id: int, only: Collection[int] | None = None) -> list[Branch]:
    """A shop's branches, or those of them a person is bound to, closed ones last."""
    own = select(Branch).where(Branch.merchant_id == merchant_id).order_by(Branch.status == "closed", Branch.id)
    return list(session.scalars(own if only is None else own.where(Branch.id.in_(only))))


def product_list(session: Session, merchant_id: int, list_id: int, *, lock: bool = False) -> ProductImport:
    """Raises ProductListNotFound, for another shop's list too."""
    found = select(ProductImport).where(ProductImport.id == list_id, ProductImport.merchant_id == merchant_id)
    kept = session.scalar(found.with_for_update() if lock else found)
    if kept is None:
        raise ProductListNotFound
    return kept


def setting_of(session: Session, merchant_id: int, *, lock: bool = False) -> ShopSetting:
    """How a shop keeps its goods; the defaults where it has said nothing."""
    found = select(ShopSetting).where(ShopSetting.merchant_id == merchant_id)
    kept = session.scalar(found.with_for_update() if lock else found)
    return kept or ShopSetting(merchant_id=merchant_id, allows_negative_stock=False, label_size="40x30", label_has_qr=False)
