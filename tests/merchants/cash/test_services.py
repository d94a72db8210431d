"""Offers of cash limits: what each side may do, and what a signed one makes of the contract."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from kernel.db import unit_of_work
from kernel.errors import BadInput
from merchants.cash import queries, services
from merchants.cash.errors import (
    CashDayTooEarly,
    CashOfferDecided,
    CashOfferNotFound,
    CashOfferWaiting,
    OwnCashOffer,
    SameCashLimit,
    WrongCashLimit,
)
from merchants.cash.models import CashOffer
from merchants.cash.services import MOST_LIMIT_RIAL, decline_limit, offer_limit, sign_limit
from merchants.errors import ContractBeginsTooEarly
from merchants.models import Contract, Merchant
from merchants.queries import terminal_profile
from tests import factories

TODAY = local_day(clock.now())


@pytest.fixture
def officer(session: Session) -> Identity:
    return factories.account(session, Role.OPERATOR)[0]


@pytest.fixture
def shop(session: Session) -> Merchant:
    merchant = factories.merchant(session)
    club = factories.programme(session)
    factories.contract(session, merchant.id, programme_id=club.id, purchase_limit_rial=7_000, cash_limit_rial=1_000)
    return merchant


@pytest.fixture
def owner(session: Session, shop: Merchant) -> Identity:
    return factories.account(session, Role.MERCHANT, organisation_id=shop.organisation_id)[0]


def offer(session: Session, officer: Identity, shop: Merchant, limit: int | None = 5_000, day: date = TODAY) -> CashOffer:
    return offer_limit(session, officer, shop.id, limit, day, "Arbaeen is near")


def test_a_signed_offer_is_a_version_that_keeps_all_else(
    session: Session, officer: Identity, owner: Identity, shop: Merchant
) -> None:
    before = queries.version_at(session, shop.id, clock.now())
    assert before is not None
    till = factories.terminal(session, shop=shop)
    signed = sign_limit(session, owner, shop.id, offer(session, officer, shop).id)
    assert (signed.cash_limit_rial, signed.purchase_limit_rial, signed.programme_id) == (5_000, 7_000, before.programme_id)
    assert (signed.earns, signed.spends, before.ends_at, before.cash_limit_rial) == (True, True, signed.starts_at, 1_000)
    profile = terminal_profile(session, till.code)
    assert profile is not None
    assert profile.cash_limit_rial == 5_000
    assert sign_limit(session, owner, shop.id, offer(session, officer, shop, None).id).cash_limit_rial is None


def test_it_holds_from_its_first_day_on(session: Session, officer: Identity, owner: Identity, shop: Merchant) -> None:
    day = TODAY + timedelta(days=3)
    signed = sign_limit(session, owner, shop.id, offer(session, officer, shop, day=day).id)
    assert local_day(signed.starts_at) == day
    now_in_force = queries.version_at(session, shop.id, clock.now())
    assert now_in_force is not None
    assert now_in_force.cash_limit_rial == 1_000
    sooner = offer(session, officer, shop, 9_000)
    with pytest.raises(ContractBeginsTooEarly):
        sign_limit(session, owner, shop.id, sooner.id)


def test_one_offer_waits_at_a_time_and_is_answered_once(
    session: Session, officer: Identity, owner: Identity, shop: Merchant
) -> None:
    first = offer(session, officer, shop)
    with pytest.raises(CashOfferWaiting):
        offer(session, officer, shop, 6_000)
    with pytest.raises(OwnCashOffer):
        sign_limit(session, officer, shop.id, first.id)
    with pytest.raises(CashOfferNotFound):
        sign_limit(session, owner, factories.merchant(session).id, first.id)
    decline_limit(session, owner, shop.id, first.id, by_shop=True)
    with pytest.raises(CashOfferDecided):
        sign_limit(session, owner, shop.id, first.id)
    second = offer(session, officer, shop, 6_000)
    decline_limit(session, officer, shop.id, second.id, by_shop=False)
    assert [first.state, second.state] == ["refused", "withdrawn"]
    assert session.scalar(select(func.count()).select_from(Contract).where(Contract.merchant_id == shop.id)) == 1


@pytest.mark.parametrize(
    ("limit", "day", "why", "refusal"),
    [
        (0, TODAY, "x", WrongCashLimit),
        (MOST_LIMIT_RIAL + 1, TODAY, "x", WrongCashLimit),
        (5, TODAY - timedelta(days=1), "x", CashDayTooEarly),
        (5, TODAY, "  ", BadInput),
        (1_000, TODAY, "x", SameCashLimit),
    ],
)
def test_a_wrong_offer_is_refused(
    session: Session, officer: Identity, shop: Merchant, limit: int, day: date, why: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        offer_limit(session, officer, shop.id, limit, day, why)


def answers_at_once(shop: Merchant, offer_id: int, owner: Identity) -> list[str]:
    """The owner refuses while the operator withdraws."""
    both = threading.Barrier(2)

    def answer(by_shop: bool) -> str:
        with unit_of_work() as session:
            session.info["both"] = both
            try:
                decline_limit(session, owner, shop.id, offer_id, by_shop=by_shop)
            except CashOfferDecided:
                return "late"
            return "done"

    with ThreadPoolExecutor(2) as pool:
        return sorted(call.result() for call in [pool.submit(answer, by_shop) for by_shop in (True, False)])


def test_without_the_lock_an_offer_is_both_refused_and_withdrawn(
    session: Session, officer: Identity, owner: Identity, shop: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = offer(session, officer, shop)
    session.commit()

    def seen_only(session: Session, merchant_id: int, offer_id: int) -> CashOffer:
        found = session.get_one(CashOffer, offer_id)
        session.info["both"].wait(10)
        return found

    monkeypatch.setattr(services, "lock_offer", seen_only)
    assert answers_at_once(shop, made.id, owner) == ["done", "done"]


def test_with_the_lock_the_second_answer_is_late(session: Session, officer: Identity, owner: Identity, shop: Merchant) -> None:
    made = offer(session, officer, shop)
    session.commit()
    assert answers_at_once(shop, made.id, owner) == ["done", "late"]
