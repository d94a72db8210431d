"""Hold, pay, cancel, stay and leave, with the card's money in the same transaction."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.queries import money_left
from cardbank.errors import CardNotFound, PostingRefused
from cardbank.ledger.verify import verify
from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import TEHRAN
from merchants.settlement.models import PricedLine
from merchants.settlement.services.pricing import price_everything
from reservations.bookings.models import Booking, BookingPayment, Occupation
from reservations.bookings.queries import (
    bookings_of,
    cancelling_costs,
    lines_of,
    own_booking,
    payments_of,
    state_now,
)
from reservations.bookings.rules.states import HOLD, State, Wanted
from reservations.bookings.services.cancelling import cancel, end_holds, mark_no_show
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.paying import pay
from reservations.bookings.services.staying import change_room, check_in, check_out
from reservations.errors import (
    BookingInOtherState,
    BookingNotFound,
    ClassNotFound,
    FullyBooked,
    HoldHasEnded,
    NameNeeded,
    NotBookable,
    NothingDue,
    OtherBooking,
    PartyDoesNotFit,
    RestIsDue,
    TooEarly,
    TooManyHolds,
)
from reservations.lodging.models import LodgingClass, Unit
from reservations.lodging.rules import Nights, Party, Step, Terms
from reservations.lodging.services.registering import set_terms
from tests import factories
from tests.factories import ACTOR
from tests.reservations import stays

MONEY = 50_000_000
TWO = Party(men=1, women=1)


@dataclass
class Town:
    """A house with two rooms and four men's beds, its clerk, and a pilgrim with a card."""

    stay: stays.Stay
    room: LodgingClass
    bed: LodgingClass
    pilgrim: Identity
    clerk: Identity
    card: Card


@pytest.fixture
def town(session: Session) -> Town:
    stay = stays.lodging(session)
    room, bed = stays.rooms(session, stay, 2), stays.beds(session, stay, 3, 1, for_whom="men")
    stays.price(session, stay, room, bed)
    pilgrim, _ = factories.account(session)
    clerk, _ = factories.account(session, Role.CASHIER, organisation_id=stay.merchant.organisation_id)
    card = factories.card(session, person_id=pilgrim.person_id, money_rial=MONEY)
    session.commit()
    return Town(stay, room, bed, pilgrim, clerk, card)


def ask(of: LodgingClass, quantity: int = 1, party: Party = TWO, nights: Nights | None = None, **other: object) -> Ask:
    return Ask(str(uuid4()), nights or stays.nights(), (Wanted(of.id, quantity, party),), **other)  # type: ignore[arg-type]


def booked(session: Session, town: Town, nights: Nights | None = None) -> Booking:
    """A room, paid for."""
    booking = hold(session, town.pilgrim, ask(town.room, nights=nights))
    return pay(session, town.pilgrim, booking.id, town.card.id, str(uuid4()))


def shop_is_owed(session: Session, town: Town) -> int:
    session.execute(text("SELECT ledger.roll_up(10000)"))
    owed = text("SELECT balance FROM ledger.account WHERE wallet_id = :wallet AND kind = 20")
    return int(session.execute(owed, {"wallet": town.stay.merchant.wallet_id}).scalar_one())


def live(session: Session, booking: Booking) -> int:
    kept = (Occupation.booking_id == booking.id) & Occupation.released_at.is_(None)
    return session.scalar(select(func.count()).select_from(Occupation).where(kept)) or 0


def test_find_hold_pay_and_the_money_is_the_houses(session: Session, town: Town) -> None:
    booking = hold(session, town.pilgrim, ask(town.room))
    assert (booking.state, booking.price_rial, booking.deposit_rial) == ("held", 2 * stays.RATE, 2 * stays.RATE)
    assert booking.held_until == booking.made_at + HOLD
    assert (booking.person_id, booking.holder_name) == (town.pilgrim.person_id, town.pilgrim.name)
    pay(session, town.pilgrim, booking.id, town.card.id, str(uuid4()))
    assert (booking.state, booking.paid_rial, booking.held_until) == ("confirmed", 2 * stays.RATE, None)
    assert money_left(session, town.card.wallet_id) == MONEY - 2 * stays.RATE
    assert shop_is_owed(session, town) == 2 * stays.RATE
    [payment] = payments_of(session, booking.id)
    assert payment.entry_id
    [line] = lines_of(session, booking.id)
    assert len(line.places) == 1
    [row] = bookings_of(session, town.pilgrim.person_id, clock.now())
    assert (row.booking.id, row.names) == (booking.id, town.stay.lodging.names)


