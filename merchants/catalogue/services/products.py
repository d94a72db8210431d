"""Products and the tree they stand in."""

from collections.abc import Mapping

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from merchants.catalogue.errors import CodeTaken, GroupTooDeep, UnknownGroup
from merchants.catalogue.models import Product, ProductGroup, ShopSetting, TradeGroup
from merchants.catalogue.queries import own_group, product_of_code, setting_of
from merchants.catalogue.rules.barcodes import Code, CodeKind, own_code
from merchants.catalogue.rules.goods import MOST_DEPTH, MOST_GROUP_NAME, Goods, search_text, typed_names
from merchants.models import Merchant


def add_product(session: Session, actor: Actor, merchant: Merchant, goods: Goods) -> Product:
    """Raises CodeTaken, UnknownGroup. The shop's row is held, so that two people do not give one code away at once."""
    _lock_shop(session, merchant.id)
    _check_groups(session, merchant, goods)
    number = session.execute(text("SELECT nextval(pg_get_serial_sequence('product', 'id'))")).scalar_one()
    code = goods.code or own_code(number)
    _check_code_free(session, merchant.id, code)
    product = Product(id=number, merchant_id=merchant.id, created_at=clock.now())
    _write(product, goods, code)
    session.add(product)
    session.flush()
    audit.record(session, actor, "add", "product", product.id, after=_facts(product))
    return product


def change_product(session: Session, actor: Actor, merchant: Merchant, product: Product, goods: Goods) -> None:
    """Write other words of a product; without a code it keeps the one it has. Raises CodeTaken, UnknownGroup."""
    _lock_shop(session, merchant.id)
    _check_groups(session, merchant, goods)
    before = _facts(product)
    code = goods.code or Code(product.code, CodeKind(product.code_kind), product.code_key)
    if code.key != product.code_key:
        _check_code_free(session, merchant.id, code)
    _write(product, goods, code)
    session.flush()
    if _facts(product) != before:
        audit.record(session, actor, "change", "product", product.id, before=before, after=_facts(product))


def retire_product(session: Session, actor: Actor, product: Product, why: str) -> None:
    """Take a product off sale for good; its journal and prices stay, its code is free again."""
    if product.retired_at is None:
        product.retired_at = clock.now()
        audit.record(session, actor, "retire", "product", product.id, before=_facts(product), why=why or None)


def add_group(
    session: Session, actor: Actor, merchant_id: int, typed: Mapping[str, str], parent_id: int | None = None
) -> ProductGroup:
    """A group at the root or under another. Raises NameMissing, GroupNotFound, GroupTooDeep."""
    parent = own_group(session, merchant_id, parent_id) if parent_id is not None else None
    above = parent.path if parent else []
    if len(above) >= MOST_DEPTH:
        raise GroupTooDeep(field="parent_id", most=MOST_DEPTH)
    names = typed_names(typed, "name", MOST_GROUP_NAME)
    group = ProductGroup(merchant_id=merchant_id, parent_id=parent_id, path=[], names=names)
    session.add(group)
    session.flush()
    group.path = [*above, group.id]
    session.flush()
    audit.record(session, actor, "add", "product_group", group.id, after={"names": names, "path": group.path})
    return group


def rename_group(session: Session, actor: Actor, group: ProductGroup, typed: Mapping[str, str]) -> None:
    """Raises NameMissing."""
    before, group.names = group.names, typed_names(typed, "name", MOST_GROUP_NAME)
    audit.record(session, actor, "rename", "product_group", group.id, before=before, after=group.names)


def set_up_shop(
    session: Session, actor: Actor, merchant_id: int, *, allows_negative_stock: bool, label_size: str, label_has_qr: bool
) -> ShopSetting:
    """How the shop keeps its goods and prints its labels."""
    _lock_shop(session, merchant_id)
    kept = setting_of(session, merchant_id, lock=True)
    before = _setting_facts(kept)
    kept.allows_negative_stock, kept.label_size, kept.label_has_qr = allows_negative_stock, label_size, label_has_qr
    session.add(kept)
    session.flush()
    if _setting_facts(kept) != before:
        audit.record(session, actor, "set_up", "shop_setting", merchant_id, before=before, after=_setting_facts(kept))
    return kept


def _lock_shop(session: Session, merchant_id: int) -> None:
    session.execute(select(Merchant.id).where(Merchant.id == merchant_id).with_for_update())


def _check_groups(session: Session, merchant: Merchant, goods: Goods) -> None:
    if goods.group_id is not None:
        group = session.get(ProductGroup, goods.group_id)
        if group is None or group.merchant_id != merchant.id:
            raise UnknownGroup(field="group_id")
    if goods.trade_group_id is not None:
        trade = session.get(TradeGroup, goods.trade_group_id)
        if trade is None or trade.union_id != merchant.union_id or trade.unit != goods.unit:
            raise UnknownGroup(field="trade_group_id", fault="trade")


def _check_code_free(session: Session, merchant_id: int, code: Code) -> None:
    taken = product_of_code(session, merchant_id, code.key)
    if taken is not None:
        raise CodeTaken(field="code", name=taken.names.get("fa", ""))


def _write(product: Product, goods: Goods, code: Code) -> None:
    product.names, product.unit, product.points = goods.names, goods.unit, goods.points
    product.code, product.code_kind, product.code_key = code.text, code.kind, code.key
    product.marks, product.attributes, product.is_stocked = goods.marks, goods.attributes, goods.is_stocked
    product.group_id, product.trade_group_id, product.fields = goods.group_id, goods.trade_group_id, goods.fields
    product.search_text = search_text(goods.names, code.text, goods.attributes, goods.fields.values())


def _facts(product: Product) -> dict[str, object]:
    told = ("names", "code", "unit", "points", "marks", "attributes", "fields", "group_id", "trade_group_id", "is_stocked")
    return {name: getattr(product, name) for name in told}


def _setting_facts(kept: ShopSetting) -> dict[str, object]:
    return {name: getattr(kept, name) for name in ("allows_negative_stock", "label_size", "label_has_qr")}
