"""What is wrong with the data of shops in reach, the worst first. Reads only.

The queue and its counts are of the last round; what stands beside a shop that is shown is of now.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from identity.models import Membership, Organisation, Person
from identity.permissions import Role
from insights.quality.models import KeptQuality, QualityRound, QualitySum
from insights.quality.rules import BEST, BITS, CONFIRMED_FOR, SOON, Fault, faults_in, score_of
from kernel.calendar import local_day
from merchants.catalogue.models import Price, Product
from merchants.models import Branch, Merchant
from merchants.onboarding.models import Application
from merchants.queries import cities_in_reach, shops_in_reach
from merchants.settlement.models import BankAccount
from places.models import City, Place

NEAR_THE_MIDDLE = 0.0001  # degrees, some ten metres
Position = tuple[int, int]


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
class Queue:
    """A page of shops; `following` is the (score, merchant) after which the next one begins, None on the last page."""

    shops: list[ShopQuality]
    following: Position | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Of all shops in reach: how many, their mean score, and how many have each fault. As of `at`, None before the first round."""

    shops: int
    score: int
    by_fault: dict[Fault, int]
    at: datetime | None


def queue_of_shops(
    session: Session, organisation_ids: Collection[int] | None, now: datetime, *, fault: Fault | None = None,
    after: Position | None = None, limit: int = 20,
) -> Queue:  # fmt: skip
    """Active shops that these organisations may read about, the worst first. Two queries, three for who reaches but some.

    What was mended since the last round is not shown any more, so that a page may hold fewer shops than `limit`.
    """
    page = (
        select(KeptQuality.score, KeptQuality.merchant_id)
        .where(*([_has(fault)] if fault else []), *_kept_for(session, organisation_ids, KeptQuality))
        .order_by(KeptQuality.score, KeptQuality.merchant_id)
        .limit(limit + 1)
    )
    if after is not None:
        page = page.where(tuple_(KeptQuality.score, KeptQuality.merchant_id) > after)
    found = [(score, merchant_id) for score, merchant_id in session.execute(page)]
    shown = [merchant_id for _, merchant_id in found[:limit]]
    shops = _shops(session, now, Merchant.id.in_(shown), shops_in_reach(organisation_ids)) if shown else []
    left = [shop for shop in shops if fault is None or fault in shop.faults]
    return Queue(left, found[limit - 1] if len(found) > limit else None)


def own_shops(session: Session, organisation_ids: Collection[int], now: datetime) -> list[ShopQuality]:
    """The active shops of these organisations as they are now, the worst first. One query."""
    return _shops(session, now, Merchant.organisation_id.in_(organisation_ids))


def overview(session: Session, organisation_ids: Collection[int] | None) -> Overview:
    """Of all shops in reach, as the last whole round found them. Two queries, three for who reaches but some."""
    alike = (
        select(QualitySum.faults, func.sum(QualitySum.shops))
        .where(*_kept_for(session, organisation_ids, QualitySum))
        .group_by(QualitySum.faults)
    )
    found = [(faults_in(bits), int(count)) for bits, count in session.execute(alike)]
    shops = sum(count for _, count in found)
    scores = sum(score_of(faults) * count for faults, count in found)
    by_fault = {fault: sum(count for faults, count in found if fault in faults) for fault in Fault}
    at = session.scalar(select(QualityRound.whole_since))
    return Overview(shops, round(scores / shops) if shops else BEST, by_fault, at)


def _kept_for(
    session: Session, organisation_ids: Collection[int] | None, kept: type[KeptQuality | QualitySum]
) -> list[ColumnElement[bool]]:
    """Cities are looked up first: a union oversees none, and finds its shops by index."""
    if organisation_ids is None:
        return []
    of_union = kept.union_id.in_(organisation_ids)
    cities = session.scalars(cities_in_reach(organisation_ids)).all()
    return [or_(of_union, kept.city_ids.overlap(cities)) if cities else of_union]


def _has(fault: Fault) -> ColumnElement[bool]:
    return KeptQuality.faults.op("&")(BITS[fault]) != 0


def _shops(session: Session, now: datetime, *which: ColumnElement[bool]) -> list[ShopQuality]:
    """Active shops as they are now, for a few."""
    wrong = faults_of_shops(now)
    file_id = select(Application.id).where(Application.merchant_id == Merchant.id).scalar_subquery()
    wanted = (
        select(Merchant, Organisation.names, file_id.label("file"), *(one.label(fault) for fault, one in wrong.items()))
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .where(Merchant.status == "active", *which)
    )
    found = []
    for row in session.execute(wanted):
        faults = tuple(fault for fault in Fault if row._mapping[fault])
        found.append(ShopQuality(row.Merchant.id, row.names, row.Merchant.kind, score_of(faults), faults, row.file))
    return sorted(found, key=lambda shop: (shop.score, shop.merchant_id))


def faults_of_shops(now: datetime) -> dict[Fault, ColumnElement[bool]]:
    """Each fault as a condition on a merchant and its organisation."""
    today = local_day(now)
    owner, other, namesake = aliased(Membership), aliased(Membership), aliased(Person)
    branch = exists().where(Branch.merchant_id == Merchant.id, Branch.status != "closed", Place.id == Branch.place_id)
    file = exists().where(Application.merchant_id == Merchant.id)
    owned = exists().where(owner.organisation_id == Merchant.organisation_id, owner.role == Role.MERCHANT)
    with_phone = owned.where(Person.id == owner.person_id, Person.mobile.is_not(None))
    shared = with_phone.where(
        namesake.mobile == Person.mobile, namesake.id != Person.id, other.person_id == namesake.id, other.role == Role.MERCHANT,
        other.organisation_id != Merchant.organisation_id,
    )  # fmt: skip
    priced = exists().where(
        Price.product_id == Product.id, Price.starts_at <= now, or_(Price.ends_at.is_(None), Price.ends_at > now)
    )
    in_the_middle = and_(Place.city_id == City.id, func.ST_DWithin(Place.position, City.position, NEAR_THE_MIDDLE))
    return {
        Fault.LICENCE_OVER: file.where(Application.licence_expires_on < today) | branch.where(Branch.licence_expires_on < today),
        Fault.NO_HOURS: branch.where(Place.rule_id.is_(None)),
        Fault.NO_POSITION: branch.where(in_the_middle),
        Fault.NO_ACCOUNT: ~exists().where(BankAccount.merchant_id == Merchant.id, BankAccount.status == "approved"),
        Fault.NO_OWNER: ~owned,
        Fault.NO_PHONE: owned & ~with_phone,
        Fault.SHARED_PHONE: shared,
        Fault.UNCONFIRMED: branch.where(or_(Place.confirmed_at.is_(None), Place.confirmed_at < now - CONFIRMED_FOR)),
        Fault.NO_PRICE: exists().where(Product.merchant_id == Merchant.id, ~priced),
        Fault.LICENCE_SOON: file.where(Application.licence_expires_on.between(today, today + SOON))
        | branch.where(Branch.licence_expires_on.between(today, today + SOON)),
        Fault.ONE_LANGUAGE: ~Organisation.names.has_key("en"),
    }