def test_one_key_is_one_booking_and_one_payment(session: Session, town: Town) -> None:
    asked, key = ask(town.room), str(uuid4())
    booking = hold(session, town.pilgrim, asked)
    assert hold(session, town.pilgrim, asked).id == booking.id
    with pytest.raises(OtherBooking):
        hold(session, town.pilgrim, Ask(asked.key, stays.nights(20), asked.wanted))
    stranger, _ = factories.account(session)
    with pytest.raises(OtherBooking):
        hold(session, stranger, asked)
    for _ in range(2):
        pay(session, town.pilgrim, booking.id, town.card.id, key)
    assert len(payments_of(session, booking.id)) == 1
    with pytest.raises(NothingDue):
        pay(session, town.pilgrim, booking.id, town.card.id, str(uuid4()))
    other = hold(session, town.pilgrim, ask(town.room, nights=stays.nights(30)))
    with pytest.raises(OtherBooking):
        pay(session, town.pilgrim, other.id, town.card.id, key)


def test_a_payment_that_is_refused_books_nothing_and_keeps_the_hold(session: Session, town: Town) -> None:
    poor = factories.card(session, person_id=town.pilgrim.person_id, money_rial=100)
    booking = hold(session, town.pilgrim, ask(town.room))
    session.commit()
    with pytest.raises(PostingRefused):
        pay(session, town.pilgrim, booking.id, poor.id, str(uuid4()))
    session.rollback()
    assert own_booking(session, town.pilgrim, booking.id).state == "held"
    assert session.scalar(select(func.count()).select_from(BookingPayment)) == 0
    stranger, _ = factories.account(session)
    theirs = factories.card(session, person_id=stranger.person_id)
    with pytest.raises(CardNotFound):
        pay(session, town.pilgrim, booking.id, theirs.id, str(uuid4()))
    with pytest.raises(BookingNotFound):
        pay(session, stranger, booking.id, theirs.id, str(uuid4()))


def test_a_hold_that_ran_out_holds_nothing_before_any_sweep(session: Session, town: Town) -> None:
    held = [hold(session, town.pilgrim, ask(town.room)) for _ in range(2)]
    with pytest.raises(FullyBooked):
        hold(session, town.pilgrim, ask(town.room))
    with clock.frozen(clock.now() + HOLD):
        assert state_now(held[0], clock.now()) is State.EXPIRED
        with pytest.raises(HoldHasEnded):
            pay(session, town.pilgrim, held[0].id, town.card.id, str(uuid4()))
        new = hold(session, town.pilgrim, ask(town.room, 2, Party(men=4)))
        assert [session.get_one(Booking, one.id).state for one in held] == ["expired", "expired"]
        assert live(session, new) == 2
    with clock.frozen(clock.now() + 3 * HOLD):
        assert (end_holds(session), end_holds(session)) == (1, 0)
        assert live(session, new) == 0


