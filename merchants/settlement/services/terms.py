"""Commission terms and bank days: what the operator lays down ahead."""

import re
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import BadInput
from merchants.catalogue.models import ProductGroup
from merchants.catalogue.rules.goods import Mark
from merchants.errors import MerchantNotFound, UnknownShopKind
from merchants.models import Merchant
from merchants.rules import ShopKind
from merchants.settlement.errors import TermBeginsTooEarly
from merchants.settlement.models import BankDay, CommissionTerm
from merchants.settlement.rules.prices import WHOLE, Bearer

SKEW = timedelta(minutes=1)  # a form that says "from now" arrives a moment later
LONGEST_WHY = 80


class Sold(Struct, frozen=True):
    """What a term is for: all that is sold at once, what is sold in instalments, or one category of goods, maybe until an instant."""

    on_instalments: bool = False
    goods: str = ""
    ends_at: datetime | None = None


ANYTHING = Sold()


def begin_term(
    session: Session,
    actor: Actor,
    *,
    basis_points: int,
    starts_at: datetime,
    merchant_id: int | None = None,
    shop_kind: str | None = None,
    most_rial: int | None = None,
    borne_by: Bearer = Bearer.SHOP,
    sold: Sold = ANYTHING,
) -> CommissionTerm:
    """Begin a commission term of one merchant's contract, or the default of a kind of shop (exactly one of the two).

    What is priced already keeps its term. Raises BadInput, MerchantNotFound, UnknownShopKind, TermBeginsTooEarly.
    """
    if (merchant_id is None) == (shop_kind is None):
        raise BadInput(field="merchant_id")
    if not 0 <= basis_points <= WHOLE:
        raise BadInput(field="basis_points")
    if most_rial is not None and most_rial <= 0:
        raise BadInput(field="most_rial")
    if shop_kind is not None and shop_kind not in set(ShopKind):
        raise UnknownShopKind(field="shop_kind")
    if merchant_id is not None and session.get(Merchant, merchant_id, with_for_update=True) is None:
        raise MerchantNotFound(merchant_id=merchant_id)
    owner = CommissionTerm.merchant_id == merchant_id if shop_kind is None else CommissionTerm.shop_kind == shop_kind
    if sold.goods and (not is_category(session, sold.goods, merchant_id) or sold.on_instalments):
        raise BadInput(field="goods")
    if sold.ends_at is not None and sold.ends_at <= starts_at:
        raise BadInput(field="ends_at")
    of_sort = and_(CommissionTerm.on_instalments.is_(sold.on_instalments), CommissionTerm.goods == sold.goods)
    latest = session.scalar(select(func.max(CommissionTerm.starts_at)).where(owner, of_sort))
    if starts_at < clock.now() - SKEW or (latest is not None and starts_at <= latest):
        raise TermBeginsTooEarly(field="starts_at")
    term = CommissionTerm(
        merchant_id=merchant_id, shop_kind=shop_kind, starts_at=starts_at, basis_points=basis_points,
        most_rial=most_rial, borne_by=borne_by, on_instalments=sold.on_instalments, goods=sold.goods, ends_at=sold.ends_at,
    )  # fmt: skip
    session.add(term)
    session.flush()
    facts = {
        "merchant_id": merchant_id, "shop_kind": shop_kind, "starts_at": starts_at.isoformat(),
        "basis_points": basis_points, "most_rial": most_rial, "borne_by": borne_by,
        "on_instalments": sold.on_instalments, "goods": sold.goods,
        "ends_at": sold.ends_at.isoformat() if sold.ends_at else None,
    }  # fmt: skip
    audit.record(session, actor, "begin", "commission term", term.id, after=facts)
    return term


def is_category(session: Session, goods: str, merchant_id: int | None) -> bool:
    """Whether a term may name these goods: a mark of products, or a group of the merchant's own tree."""
    sort, _, name = goods.partition(":")
    if sort == "mark":
        return name in set(Mark)
    if sort != "group" or merchant_id is None or not re.fullmatch("[0-9]{1,18}", name):
        return False
    own = select(ProductGroup.id).where(ProductGroup.id == int(name), ProductGroup.merchant_id == merchant_id)
    return session.scalar(own) is not None


def set_bank_day(session: Session, actor: Actor, day: date, *, is_open: bool, why: dict[str, str]) -> None:
    """Say of one day whether banks work, whatever the calendar says. Statements made before keep their hour.

    Raises BadInput (`why`: without a text, or too long).
    """
    if not why or not all(0 < len(text) <= LONGEST_WHY for text in why.values()):
        raise BadInput(field="why")
    known = session.get(BankDay, day, with_for_update=True)
    before = {"is_open": known.is_open, "why": known.why} if known else None
    session.merge(BankDay(day=day, is_open=is_open, why=why))
    audit.record(session, actor, "set", "bank day", day.isoformat(), before=before, after={"is_open": is_open, "why": why})
