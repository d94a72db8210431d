"""Seats that cost money, offers of a line, and a date that is called off while somebody pays: shown without the lock, then not with it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import ModuleType
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.cards.queries import money_left
from identity.permissions import Identity
from kernel import clock
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.rules.states import State
from reservations.bookings.services import paying, waiting_line
from reservations.bookings.services.cancelling import cancel
from reservations.lodging.rules import Party
from reservations.programmes.models import Seating, SeatPool, ShrineSession
from reservations.programmes.services import calling_off, seating, waiting
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.meeting import Meeting, meet
from tests.reservations import stays

MONEY = 9_000_000
both = pytest.mark.parametrize("is_locked", [False, True])


def unlock_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        seating, "lock_pools", lambda session, ids: session.scalars(select(SeatPool).where(SeatPool.id.in_(ids))).all()
    )


def held(session: Session, of: ShrineSession, men: int = 1) -> tuple[Identity, object, Booking]:
    who, _ = factories.account(session)
    booking = seating.take_seats(session, who, stays.seats_of(session, of, ("men", Party(men=men))))
    card = factories.card(session, person_id=who.person_id, money_rial=MONEY)
    session.commit()
    return who, card, booking


def meet_at(monkeypatch: pytest.MonkeyPatch, *places: tuple[ModuleType, str]) -> None:
    """As `meet`, for two who do different things: each waits behind its own function for the other."""
    meeting = Meeting()
    for module, name in places:
        monkeypatch.setattr(module, name, partial(_met, meeting, getattr(module, name)))


def _met(meeting: Meeting, real: Callable[..., object], *arguments: object) -> object:
    result = real(*arguments)
    meeting.wait()
    return result


def at_once(*works: Callable[[Session], object]) -> list[str]:
    turns = iter(works)

    def one(session: Session) -> None:
        next(turns)(session)

    return twice(one)


def seats_kept(session: Session) -> int:
    session.expire_all()
    return int(session.scalar(select(func.sum(Seating.quantity)).where(Seating.released_at.is_(None))) or 0)


@both
def test_the_last_seat_that_costs_money_is_held_once(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    of, _ = stays.tour(session, men=1)
    people = [factories.account(session)[0] for _ in range(2)]
    asks = [stays.seats_of(session, of, ("men", Party(men=1))) for _ in people]
    session.commit()
    if not is_locked:
        unlock_pools(monkeypatch)
    meet(monkeypatch, seating, "seats_taken")
    each = iter(zip(people, asks, strict=True))
    outcomes = twice(lambda session: seating.take_seats(session, *next(each)))
    assert outcomes == (["done", "fully_booked"] if is_locked else ["done", "done"])
    assert seats_kept(session) == (1 if is_locked else 2)


@both
def test_a_hold_that_ends_while_it_is_paid_is_not_sold_again(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    """Who comes next ends the hold under the booking's lock, and so waits for who pays for it."""
    of, _ = stays.tour(session, men=1)
    who, card, booking = held(session, of)
    other, _ = factories.account(session)
    asked = stays.seats_of(session, of, ("men", Party(men=1)))
    session.commit()
    if not is_locked:
        monkeypatch.setattr(seating, "ended_holds", lambda *_: [])
    meet_at(monkeypatch, (paying, "usable_card"), (seating, "lock_pools"))
    in_time, late = booking.held_until - timedelta(seconds=1), booking.held_until

    def pays(session: Session) -> None:
        with clock.frozen(in_time):
            paying.pay(session, who, booking.id, card.id, str(uuid4()))

    def comes(session: Session) -> None:
        with clock.frozen(late):
            seating.take_seats(session, other, asked)

    outcomes = at_once(pays, comes)
    assert (outcomes, seats_kept(session)) == ((["done", "fully_booked"], 1) if is_locked else (["done", "done"], 2))


@both
def test_nobody_pays_for_a_date_that_is_called_off_meanwhile(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    of, _ = stays.tour(session, men=4, least_people=2)
    who, card, booking = held(session, of)
    if not is_locked:
        monkeypatch.setattr(paying, "lock_takes_place", lambda session, number: session.get_one(ShrineSession, number))
    meet_at(monkeypatch, (paying, "usable_card"), (calling_off, "people_coming"))

    def calls_off(session: Session) -> None:
        with clock.frozen(of.starts_at - timedelta(hours=5)):
            calling_off.decide_due(session)

    outcomes = at_once(lambda session: paying.pay(session, who, booking.id, card.id, str(uuid4())), calls_off)
    session.expire_all()
    was_off, state = of.called_off_at is not None, session.get_one(Booking, booking.id).state
    if is_locked:
        assert (outcomes, was_off, state) in (
            (["done", "programme_called_off"], True, "held"),
            (["done", "done"], False, "confirmed"),
        )
    else:
        assert (outcomes, was_off, state) == (["done", "done"], True, "confirmed"), "paid for what was being called off"
    calls_off(session)
    assert of.called_off_at, "one person is too few, paid or not"
    for number in calling_off.bookings_to_end(session):
        calling_off.end_called_off(session, number)
    session.commit()
    assert money_left(session, card.wallet_id) == MONEY, "whoever was first, nobody pays for what does not take place"


@both
def test_one_seat_is_offered_to_one_who_waits(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    office = factories.organisation(session, "city_office")
    of = stays.planned(session, office.id, factories.city(session).id, men=1)
    first = factories.account(session)[0]
    taken = seating.take_seats(session, first, stays.seats_of(session, of, ("men", Party(men=1))))
    for _ in range(2):
        waiting.join(session, factories.account(session)[0], stays.seats_of(session, of, ("men", Party(men=1))))
    cancel(session, first, taken.id)
    session.commit()
    if not is_locked:
        unlock_pools(monkeypatch)
        monkeypatch.setattr(waiting_line, "lock_waiting", lambda session, number: session.get_one(Waiting, number))
    meet(monkeypatch, seating, "seats_taken")
    outcomes = twice(waiting.offer_freed)
    session.expire_all()
    states = list(session.scalars(select(Waiting.state).order_by(Waiting.id)))
    holds = session.scalar(select(func.count()).where(Booking.state == State.HELD))
    assert outcomes == ["done", "done"]
    if is_locked:
        assert (states, holds, seats_kept(session)) == (["offered", "waiting"], 1, 1)
    else:
        assert (holds, seats_kept(session)) == (2, 2), "one seat was offered twice"