def test_all_of_a_family_or_nobody(session: Session, town: Town) -> None:
    hold(session, town.pilgrim, ask(town.bed, 2, Party(men=2)))
    with pytest.raises(FullyBooked) as refusal:
        hold(session, town.pilgrim, ask(town.bed, 3, Party(men=3)))
    assert refusal.value.facts == {"free": 2, "asked": 3}
    both = Ask(str(uuid4()), stays.nights(), (Wanted(town.room.id, 1, TWO), Wanted(town.bed.id, 3, Party(men=3))))
    with pytest.raises(FullyBooked):
        hold(session, town.pilgrim, both)
    assert session.scalar(select(func.count()).select_from(Booking)) == 1
    both = Ask(str(uuid4()), stays.nights(), (Wanted(town.room.id, 1, TWO), Wanted(town.bed.id, 2, Party(men=2))))
    booking = hold(session, town.pilgrim, both)
    assert (live(session, booking), booking.price_rial) == (3, 3 * 2 * stays.RATE)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda town: ask(town.bed, 2, Party(men=1, women=1)), PartyDoesNotFit),
        (lambda town: ask(town.room, 1, Party(men=3)), PartyDoesNotFit),
        (lambda town: ask(town.room, 1, Party()), PartyDoesNotFit),
        (lambda town: Ask(str(uuid4()), stays.nights(), (Wanted(10**9, 1, TWO),)), ClassNotFound),
        (lambda town: ask(town.room, nights=stays.nights(389, 5)), NotBookable),
        (lambda town: ask(town.room, holder_name="ن" * 81), NameNeeded),
    ],
)
def test_what_cannot_be_is_not_held(session: Session, town: Town, change: object, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        hold(session, town.pilgrim, change(town))  # type: ignore[operator]
    assert session.scalar(select(func.count()).select_from(Booking)) == 0


def test_nobody_keeps_many_places_without_paying(session: Session, town: Town) -> None:
    for first in range(4):
        hold(session, town.pilgrim, ask(town.room, nights=stays.nights(10 + 5 * first)))
    with pytest.raises(TooManyHolds):
        hold(session, town.pilgrim, ask(town.room, nights=stays.nights(60)))
    at_desk = ask(town.room, nights=stays.nights(60), at_desk=True, holder_name="خانم بی‌تلفن")
    booking = hold(session, town.clerk, at_desk)
    assert (booking.maker_id, booking.person_id, booking.is_at_desk) == (None, None, True)


def test_booking_for_another_and_at_the_desk(session: Session, town: Town) -> None:
    """A leader books for a child and both see it; a clerk books for who has no phone and takes the card that is presented."""
    child, _ = factories.account(session)
    booking = hold(session, town.pilgrim, ask(town.room, person_id=child.person_id))
    for who in (town.pilgrim, child, town.clerk):
        assert own_booking(session, who, booking.id).id == booking.id
    stranger, _ = factories.account(session, Role.CASHIER)
    with pytest.raises(BookingNotFound):
        own_booking(session, stranger, booking.id)
    by_desk = hold(session, town.clerk, ask(town.room, at_desk=True, holder_name=" پیرمرد   زائر "))
    assert by_desk.holder_name == "پیرمرد زائر"
    pay(session, town.clerk, by_desk.id, town.card.id, str(uuid4()))
    assert by_desk.state == "confirmed"
    with pytest.raises(NameNeeded):
        hold(session, town.clerk, ask(town.room, nights=stays.nights(20), at_desk=True))


def at(day: Nights, hour: int = 15, later: int = 0) -> datetime:
    """An hour of the day of arrival, or so many days later."""
    return datetime.combine(day.first + timedelta(days=later), time(hour), TEHRAN)


@pytest.mark.parametrize(("hours", "kept"), [(73, 0), (30, 600_000), (3, 2_000_000)])
def test_cancelling_gives_back_at_once_what_was_agreed(session: Session, town: Town, hours: int, kept: int) -> None:
    booking = booked(session, town)
    set_terms(session, ACTOR, town.stay.lodging, Terms((Step(500, 9_000),)), 5_000)
    with clock.frozen(booking.starts_at - timedelta(hours=hours)):
        assert cancelling_costs(booking, clock.now()) == (kept, 2 * stays.RATE - kept), "the terms of the day it was booked"
        cancel(session, town.pilgrim, booking.id)
        assert cancel(session, town.pilgrim, booking.id).state == "cancelled"
    assert money_left(session, town.card.wallet_id) == MONEY - kept
    assert shop_is_owed(session, town) == kept
    assert live(session, booking) == 0
    payments = payments_of(session, booking.id)
    assert [bool(one.of_id) for one in payments] == [False, True][: 1 + bool(2 * stays.RATE - kept)]
    assert (booking.charged_rial, booking.paid_rial) == (kept, kept)


def test_the_house_is_settled_what_its_bookings_came_to(session: Session, town: Town, database_url: str) -> None:
    """A payment and what went back of it are priced like sales at a till, and the ledger's own checks hold."""
    booking = booked(session, town)
    with clock.frozen(booking.starts_at - timedelta(hours=30)):
        cancel(session, town.pilgrim, booking.id)
    price_everything(session)
    lines = session.scalars(select(PricedLine).where(PricedLine.merchant_id == town.stay.merchant.id)).all()
    assert sorted(line.gross_rial for line in lines) == [-1_400_000, 2_000_000]
    session.execute(text("SELECT ledger.roll_up(10000)"))
    session.commit()
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert [check for check in verify(connection) if not check.ok] == []


def test_a_deposit_now_and_the_rest_later(session: Session, town: Town) -> None:
    set_terms(session, ACTOR, town.stay.lodging, Terms(), 3_000)
    booking = booked(session, town)
    assert (booking.state, booking.paid_rial) == ("confirmed", 600_000)
    with clock.frozen(at(stays.nights())):
        with pytest.raises(RestIsDue) as refusal:
            check_in(session, town.clerk, booking.id)
        assert refusal.value.facts == {"rest_rial": 1_400_000}
    pay(session, town.pilgrim, booking.id, town.card.id, str(uuid4()))
    assert booking.paid_rial == 2_000_000
    cancel(session, town.pilgrim, booking.id)
    assert money_left(session, town.card.wallet_id) == MONEY
    back = [(one.amount_rial, one.of_id) for one in payments_of(session, booking.id) if one.of_id]
    assert [amount for amount, _ in back] == [1_400_000, 600_000], "the newest payment goes back first"


def test_arrive_leave_early_and_get_the_nights_back(session: Session, town: Town) -> None:
    nights = stays.nights(10, 4)
    booking = booked(session, town, nights)
    with pytest.raises(TooEarly), clock.frozen(at(nights, later=-1)):
        check_in(session, town.clerk, booking.id)
    with pytest.raises(BookingNotFound):
        check_in(session, town.pilgrim, booking.id)
    with clock.frozen(at(nights)):
        check_in(session, town.clerk, booking.id)
        assert check_in(session, town.clerk, booking.id).state == "arrived"
        with pytest.raises(BookingInOtherState):
            cancel(session, town.pilgrim, booking.id)
    with clock.frozen(at(nights, 9, later=1)):
        check_out(session, town.clerk, booking.id)
        assert check_out(session, town.clerk, booking.id).state == "left"
        again = [hold(session, town.pilgrim, ask(town.room, nights=Nights(stays.today(), nights.until))) for _ in range(2)]
    assert len(again) == 2, "the nights that were given back are free"
    assert money_left(session, town.card.wallet_id) == MONEY - stays.RATE
    assert (booking.charged_rial, booking.paid_rial, shop_is_owed(session, town)) == (stays.RATE,) * 3
    assert booking.nights.upper == nights.first + timedelta(days=1)


def test_leaving_on_the_last_day_gives_nothing_back(session: Session, town: Town) -> None:
    nights = stays.nights()
    booking = booked(session, town, nights)
    with clock.frozen(at(nights)):
        check_in(session, town.clerk, booking.id)
    with clock.frozen(at(nights, 9, later=2)):
        check_out(session, town.clerk, booking.id)
    assert money_left(session, town.card.wallet_id) == MONEY - 2 * stays.RATE
    assert (booking.nights.lower, booking.nights.upper) == (nights.first, nights.until)


def test_who_does_not_come_pays_and_the_room_is_free(session: Session, town: Town) -> None:
    nights = stays.nights()
    booking = booked(session, town, nights)
    with clock.frozen(at(nights, 23)), pytest.raises(TooEarly):
        mark_no_show(session, town.clerk, booking.id)
    with clock.frozen(at(nights, 8, later=1)):
        mark_no_show(session, town.clerk, booking.id)
        assert mark_no_show(session, town.clerk, booking.id).state == "no_show"
    assert (money_left(session, town.card.wallet_id), live(session, booking)) == (MONEY - 2 * stays.RATE, 0)


def test_changing_rooms_in_the_middle_of_a_stay(session: Session, town: Town) -> None:
    nights = stays.nights(10, 3)
    booking = booked(session, town, nights)
    [line] = lines_of(session, booking.id)
    occupation_id = line.places[0][0]
    units = session.scalars(select(Unit).where(Unit.class_id == town.room.id).order_by(Unit.id)).all()
    with clock.frozen(at(nights)):
        check_in(session, town.clerk, booking.id)
    dormitory = stays.unit_of(session, town.bed)
    with clock.frozen(at(nights, 9, later=1)):
        with pytest.raises(PartyDoesNotFit):
            change_room(session, town.clerk, booking.id, occupation_id, dormitory.id)
        moved = change_room(session, town.clerk, booking.id, occupation_id, units[1].id)
        with pytest.raises(BookingNotFound):
            change_room(session, town.pilgrim, booking.id, moved.id, units[0].id)
        other = hold(session, town.pilgrim, ask(town.room, nights=Nights(stays.today(), nights.until)))
        assert [place[1] for line in lines_of(session, other.id) for place in line.places] == [units[0].code]
        with pytest.raises(FullyBooked):
            change_room(session, town.clerk, booking.id, moved.id, units[0].id)
    slept = session.scalars(select(Occupation).where(Occupation.booking_id == booking.id).order_by(Occupation.id)).all()
    assert [(one.unit_id, one.nights.lower, one.nights.upper) for one in slept] == [
        (units[0].id, nights.first, nights.first + timedelta(days=1)), (units[1].id, nights.first + timedelta(days=1), nights.until),
    ]  # fmt: skip
