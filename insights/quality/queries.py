"""What is wrong with the data of shops in reach, the worst first. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from identity.models import Membership, Organisation, Person
from identity.permissions import Role
from insights.quality.rules import BEST, CONFIRMED_FOR, SOON, WEIGHTS, Fault
from kernel.calendar import local_day
from merchants.catalogue.models import Price, Product
from merchants.models import Branch, Merchant
from merchants.onboarding.models import Application
from merchants.queries import shops_in_reach
from merchants.settlement.models import BankAccount
from places.models import City, Place

NEAR_THE_MIDDLE = 0.0001  # degrees, some ten metres


@dataclass(frozen=True, slots=True)
class ShopQuality:
    """A shop with what is wrong, in order of weight; `application_id` is its file's, None for who has none."""

    merchant_id: int
    names: dict[str, str]
    kind: str
    score: int
    faults: tuple[Fault, ...]
    application_id: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Of all shops in reach: how many, their mean score, and how many have each fault."""

    shops: int
    score: int
    by_fault: dict[Fault, int]


def shops_by_quality(
    session: Session, organisation_ids: Collection[int] | None, now: datetime, *, fault: Fault | None = None,
    after: tuple[int, int] | None = None, limit: int = 20,
) -> list[ShopQuality]:  # fmt: skip
    """Active shops that these organisations may read about, the worst first; `after` is (score, merchant). One query."""
    wrong = _faults(now)
    score = _score(wrong)
    file_id = select(Application.id).where(Application.merchant_id == Merchant.id).scalar_subquery()
    page = (
        select(Merchant, Organisation.names, score.label("score"), file_id.label("file"), *(one.label(name) for name, one in wrong.items()))
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .where(Merchant.status == "active", shops_in_reach(organisation_ids))
        .order_by(score, Merchant.id)
        .limit(limit)
    )
    if fault is not None:
        page = page.where(wrong[fault])
    if after is not None:
        page = page.where(or_(score > after[0], and_(score == after[0], Merchant.id > after[1])))
    return [
        ShopQuality(
            row.Merchant.id, row.names, row.Merchant.kind, row.score, tuple(one for one in Fault if row._mapping[one]), row.file
        )
        for row in session.execute(page)
    ]  # fmt: skip


def overview(session: Session, organisation_ids: Collection[int] | None, now: datetime) -> Overview:
    """One query over all shops in reach."""
    wrong = _faults(now)
    counts = [func.count().filter(one) for one in wrong.values()]
    found = select(func.count(), func.coalesce(func.round(func.avg(_score(wrong))), BEST), *counts)
    row = session.execute(
        found.select_from(Merchant)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .where(Merchant.status == "active", shops_in_reach(organisation_ids))
    ).one()
    return Overview(row[0], int(row[1]), dict(zip(wrong, row[2:], strict=True)))


def _score(wrong: dict[Fault, ColumnElement[bool]]) -> ColumnElement[int]:
    lost = sum((case((one, WEIGHTS[fault]), else_=0) for fault, one in wrong.items()), start=cast(0, Integer))
    return BEST - lost


def _faults(now: datetime) -> dict[Fault, ColumnElement[bool]]:
    """Each fault as a condition on a merchant and its organisation."""
    today = local_day(now)
    owner, other, namesake = aliased(Membership), aliased(Membership), aliased(Person)
    branch = exists().where(Branch.merchant_id == Merchant.id, Place.id == Branch.place_id)
    file = exists().where(Application.merchant_id == Merchant.id)
    owned = exists().where(owner.organisation_id == Merchant.organisation_id, owner.role == Role.MERCHANT)
    with_phone = owned.where(Person.id == owner.person_id, Person.mobile.is_not(None))
    shared = with_phone.where(
        namesake.mobile == Person.mobile, namesake.id != Person.id, other.person_id == namesake.id, other.role == Role.MERCHANT,
        other.organisation_id != Merchant.organisation_id,
    )  # fmt: skip
    priced = exists().where(Price.product_id == Product.id, Price.starts_at <= now, or_(Price.ends_at.is_(None), Price.ends_at > now))
    in_the_middle = and_(Place.city_id == City.id, func.ST_DWithin(Place.position, City.position, NEAR_THE_MIDDLE))
    found = {
        Fault.LICENCE_OVER: file.where(Application.licence_expires_on < today),
        Fault.NO_HOURS: branch.where(Place.rule_id.is_(None)),
        Fault.NO_POSITION: branch.where(in_the_middle),
        Fault.NO_ACCOUNT: ~exists().where(BankAccount.merchant_id == Merchant.id, BankAccount.status == "approved"),
        Fault.NO_OWNER: ~owned,
        Fault.NO_PHONE: owned & ~with_phone,
        Fault.SHARED_PHONE: shared,
        Fault.UNCONFIRMED: branch.where(or_(Place.confirmed_at.is_(None), Place.confirmed_at < now - CONFIRMED_FOR)),
        Fault.NO_PRICE: exists().where(Product.merchant_id == Merchant.id, ~priced),
        Fault.LICENCE_SOON: file.where(Application.licence_expires_on.between(today, today + SOON)),
        Fault.ONE_LANGUAGE: ~Organisation.names.has_key("en"),
    }
    return {fault: found[fault].correlate(Merchant) if hasattr(found[fault], "correlate") else found[fault] for fault in Fault}
