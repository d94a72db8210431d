"""The last bed, the last night and one purse, wanted at once: the race is shown without the lock, then not with it."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cardbank.cards.queries import money_left
from identity.permissions import Identity
from kernel import clock
from kernel.db import unit_of_work
from kernel.errors import DomainError
from kernel.outbox import OutboxEvent
from reservations.bookings import queries
from reservations.bookings.models import Booking, BookingPayment, Occupation
from reservations.bookings.rules.states import HOLD, Wanted
from reservations.bookings.services import cancelling, holding, paying
from reservations.bookings.services.holding import Ask
from reservations.lodging import queries as lodging
from reservations.lodging.models import LodgingClass
from reservations.lodging.rules import Party
from reservations.programmes.models import SeatPool, ShrineProgramme, ShrineSession
from reservations.programmes.services import seating
from reservations.programmes.services.planning import add_session
from reservations.programmes.services.seating import SeatAsk
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.factories import ACTOR
from tests.meeting import meet
from tests.reservations import stays

REQUESTS = 1_000
LAST_BEDS = 10
CONNECTIONS = 12
SECONDS = 5.0


def house(session: Session, *beds: int) -> LodgingClass:
    stay = stays.lodging(session)
    made = stays.beds(session, stay, *beds)
    stays.price(session, stay, made)
    return made


def ask(of: LodgingClass, quantity: int = 1, key: str | None = None) -> Ask:
    return Ask(key or str(uuid4()), stays.nights(), (Wanted(of.id, quantity, Party(men=quantity)),))


def kept(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).select_from(Occupation).where(Occupation.released_at.is_(None))) or 0


def unlock(monkeypatch: pytest.MonkeyPatch, session: Session, *, constraint: bool) -> None:
    """Without the lock; with `constraint` False without the last net beneath it, too."""
    monkeypatch.setattr(holding, "_lock", lambda session, class_ids: None)
    if not constraint:
        session.execute(text("ALTER TABLE occupation DROP CONSTRAINT ex_occupation_one_at_a_time"))
        session.commit()


@pytest.mark.parametrize(
    ("guard", "outcomes", "beds"),
    [("none", ["done", "done"], 2), ("constraint", ["IntegrityError", "done"], 1), ("lock", ["done", "fully_booked"], 1)],
)
def test_the_last_bed_is_held_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, guard: str, outcomes: list[str], beds: int
) -> None:
    bed = house(session, 1)
    people = [factories.account(session)[0] for _ in range(2)]
    session.commit()
    if guard != "lock":
        unlock(monkeypatch, session, constraint=guard == "constraint")
    meet(monkeypatch, lodging, "nights_of")
    each = iter(people)
    assert twice(lambda session: holding.hold(session, next(each), ask(bed))) == outcomes
    assert kept(session) == beds


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_double_tap_on_book_is_one_booking(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    bed = house(session, 3)
    who, asked = factories.account(session)[0], ask(bed, 2)
    session.commit()
    if not is_locked:
        unlock(monkeypatch, session, constraint=True)
    meet(monkeypatch, lodging, "nights_of")
    outcomes = twice(lambda session: holding.hold(session, who, asked))
    assert outcomes == (["done", "done"] if is_locked else ["IntegrityError", "done"])
    assert (kept(session), session.scalar(select(func.count()).select_from(Booking))) == (2, 1)


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_double_tap_on_pay_pays_once(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    who, card, booking = held(session)
    if not is_locked:
        unlocked = lambda session, booking_id: session.get_one(Booking, booking_id)  # noqa: E731
        monkeypatch.setattr(queries, "lock_booking", unlocked)
    meet(monkeypatch, paying, "usable_card")
    outcomes = twice(lambda session: paying.pay(session, who, booking.id, card.id, str(uuid4())))
    paid = session.scalar(select(func.count()).select_from(BookingPayment))
    if is_locked:
        assert (outcomes, paid, money_left(session, card.wallet_id)) == (["done", "nothing_due"], 1, 6_000_000)
    else:
        assert (outcomes, paid) == (["done", "done"], 2), "both saw a hold that nobody had paid"


@pytest.mark.parametrize("is_locked", [False, True])
def test_cancelled_twice_is_told_once_and_given_back_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    who, card, booking = held(session)
    paying.pay(session, who, booking.id, card.id, str(uuid4()))
    session.commit()
    if not is_locked:
        unlocked = lambda session, booking_id: session.get_one(Booking, booking_id)  # noqa: E731
        monkeypatch.setattr(queries, "lock_booking", unlocked)
    meet(monkeypatch, cancelling, "cancelling_costs")
    outcomes = twice(lambda session: cancelling.cancel(session, who, booking.id))
    session.expire_all()
    told = session.scalar(select(func.count()).where(OutboxEvent.name == "BookingCancelled"))
    assert (outcomes, told) == (["done", "done"], 1 if is_locked else 2)
    assert money_left(session, card.wallet_id) == 8_000_000
    assert session.get_one(Booking, booking.id).paid_rial == 0


def held(session: Session) -> tuple[Identity, object, Booking]:
    bed = house(session, 1)
    who, _ = factories.account(session)
    booking = holding.hold(session, who, ask(bed))
    session.commit()
    card = factories.card(session, person_id=who.person_id, money_rial=8_000_000)
    session.commit()
    return who, card, booking


def test_a_payment_in_the_last_second_and_somebody_who_wants_the_bed(session: Session) -> None:
    """Whoever is first wins: never both, and nobody waits for ever."""
    who, card, booking = held(session)
    bed = session.scalars(select(LodgingClass)).one()
    other, _ = factories.account(session)
    session.commit()
    ended = booking.held_until
    with unit_of_work() as payer, ThreadPoolExecutor(1) as pool:
        with clock.frozen(ended - HOLD / 2):
            paying.pay(payer, who, booking.id, card.id, str(uuid4()))

        def wants() -> str:
            try:
                with clock.frozen(ended), unit_of_work() as opened:
                    holding.hold(opened, other, ask(bed))
            except DomainError as refusal:
                return refusal.code
            return "done"

        wanting = pool.submit(wants)
        payer.commit()
        outcome = wanting.result(20)
    session.expire_all()
    assert session.get_one(Booking, booking.id).state == "confirmed"
    assert (outcome, kept(session)) in (("fully_booked", 1), ("IntegrityError", 1))


@pytest.mark.slow
def test_a_thousand_who_want_the_last_ten_beds(session: Session) -> None:
    """Through the whole use case, each in a transaction of its own, over as many connections as a web server has."""
    bed = house(session, 6, 4)
    people = [factories.account(session)[0] for _ in range(40)]
    session.commit()

    def one(number: int) -> str:
        try:
            with unit_of_work() as opened:
                holding.hold(opened, people[number % len(people)], ask(bed))
        except DomainError as refusal:
            return refusal.code
        return "held"

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        begun, worked = time.perf_counter(), time.process_time()
        outcomes = Counter(pool.map(one, range(REQUESTS)))
        elapsed, worked = time.perf_counter() - begun, time.process_time() - worked
    assert outcomes == {"held": LAST_BEDS, "fully_booked": REQUESTS - LAST_BEDS}
    assert kept(session) == LAST_BEDS
    places = session.execute(select(Occupation.unit_id, Occupation.bed)).all()
    assert len(set(places)) == LAST_BEDS
    # The time that is held is this process's own: what others do on the machine meanwhile says nothing of the booking.
    print(f"{REQUESTS} requests in {elapsed:.2f} s, of which this process worked {worked:.2f} s")
    assert worked <= SECONDS


@pytest.mark.parametrize("is_locked", [False, True])
def test_the_last_seat_is_taken_once(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    asks, people = seats(session, days_between=None)
    if not is_locked:
        monkeypatch.setattr(
            seating, "lock_pools", lambda session, ids: session.scalars(select(SeatPool).where(SeatPool.id.in_(ids))).all()
        )
    meet(monkeypatch, seating, "seats_taken")
    each = iter(zip(people, asks, strict=True))
    outcomes = twice(lambda session: seating.take_seats(session, *next(each)))
    assert outcomes == (["done", "fully_booked"] if is_locked else ["done", "done"])


@pytest.mark.parametrize("is_guarded", [False, True])
def test_one_person_who_asks_twice_at_once_has_one_turn(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_guarded: bool
) -> None:
    """Two dates share no pool: only the table of turns stands between them."""
    first, _ = seats(session, days_between=30)
    of = session.get_one(ShrineSession, first[0].session_id)
    programme = session.get_one(ShrineProgramme, of.programme_id)
    other = add_session(session, ACTOR, programme, of.starts_at + timedelta(days=2), of.ends_at + timedelta(days=2), {"men": 9})
    pool = session.scalars(select(SeatPool).where(SeatPool.session_id == other.id)).one()
    second = SeatAsk(str(uuid4()), other.id, (Wanted(pool.id, 1, Party(men=1)),))
    who, _ = factories.account(session)
    if not is_guarded:
        session.execute(text("ALTER TABLE turn DROP CONSTRAINT ex_turn_once_in_so_many_days"))
    session.commit()
    meet(monkeypatch, seating, "_standing_turn")
    each = iter((first[0], second))
    outcomes = twice(lambda session: seating.take_seats(session, who, next(each)))
    assert outcomes == (["done", "turn_taken"] if is_guarded else ["done", "done"])


def seats(session: Session, *, days_between: int | None) -> tuple[list[SeatAsk], list[Identity]]:
    """Two who want the one seat of a date."""
    office = factories.organisation(session, "city_office")
    of = stays.planned(session, office.id, factories.city(session).id, days_between=days_between, men=1)
    pool = session.scalars(select(SeatPool).where(SeatPool.session_id == of.id)).one()
    asks = [SeatAsk(str(uuid4()), of.id, (Wanted(pool.id, 1, Party(men=1)),)) for _ in range(2)]
    people = [factories.account(session)[0] for _ in range(2)]
    session.commit()
    return asks, people
