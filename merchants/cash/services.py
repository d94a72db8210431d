"""Offering a cash limit, and the shop's answer to it."""

from datetime import UTC, date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import TEHRAN, local_day
from kernel.errors import BadInput
from merchants.cash.errors import (
    CashDayTooEarly,
    CashOfferWaiting,
    OwnCashOffer,
    SameCashLimit,
    WrongCashLimit,
)
from merchants.cash.models import CashOffer
from merchants.cash.queries import lock_offer, open_offer, version_at
from merchants.errors import MerchantNotFound
from merchants.instalments.models import SaleTerms
from merchants.models import Contract, Merchant
from merchants.services import sign_contract

MOST_LIMIT_RIAL = 10_000_000_000
LONGEST_WHY = 200


def offer_limit(
    session: Session, identity: Identity, merchant_id: int, limit_rial: int | None, starts_on: date, why: str
) -> CashOffer:
    """Put a limit before the shop; None = it takes no cash for cards. The caller checks who may.

    Raises WrongCashLimit, CashDayTooEarly, BadInput (why), SameCashLimit, CashOfferWaiting, MerchantNotFound.
    """
    if limit_rial is not None and not 0 < limit_rial <= MOST_LIMIT_RIAL:
        raise WrongCashLimit(field="limit", most=MOST_LIMIT_RIAL)
    if starts_on < local_day(clock.now()):
        raise CashDayTooEarly(field="starts_on")
    why = " ".join(why.split())
    if not 0 < len(why) <= LONGEST_WHY:
        raise BadInput(field="why")
    if session.get(Merchant, merchant_id, with_for_update=True) is None:
        raise MerchantNotFound(merchant_id=merchant_id)
    if open_offer(session, merchant_id) is not None:
        raise CashOfferWaiting
    now_in_force = version_at(session, merchant_id, _begins(starts_on))
    if now_in_force is not None and now_in_force.cash_limit_rial == limit_rial:
        raise SameCashLimit(field="limit")
    offer = CashOffer(
        merchant_id=merchant_id, limit_rial=limit_rial, starts_on=starts_on, why=why, state="offered",
        offered_by=identity.person_id, offered_at=clock.now(),
    )  # fmt: skip
    session.add(offer)
    session.flush()
    audit.record(session, identity.actor, "offer", "cash limit", offer.id, after=_facts(offer), why=why)
    return offer


def sign_limit(session: Session, identity: Identity, merchant_id: int, offer_id: int) -> Contract:
    """The shop agrees: from the offer's first day, or from now where that is past, its contract says so and keeps all else.

    Raises CashOfferNotFound, CashOfferDecided, OwnCashOffer, ContractBeginsTooEarly where another version begins later already.
    """
    offer = lock_offer(session, merchant_id, offer_id)
    if offer.offered_by == identity.person_id:
        raise OwnCashOffer
    starts_at = max(clock.now(), _begins(offer.starts_on))
    before = version_at(session, merchant_id, starts_at)
    contract = sign_contract(
        session, identity.actor, merchant_id, starts_at=starts_at, programme_id=before.programme_id if before else None,
        earns=bool(before and before.earns), spends=bool(before and before.spends),
        purchase_limit_rial=before.purchase_limit_rial if before else None, cash_limit_rial=offer.limit_rial,
    )  # fmt: skip
    if before is not None:
        _carry_instalments(session, before, contract)
    offer.contract_id = contract.id
    _answer(session, identity, offer, "signed")
    return contract


def decline_limit(session: Session, identity: Identity, merchant_id: int, offer_id: int, *, by_shop: bool) -> None:
    """The shop refuses, or the network's side takes its offer back. Raises CashOfferNotFound, CashOfferDecided."""
    _answer(session, identity, lock_offer(session, merchant_id, offer_id), "refused" if by_shop else "withdrawn")


def _carry_instalments(session: Session, before: Contract, contract: Contract) -> None:
    """What the version before says of instalments belongs to that version: the new one says the same."""
    terms = session.scalar(select(SaleTerms).where(SaleTerms.contract_id == before.id))
    if terms is None:
        return
    kept = {
        column.key: getattr(terms, column.key)
        for column in SaleTerms.__mapper__.column_attrs
        if column.key not in ("id", "contract_id")
    }
    session.add(SaleTerms(**kept, contract_id=contract.id))


def _answer(session: Session, identity: Identity, offer: CashOffer, state: str) -> None:
    offer.state, offer.answered_by, offer.answered_at = state, identity.person_id, clock.now()
    session.flush()
    audit.record(session, identity.actor, state, "cash limit", offer.id, before={"state": "offered"}, after=_facts(offer))


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, TEHRAN).astimezone(UTC)


def _facts(offer: CashOffer) -> dict[str, object]:
    return {
        "merchant_id": offer.merchant_id, "limit_rial": offer.limit_rial, "starts_on": offer.starts_on.isoformat(),
        "state": offer.state, "contract_id": offer.contract_id,
    }  # fmt: skip
