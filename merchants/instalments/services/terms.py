"""What a shop's contract says of instalments and of paying at once: offered by one side, signed by the other."""

from datetime import UTC, date, datetime, time

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.models import Organisation
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import TEHRAN, local_day
from merchants.errors import MerchantNotFound
from merchants.instalments.errors import OwnTerms, TermsDecided, TermsNotFound, TermsWaiting, WrongTerms
from merchants.instalments.models import SaleTerms
from merchants.instalments.rules import FEWEST, MOST_INSTALMENTS
from merchants.models import Contract, Merchant
from merchants.services import sign_contract
from merchants.settlement.rules.prices import Bearer
from merchants.settlement.services.terms import Sold, begin_term

MOST_RIAL = 10_000_000_000
MONTHS, DAYS = range(1, 7), range(10, 121)
SHARE = range(10_001)


class Offer(Struct, frozen=True):
    """As it is typed and understood; see `models.SaleTerms`."""

    counts: tuple[int, ...]
    least_rial: int
    most_rial: int
    starts_on: date
    ends_on: date | None = None
    every_months: int | None = 1
    every_days: int | None = None
    fee_rial: int = 0
    giver_id: int | None = None
    shop_basis_points: int = 0
    cash_discount_basis_points: int = 0
    discounts_card_prices: bool = False


def offer_terms(
    session: Session, actor: Actor, person_id: int | None, merchant_id: int, offer: Offer, *, by_shop: bool
) -> SaleTerms:
    """Put terms before the other side. Raises MerchantNotFound, TermsWaiting, WrongTerms."""
    if session.get(Merchant, merchant_id, with_for_update=True) is None:
        raise MerchantNotFound(merchant_id=merchant_id)
    _check(session, offer)
    waiting = select(SaleTerms.id).where(SaleTerms.merchant_id == merchant_id, SaleTerms.state == "offered")
    if session.scalar(waiting) is not None:
        raise TermsWaiting
    terms = SaleTerms(
        merchant_id=merchant_id, counts=sorted(set(offer.counts)), least_rial=offer.least_rial, most_rial=offer.most_rial,
        every_months=offer.every_months, every_days=offer.every_days, fee_rial=offer.fee_rial, giver_id=offer.giver_id,
        shop_basis_points=offer.shop_basis_points, cash_discount_basis_points=offer.cash_discount_basis_points,
        discounts_card_prices=offer.discounts_card_prices, starts_on=offer.starts_on, ends_on=offer.ends_on, state="offered",
        is_offered_by_shop=by_shop, offered_by=person_id, offered_at=clock.now(),
    )  # fmt: skip
    session.add(terms)
    session.flush()
    audit.record(session, actor, "offer", "sale terms", terms.id, after={"merchant_id": merchant_id, **_facts(terms)})
    return terms


def _check(session: Session, offer: Offer) -> None:
    """Raises WrongTerms for the first field that is wrong."""
    faults = (
        ("counts", any(not FEWEST <= count <= MOST_INSTALMENTS for count in offer.counts)),
        ("counts", not offer.counts and not offer.cash_discount_basis_points),
        ("least", not 0 < offer.least_rial <= MOST_RIAL),
        ("most", not offer.least_rial <= offer.most_rial <= MOST_RIAL),
        ("every", (offer.every_months is None) == (offer.every_days is None)),
        ("every", offer.every_months is not None and offer.every_months not in MONTHS),
        ("every", offer.every_days is not None and offer.every_days not in DAYS),
        ("fee", not 0 <= offer.fee_rial <= offer.least_rial),
        ("commission", offer.shop_basis_points not in SHARE),
        ("cash_discount", not 0 <= offer.cash_discount_basis_points < SHARE[-1]),
        ("starts_on", offer.starts_on < local_day(clock.now())),
        ("ends_on", offer.ends_on is not None and offer.ends_on < offer.starts_on),
        ("giver", offer.giver_id is not None and session.get(Organisation, offer.giver_id) is None),
    )
    for field, is_wrong in faults:
        if is_wrong:
            raise WrongTerms(field=field, fault=field)


def sign_terms(session: Session, actor: Actor, person_id: int | None, terms_id: int, *, by_shop: bool) -> Contract:
    """Accept what the other side has offered: from its first day on it is the merchant's contract, which keeps all else it says.

    Raises TermsNotFound, TermsDecided, OwnTerms; ContractBeginsTooEarly where another version begins later already.
    """
    terms = _lock(session, terms_id)
    if terms.is_offered_by_shop == by_shop or (person_id is not None and person_id == terms.offered_by):
        raise OwnTerms
    starts_at = max(clock.now(), datetime.combine(terms.starts_on, time.min, TEHRAN).astimezone(UTC))
    before = _version_at(session, terms.merchant_id, starts_at)
    contract = sign_contract(
        session, actor, terms.merchant_id, starts_at=starts_at,
        programme_id=before.programme_id if before else None, earns=bool(before and before.earns),
        spends=bool(before and before.spends), purchase_limit_rial=before.purchase_limit_rial if before else None,
        cash_limit_rial=before.cash_limit_rial if before else None,
    )  # fmt: skip
    terms.contract_id = contract.id
    _answer(terms, person_id, "signed")
    audit.record(session, actor, "sign", "sale terms", terms.id, after={"contract_id": contract.id, **_facts(terms)})
    if terms.counts:
        begin_term(
            session, actor, merchant_id=terms.merchant_id, starts_at=starts_at, basis_points=terms.shop_basis_points,
            borne_by=Bearer.SHOP, sold=Sold(on_instalments=True),
        )  # fmt: skip
    session.flush()
    return contract


def decline_terms(session: Session, actor: Actor, person_id: int | None, terms_id: int, *, by_shop: bool) -> None:
    """Refuse what the other side has offered, or take back what one's own has. Raises TermsNotFound, TermsDecided."""
    terms = _lock(session, terms_id)
    state = "withdrawn" if terms.is_offered_by_shop == by_shop else "refused"
    _answer(terms, person_id, state)
    audit.record(session, actor, state, "sale terms", terms.id)


def _version_at(session: Session, merchant_id: int, at: datetime) -> Contract | None:
    begun = select(Contract).where(Contract.merchant_id == merchant_id, Contract.starts_at <= at)
    return session.scalar(begun.order_by(Contract.starts_at.desc()).limit(1))


def _lock(session: Session, terms_id: int) -> SaleTerms:
    terms = session.get(SaleTerms, terms_id, with_for_update=True, populate_existing=True)
    if terms is None:
        raise TermsNotFound(terms_id=terms_id)
    if terms.state != "offered":
        raise TermsDecided(state=terms.state)
    return terms


def _answer(terms: SaleTerms, person_id: int | None, state: str) -> None:
    terms.state, terms.answered_by, terms.answered_at = state, person_id, clock.now()


def _facts(terms: SaleTerms) -> dict[str, object]:
    return {
        "counts": list(terms.counts), "least_rial": terms.least_rial, "most_rial": terms.most_rial,
        "every_months": terms.every_months, "every_days": terms.every_days, "fee_rial": terms.fee_rial,
        "giver_id": terms.giver_id, "shop_basis_points": terms.shop_basis_points,
        "cash_discount_basis_points": terms.cash_discount_basis_points, "discounts_card_prices": terms.discounts_card_prices,
        "starts_on": terms.starts_on.isoformat(),
        "ends_on": terms.ends_on.isoformat() if terms.ends_on else None,
    }  # fmt: skip
