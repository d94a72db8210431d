"""Reads of cash limits, past and to come."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.models import Organisation
from kernel.errors import NotFound
from merchants.cash.errors import CashOfferDecided, CashOfferNotFound
from merchants.cash.models import CashOffer
from merchants.models import Contract, Merchant
from merchants.queries import shops_in_reach

VERSIONS_SHOWN = 20


class Shop(Struct, frozen=True):
    merchant_id: int
    organisation_id: int
    names: dict[str, str]


def shop_in_reach(session: Session, organisation_ids: Collection[int] | None, merchant_id: int) -> Shop:
    """Raises NotFound, also for a shop that these organisations do not look after."""
    row = session.execute(
        select(Merchant.id, Merchant.organisation_id, Organisation.names)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .where(Merchant.id == merchant_id, shops_in_reach(organisation_ids))
    ).one_or_none()
    if row is None:
        raise NotFound
    return Shop(row.id, row.organisation_id, row.names)


def versions(session: Session, merchant_id: int) -> list[Contract]:
    """The contract's versions, newest first."""
    wanted = select(Contract).where(Contract.merchant_id == merchant_id).order_by(Contract.starts_at.desc())
    return list(session.scalars(wanted.limit(VERSIONS_SHOWN)))


def version_at(session: Session, merchant_id: int, at: datetime) -> Contract | None:
    begun = select(Contract).where(Contract.merchant_id == merchant_id, Contract.starts_at <= at)
    found = session.scalar(begun.order_by(Contract.starts_at.desc()).limit(1))
    return found if found is not None and (found.ends_at is None or found.ends_at > at) else None


def open_offer(session: Session, merchant_id: int) -> CashOffer | None:
    return session.scalar(select(CashOffer).where(CashOffer.merchant_id == merchant_id, CashOffer.state == "offered"))


def lock_offer(session: Session, merchant_id: int, offer_id: int) -> CashOffer:
    """The shop's offer, not answered yet, locked. Raises CashOfferNotFound, CashOfferDecided."""
    offer = session.get(CashOffer, offer_id, with_for_update=True, populate_existing=True)
    if offer is None or offer.merchant_id != merchant_id:
        raise CashOfferNotFound
    if offer.state != "offered":
        raise CashOfferDecided
    return offer
