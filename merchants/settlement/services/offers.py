"""A commission on a category of goods: proposed by shop or network, signed by the other side."""

from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import TEHRAN, local_day
from merchants.errors import MerchantNotFound
from merchants.models import Merchant
from merchants.settlement.errors import (
    CommissionOfferDecided,
    CommissionOfferNotFound,
    CommissionOfferWaiting,
    OwnCommissionOffer,
    WrongCommission,
)
from merchants.settlement.models import CommissionOffer, CommissionTerm
from merchants.settlement.rules.prices import WHOLE, Bearer
from merchants.settlement.services.terms import Sold, begin_term, is_category


class Proposal(Struct, frozen=True):
    """As it is typed and understood; see `models.CommissionOffer`."""

    goods: str
    basis_points: int
    borne_by: Bearer
    starts_on: date
    ends_on: date | None = None


def propose_commission(
    session: Session, actor: Actor, person_id: int | None, merchant_id: int, wanted: Proposal, *, by_shop: bool
) -> CommissionOffer:
    """Put a commission before the other side. Raises MerchantNotFound, WrongCommission, CommissionOfferWaiting."""
    if session.get(Merchant, merchant_id, with_for_update=True) is None:
        raise MerchantNotFound(merchant_id=merchant_id)
    faults = (
        ("goods", not is_category(session, wanted.goods, merchant_id)),
        ("share", not 0 <= wanted.basis_points <= WHOLE),
        ("starts_on", wanted.starts_on < local_day(clock.now())),
        ("ends_on", wanted.ends_on is not None and wanted.ends_on < wanted.starts_on),
    )
    for field, is_wrong in faults:
        if is_wrong:
            raise WrongCommission(field=field, fault=field)
    waiting = select(CommissionOffer.id).where(
        CommissionOffer.merchant_id == merchant_id, CommissionOffer.goods == wanted.goods, CommissionOffer.state == "offered"
    )
    if session.scalar(waiting) is not None:
        raise CommissionOfferWaiting
    offer = CommissionOffer(
        merchant_id=merchant_id, goods=wanted.goods, basis_points=wanted.basis_points, borne_by=wanted.borne_by,
        starts_on=wanted.starts_on, ends_on=wanted.ends_on, state="offered", is_offered_by_shop=by_shop, offered_by=person_id,
        offered_at=clock.now(),
    )  # fmt: skip
    session.add(offer)
    session.flush()
    audit.record(session, actor, "propose", "commission offer", offer.id, after={"merchant_id": merchant_id, **_facts(offer)})
    return offer


def sign_commission(session: Session, actor: Actor, person_id: int | None, offer_id: int, *, by_shop: bool) -> CommissionTerm:
    """Accept what the other side has proposed: from its first day on, or from now, it prices these goods.

    Raises CommissionOfferNotFound, CommissionOfferDecided, OwnCommissionOffer, WrongCommission where the last day is over, and
    TermBeginsTooEarly where another term on these goods begins later already.
    """
    offer = _lock(session, offer_id)
    if offer.is_offered_by_shop == by_shop or (person_id is not None and person_id == offer.offered_by):
        raise OwnCommissionOffer
    starts_at, ends_at = max(clock.now(), _midnight(offer.starts_on)), None
    if offer.ends_on is not None:
        ends_at = _midnight(offer.ends_on + timedelta(days=1))
        if ends_at <= starts_at:
            raise WrongCommission(field="ends_on", fault="over")
    term = begin_term(
        session, actor, merchant_id=offer.merchant_id, basis_points=offer.basis_points, borne_by=Bearer(offer.borne_by),
        starts_at=starts_at, sold=Sold(goods=offer.goods, ends_at=ends_at),
    )  # fmt: skip
    offer.term_id = term.id
    _answer(offer, person_id, "signed")
    session.flush()
    audit.record(session, actor, "sign", "commission offer", offer.id, after={"term_id": term.id, **_facts(offer)})
    return term


def decline_commission(session: Session, actor: Actor, person_id: int | None, offer_id: int, *, by_shop: bool) -> None:
    """Refuse what the other side has proposed, or take back what one's own has.

    Raises CommissionOfferNotFound, CommissionOfferDecided.
    """
    offer = _lock(session, offer_id)
    state = "withdrawn" if offer.is_offered_by_shop == by_shop else "refused"
    _answer(offer, person_id, state)
    session.flush()
    audit.record(session, actor, state, "commission offer", offer.id)


def _lock(session: Session, offer_id: int) -> CommissionOffer:
    """The offer, behind its shop, so that two signatures of one shop do not meet. Raises as above."""
    merchant_id = session.scalar(select(CommissionOffer.merchant_id).where(CommissionOffer.id == offer_id))
    if merchant_id is None:
        raise CommissionOfferNotFound(offer_id=offer_id)
    session.get(Merchant, merchant_id, with_for_update=True)
    offer = session.get_one(CommissionOffer, offer_id, with_for_update=True, populate_existing=True)
    if offer.state != "offered":
        raise CommissionOfferDecided(state=offer.state)
    return offer


def _answer(offer: CommissionOffer, person_id: int | None, state: str) -> None:
    offer.state, offer.answered_by, offer.answered_at = state, person_id, clock.now()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, TEHRAN).astimezone(UTC)


def _facts(offer: CommissionOffer) -> dict[str, object]:
    return {
        "goods": offer.goods, "basis_points": offer.basis_points, "borne_by": offer.borne_by,
        "starts_on": offer.starts_on.isoformat(), "ends_on": offer.ends_on.isoformat() if offer.ends_on else None,
    }  # fmt: skip
