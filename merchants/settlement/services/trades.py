"""The commission of a whole trade: what every shop of a kind is charged that has agreed on nothing else."""

from datetime import date, timedelta

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel import clock
from kernel.audit import Actor
from kernel.calendar import end_of_day, local_day
from merchants.errors import UnknownShopKind
from merchants.rules import ShopKind
from merchants.settlement.errors import WrongCommission
from merchants.settlement.models import CommissionTerm
from merchants.settlement.rules.prices import WHOLE, Bearer
from merchants.settlement.services.terms import Sold, begin_term, is_category

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('merchants.trade_terms ' || :trade, 0))")


class TradeTerm(Struct, frozen=True):
    """As it is typed and understood; see `models.CommissionTerm`. `goods` is a mark of products, or empty for all of them."""

    basis_points: int
    borne_by: Bearer
    starts_on: date
    ends_on: date | None = None
    most_rial: int | None = None
    on_instalments: bool = False
    goods: str = ""


def begin_trade_term(session: Session, actor: Actor, trade: str, wanted: TradeTerm) -> CommissionTerm:
    """From its first day on, or from now, it prices what shops of the trade sell that have no own term on it.

    Raises UnknownShopKind, WrongCommission, TermBeginsTooEarly.
    """
    if trade not in set(ShopKind):
        raise UnknownShopKind(field="trade")
    now = clock.now()
    check_term(session, wanted, local_day(now))
    session.execute(_ONE_AT_A_TIME, {"trade": trade})
    return begin_term(
        session, actor, shop_kind=trade, starts_at=max(now, end_of_day(wanted.starts_on - timedelta(days=1))),
        basis_points=wanted.basis_points, most_rial=wanted.most_rial, borne_by=wanted.borne_by,
        sold=Sold(wanted.on_instalments, wanted.goods, end_of_day(wanted.ends_on) if wanted.ends_on else None),
    )  # fmt: skip


def check_term(session: Session, wanted: TradeTerm, today: date) -> None:
    """Raises WrongCommission for the first field that is wrong."""
    faults = (
        ("goods", wanted.goods != "" and not is_category(session, wanted.goods, None)),
        ("sold", wanted.goods != "" and wanted.on_instalments),
        ("share", not 0 <= wanted.basis_points <= WHOLE),
        ("most", wanted.most_rial is not None and wanted.most_rial <= 0),
        ("starts_on", wanted.starts_on < today),
        ("ends_on", wanted.ends_on is not None and wanted.ends_on < wanted.starts_on),
    )
    for field, is_wrong in faults:
        if is_wrong:
            raise WrongCommission(field=field, fault=field)
