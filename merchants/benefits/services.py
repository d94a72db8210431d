"""A sponsor begins a plan for stated trades in stated cities, or for stated shops."""

import re
from collections.abc import Collection, Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.ledger.services import open_scope
from kernel.audit import Actor
from kernel.text import latin_digits
from loyalty.benefits.errors import WrongPlan
from loyalty.benefits.models import Plan
from loyalty.benefits.rules import PlanDates, Recurs, Where
from loyalty.benefits.services import plans
from merchants.models import Merchant
from merchants.rules import ShopKind, category
from places.models import City

MOST_SHOPS = 200


class PlanAsked(Struct, frozen=True):
    """A plan as it was typed. No trade ticked means every trade; `shops` are shops' numbers as receipts show them, if any."""

    names: dict[str, str]
    amount_rial: int
    recurs: Recurs
    starts_on: date
    ends_on: date
    kinds: tuple[str, ...]
    cities: tuple[int, ...]
    shops: str = ""
    group: str = ""


def begin_plan(session: Session, actor: Actor, organisation_id: int, asked: PlanAsked) -> Plan:
    """Raises WrongPlan (facts `field`: name, amount, starts_on, ends_on, kinds, cities, shops, group)."""
    kinds = _kinds(asked.kinds)
    cities = _cities(session, asked.cities)
    shops = _shops(session, asked.shops)
    categories = [category(city, kind) for city in cities for kind in kinds or ShopKind]
    wallets = None if not shops else [shop.wallet_id for shop in shops]
    dates = PlanDates(asked.recurs, asked.starts_on, asked.ends_on)
    where = Where(
        scope_id=open_scope(session, shops=wallets, categories=categories),
        kinds=tuple(kinds),
        cities=tuple(cities),
        shops=tuple(shop.id for shop in shops),
    )
    return plans.begin_plan(session, actor, organisation_id, asked.names, asked.amount_rial, dates, where, asked.group)


def _kinds(asked: Sequence[str]) -> list[ShopKind]:
    known = {kind.value: kind for kind in ShopKind}
    if not set(asked) <= known.keys():
        raise WrongPlan(field="kinds")
    found = [kind for kind in ShopKind if kind.value in asked]
    return [] if len(found) == len(ShopKind) else found


def _cities(session: Session, asked: Collection[int]) -> list[int]:
    found = list(session.scalars(select(City.id).where(City.id.in_(asked)).order_by(City.id)))
    if not found or len(found) != len(set(asked)):
        raise WrongPlan(field="cities")
    return found


def _shops(session: Session, typed: str) -> list[Merchant]:
    """Shops by the number on their receipts (M and 14 digits), in any separation. Names the first that is none."""
    numbers = re.findall(r"[^\s,;،؛]+", latin_digits(typed).upper())
    if len(numbers) > MOST_SHOPS:
        raise WrongPlan(field="shops", fault="many", most=MOST_SHOPS)
    wanted = {}
    for number in numbers:
        digits = re.fullmatch(r"M?0*([0-9]{1,14})", number)
        if digits is None:
            raise WrongPlan(field="shops", fault="unknown", number=number[:20])
        wanted[int(digits[1])] = number
    found = list(session.scalars(select(Merchant).where(Merchant.id.in_(wanted)).order_by(Merchant.id)))
    missing = wanted.keys() - {shop.id for shop in found}
    if missing:
        raise WrongPlan(field="shops", fault="unknown", number=wanted[min(missing)][:20])
    return found
