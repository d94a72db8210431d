"""Seats that cost money: held, paid in the same transaction, given back by the terms, and all of it where a date is called off."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.queries import money_left
from identity.models import Person
from identity.permissions import Identity, Role
from kernel import clock
from kernel.background import run_errand
from kernel.db import unit_of_work
from kernel.messages.queries import facts_sent_to
from kernel.outbox import Relay
from merchants.models import Merchant
from reservations.bookings.models import Booking
from reservations.bookings.queries import cancelling_costs
from reservations.bookings.services.cancelling import cancel, end_holds, mark_no_show
from reservations.bookings.services.paying import pay
from reservations.errors import (
    CalledOff,
    FullyBooked,
    HoldHasEnded,
    NoShop,
    ProgrammeNotFound,
    TooEarly,
    TooManyHolds,
    TurnTaken,
)
from reservations.handlers import HANDLERS
from reservations.lodging.rules import Party, Step, Terms
from reservations.programmes.models import ShrineProgramme, ShrineSession
from reservations.programmes.queries import session_row, sessions_page
from reservations.programmes.rules import Prices
from reservations.programmes.services.calling_off import call_off, decide_due
from reservations.programmes.services.planning import open_programme, set_prices
from reservations.programmes.services.seating import take_seats
from reservations.tasks import STEPS
from tests import factories
from tests.factories import ACTOR
from tests.reservations import stays

MONEY = 9_000_000
FAMILY = ("family", Party(men=1, women=1, children=1))
COSTS = 2 * stays.RATE + stays.RATE // 2


@pytest.fixture
def pilgrim(session: Session) -> Identity:
    return factories.account(session)[0]


@pytest.fixture
def card(session: Session, pilgrim: Identity) -> Card:
    made = factories.card(session, person_id=pilgrim.person_id, money_rial=MONEY)
    session.commit()
    return made


def free(session: Session, of: ShrineSession) -> int:
    return session_row(session, of.id, clock.now()).free


def shop_is_owed(session: Session, shop: Merchant) -> int:
    session.execute(text("SELECT ledger.roll_up(10000)"))
    owed = text("SELECT balance FROM ledger.account WHERE wallet_id = :wallet AND kind = 20")
    return int(session.execute(owed, {"wallet": shop.wallet_id}).scalar_one())


def test_a_family_is_held_pays_by_card_and_gets_back_what_the_terms_say(session: Session, pilgrim: Identity, card: Card) -> None:
    of, shop = stays.tour(session, terms=Terms((Step(24, 2_000),)))
    held = take_seats(session, pilgrim, stays.seats_of(session, of, FAMILY))
    assert (held.state, held.price_rial, held.merchant_id, free(session, of)) == ("held", COSTS, shop.id, 1)
    key = str(uuid4())
    paid = pay(session, pilgrim, held.id, card.id, key)
    assert pay(session, pilgrim, held.id, card.id, key).paid_rial == COSTS
    assert (paid.state, money_left(session, card.wallet_id)) == ("confirmed", MONEY - COSTS)
    assert shop_is_owed(session, shop) == COSTS
    assert cancelling_costs(paid, clock.now()) == (COSTS // 5, COSTS - COSTS // 5)
    cancel(session, pilgrim, held.id)
    assert (money_left(session, card.wallet_id), free(session, of)) == (MONEY - COSTS // 5, 4)
    assert shop_is_owed(session, shop) == COSTS // 5


def test_a_hold_that_has_run_out_holds_nothing_swept_or_not(session: Session, pilgrim: Identity, card: Card) -> None:
    of, _ = stays.tour(session, family=3, days_between=30)
    other, _ = factories.account(session)
    passports = (("passport", "IRQ", "A1234567"), ("passport", "IRQ", "A1234568"))
    held = take_seats(session, pilgrim, stays.seats_of(session, of, FAMILY, documents=passports))
    with pytest.raises(FullyBooked):
        take_seats(session, other, stays.seats_of(session, of, FAMILY, documents=passports))
    with clock.frozen(held.held_until):
        assert free(session, of) == 3
        with pytest.raises(HoldHasEnded):
            pay(session, pilgrim, held.id, card.id, str(uuid4()))
        taken = take_seats(session, other, stays.seats_of(session, of, FAMILY, documents=passports))
        assert (taken.state, held.state, end_holds(session)) == ("held", "expired", 0)
    with pytest.raises(FullyBooked):
        take_seats(session, pilgrim, stays.seats_of(session, of, ("family", Party(women=1, children=1)), documents=passports[:1]))


def test_a_guest_whose_turn_is_held_has_no_other(session: Session, pilgrim: Identity) -> None:
    of, _ = stays.tour(session, men=5, days_between=30)
    take_seats(session, pilgrim, stays.seats_of(session, of, ("men", Party(men=1))))
    with pytest.raises(TurnTaken):
        take_seats(session, pilgrim, stays.seats_of(session, of, ("men", Party(men=1))))


def test_nobody_keeps_many_seats_without_paying(session: Session, pilgrim: Identity) -> None:
    of, _ = stays.tour(session, men=9)
    for _ in range(4):
        take_seats(session, pilgrim, stays.seats_of(session, of, ("men", Party(men=1))))
    with pytest.raises(TooManyHolds):
        take_seats(session, pilgrim, stays.seats_of(session, of, ("men", Party(men=1))))


def test_too_few_people_call_a_tour_off_at_its_deadline_and_all_get_everything_back_told_once(
    session: Session, pilgrim: Identity, card: Card
) -> None:
    of, _ = stays.tour(session, least_people=4, terms=Terms((), 10_000))
    session.get_one(Person, pilgrim.person_id).mobile = "+989151234567"
    paid, held = (take_seats(session, who, stays.seats_of(session, of, party)) for who, party in (
        (pilgrim, FAMILY), (factories.account(session)[0], ("family", Party(children=1))),
    ))  # fmt: skip
    pay(session, pilgrim, paid.id, card.id, str(uuid4()))
    session.commit()
    with clock.frozen(of.starts_at - timedelta(hours=6, seconds=1)):
        assert decide_due(session) == 0
    with clock.frozen(of.starts_at - timedelta(hours=6)), unit_of_work() as opened:
        assert (decide_due(opened), decide_due(opened)) == (1, 0), "who only holds does not count"
    session.expire_all()
    assert sessions_page(session, clock.now()) == []
    with pytest.raises(CalledOff):
        take_seats(session, pilgrim, stays.seats_of(session, of, ("family", Party(children=1))))
    session.rollback()
    for _ in range(2):
        run_errand(STEPS["end_called_off"][0])
    session.expire_all()
    assert [session.get_one(Booking, one.id).state for one in (paid, held)] == ["cancelled", "cancelled"]
    assert (session.get_one(Booking, paid.id).paid_rial, money_left(session, card.wallet_id)) == (0, MONEY)
    relay = Relay()
    for event, handler in HANDLERS:
        relay.on(event, handler)
    relay.deliver(session)
    [told] = facts_sent_to(session, "+989151234567", "programme_called_off")
    assert told["refund"] == "2,500,000"


def test_nobody_keeps_money_for_a_date_that_does_not_take_place(session: Session, pilgrim: Identity, card: Card) -> None:
    """Also in the moment before the bookings of a date that was called off are ended."""
    of, shop = stays.tour(session, terms=Terms((), 10_000))
    clerk, _ = factories.account(session, Role.CASHIER, organisation_id=shop.organisation_id)
    paid = take_seats(session, pilgrim, stays.seats_of(session, of, FAMILY))
    pay(session, pilgrim, paid.id, card.id, str(uuid4()))
    call_off(session, ACTOR, session.get_one(ShrineProgramme, of.programme_id), of.id)
    with clock.frozen(of.starts_at + timedelta(days=2)), pytest.raises(CalledOff):
        mark_no_show(session, clerk, paid.id)
    cancel(session, pilgrim, paid.id)
    assert money_left(session, card.wallet_id) == MONEY


def test_enough_people_and_it_goes_whatever_happens_later(session: Session, pilgrim: Identity, card: Card) -> None:
    of, _ = stays.tour(session, least_people=3)
    paid = take_seats(session, pilgrim, stays.seats_of(session, of, FAMILY))
    pay(session, pilgrim, paid.id, card.id, str(uuid4()))
    with clock.frozen(of.starts_at - timedelta(hours=5)):
        assert decide_due(session) == 0
        cancel(session, pilgrim, paid.id)
        assert (decide_due(session), of.called_off_at, of.decided_at) == (0, None, clock.now())


def test_who_runs_a_tour_calls_a_date_off_before_it_begins(session: Session) -> None:
    of, _ = stays.tour(session)
    programme = session.get_one(ShrineProgramme, of.programme_id)
    other, _ = stays.tour(session)
    with pytest.raises(ProgrammeNotFound):
        call_off(session, ACTOR, programme, other.id)
    with clock.frozen(of.starts_at), pytest.raises(TooEarly):
        call_off(session, ACTOR, programme, of.id)
    first = call_off(session, ACTOR, programme, of.id).called_off_at
    assert call_off(session, ACTOR, programme, of.id).called_off_at == first


def test_prices_need_a_shop_and_what_is_booked_keeps_its_own(session: Session, pilgrim: Identity) -> None:
    of, shop = stays.tour(session)
    programme = session.get_one(ShrineProgramme, of.programme_id)
    held = take_seats(session, pilgrim, stays.seats_of(session, of, FAMILY))
    with pytest.raises(NoShop):
        set_prices(session, ACTOR, programme, None, Prices(1), Terms())
    set_prices(session, ACTOR, programme, shop, Prices(), Terms())
    assert (held.price_rial, programme.merchant_id) == (COSTS, None)
    assert take_seats(session, pilgrim, stays.seats_of(session, of, ("family", Party(children=1)))).state == "confirmed"


def test_a_closed_programme_and_one_whose_shop_is_suspended_take_nobody(session: Session, pilgrim: Identity) -> None:
    of, shop = stays.tour(session)
    programme = session.get_one(ShrineProgramme, of.programme_id)
    open_programme(session, ACTOR, programme, is_open=False)
    for _ in range(2):
        assert sessions_page(session, clock.now()) == []
        with pytest.raises(ProgrammeNotFound):
            take_seats(session, pilgrim, stays.seats_of(session, of, FAMILY))
        open_programme(session, ACTOR, programme, is_open=True)
        shop.status = "suspended"
        session.flush()
