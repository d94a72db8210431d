"""Keeping rooms and beds for somebody for a while: all that is asked for, or nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import end_of_day, local_day
from kernel.outbox import publish
from reservations.bookings.models import Booking, BookingLine, Occupation, Waiting
from reservations.bookings.queries import DESK, booking_of_key, lock_booking, name_of_person
from reservations.bookings.rules.passes import new_code
from reservations.bookings.rules.states import (
    HOLD,
    MOST_HOLDS,
    MOST_NAME,
    State,
    Wanted,
    content_hash,
    has_ended,
    night_totals,
)
from reservations.bookings.rules.waiting import Wish, kept_for_others
from reservations.bookings.services.waiting_line import line_of_lodging
from reservations.errors import (
    ClassNotFound,
    FullyBooked,
    NameNeeded,
    NotBookable,
    OtherBooking,
    OthersWait,
    PartyDoesNotFit,
    TooManyHolds,
    WrongCount,
)
from reservations.events import PlacesFreed
from reservations.lodging import queries as lodging
from reservations.lodging.models import Lodging, LodgingClass
from reservations.lodging.queries import Spot
from reservations.lodging.rules import ForWhom, Lets, Nights, check_nights, check_party, deposit_rial, misfit
from reservations.programmes.models import Seating, Turn

MOST_LINES = 6
MOST_QUANTITY = 60


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody asks for with one form, whose `key` makes it one booking however often it is sent.

    `person_id` is who comes where it is another than who asks; `holder_name` stands for who is on no record. Only the desk of
    the house asks `at_desk`.
    """

    key: str
    nights: Nights
    wanted: tuple[Wanted, ...]
    holder_name: str = ""
    person_id: int | None = None
    at_desk: bool = False


def hold(session: Session, identity: Identity, ask: Ask) -> Booking:
    """Keep the places for a quarter of an hour, to be paid for by then. The same key again gives the same booking.

    Raises ClassNotFound, WrongNights, WrongCount, PartyDoesNotFit, NotBookable, FullyBooked, OthersWait, TooManyHolds,
    NameNeeded, OtherBooking.
    """
    now = clock.now()
    content = content_hash(ask.nights, ask.wanted, ask.person_id, ask.holder_name, ask.at_desk)
    again = booked_before(session, identity, ask.key, content)
    if again is not None:
        return again
    house, classes = house_of(session, ask.wanted)
    is_desk = ask.at_desk and identity.can(DESK, house.organisation_id)
    check_nights(ask.nights, local_day(now), is_desk=is_desk)
    check_wanted(ask.wanted, classes)
    _check_free(ask.wanted, lodging.free_spots(session, classes, ask.nights, now))  # spares the lock where all is gone
    _lock(session, sorted(classes))
    again = booked_before(session, identity, ask.key, content)
    if again is not None:
        return again
    if not is_desk:
        check_holds(session, identity, now)
    taken = take_spots(session, house, ask.wanted, ask.nights, now, before=None)
    who = Who.of(session, identity, ask.person_id, ask.holder_name, is_desk=is_desk)
    booking = keep_spots(session, house, ask.key, content, who, taken, now, now + HOLD)
    audit.record(session, identity.actor, "hold", "booking", booking.id, after={"price_rial": booking.price_rial})
    return booking


@dataclass(frozen=True, slots=True)
class Who:
    """Who comes, who booked, under which name, and whether a desk did it."""

    person_id: int | None
    maker_id: int | None
    name: str
    is_at_desk: bool = False

    @classmethod
    def of(cls, session: Session, identity: Identity, person_id: int | None, name: str, *, is_desk: bool) -> "Who":
        """A pilgrim without further words comes in person. Raises NameNeeded."""
        name = " ".join(name.split())
        if person_id is None and not name and not is_desk:
            person_id = identity.person_id
        if not name and person_id is not None:
            name = name_of_person(session, person_id, identity.language)[:MOST_NAME]
        if not name or len(name) > MOST_NAME:
            raise NameNeeded(field="holder_name", most=MOST_NAME)
        return cls(person_id, None if is_desk else identity.person_id, name, is_desk)


def booked_before(session: Session, identity: Identity, key: str, content: int) -> Booking | None:
    """The booking that the same form made already. Raises OtherBooking."""
    found = booking_of_key(session, key)
    if found is None:
        return None
    is_own = identity.person_id in (found.person_id, found.maker_id) or identity.can(DESK, found.organisation_id)
    if not is_own or found.content_hash != content:
        raise OtherBooking
    return found


def house_of(session: Session, wanted: Sequence[Wanted]) -> tuple[Lodging, dict[int, LodgingClass]]:
    """The one house of all classes. Raises ClassNotFound."""
    ids = {one.thing_id for one in wanted}
    of_house = select(LodgingClass, Lodging).join(Lodging, Lodging.id == LodgingClass.lodging_id)
    rows = session.execute(of_house.where(LodgingClass.id.in_(ids))).all()
    if len(rows) != len(ids) or len({house.id for _, house in rows}) != 1:
        raise ClassNotFound(class_id=next(iter(ids - {one.id for one, _ in rows}), 0))
    return rows[0][1], {one.id: one for one, _ in rows}


def check_wanted(wanted: Sequence[Wanted], classes: dict[int, LodgingClass]) -> None:
    """Raises WrongCount, PartyDoesNotFit."""
    if not 0 < len(wanted) <= MOST_LINES or len({one.thing_id for one in wanted}) != len(wanted):
        raise WrongCount(field="quantity", most=MOST_LINES)
    for one in wanted:
        check_party(one.party)
        if not 0 < one.quantity <= MOST_QUANTITY:
            raise WrongCount(field="quantity", most=MOST_QUANTITY)
        of = classes[one.thing_id]
        fault = misfit(ForWhom(of.for_whom), Lets(of.lets), of.people, one.quantity, one.party)
        if fault is not None:
            raise PartyDoesNotFit(fault=fault, field=f"quantity_{of.id}")


def check_holds(session: Session, identity: Identity, now: datetime) -> None:
    """Nobody keeps many places from others without paying. Raises TooManyHolds."""
    own = (Booking.maker_id == identity.person_id) & (Booking.state == State.HELD) & (Booking.held_until > now)
    waited_for = select(Waiting.booking_id).where(Waiting.person_id == identity.person_id, Waiting.booking_id.is_not(None))
    held = session.scalar(select(func.count()).select_from(Booking).where(own, Booking.id.not_in(waited_for)))
    if (held or 0) >= MOST_HOLDS:
        raise TooManyHolds(most=MOST_HOLDS)


def _lock(session: Session, class_ids: list[int]) -> None:
    lodging.lock_classes(session, class_ids)


def _check_free(wanted: Sequence[Wanted], free: Sequence[Spot]) -> None:
    for one in wanted:
        there = sum(spot.class_id == one.thing_id for spot in free)
        if there < one.quantity:
            raise FullyBooked(free=there, asked=one.quantity)


@dataclass(frozen=True, slots=True)
class Taken:
    """The places chosen for each line, and what the line costs night by night."""

    nights: Nights
    lines: tuple[tuple[Wanted, tuple[Spot, ...], tuple[int, ...]], ...]


def take_spots(
    session: Session, house: Lodging, wanted: Sequence[Wanted], nights: Nights, now: datetime, *, before: int | None
) -> Taken:
    """The places for each class, under the classes' locks; those of holds that ran out are given back first.

    `before` is somebody's number in the waiting line, None for who comes now. Raises NotBookable, FullyBooked, OthersWait.
    """
    classes = [one.thing_id for one in wanted]
    told = lodging.nights_of(session, classes, nights)
    for of_class in told.values():
        for night in of_class:
            if night.bar is not None:
                raise NotBookable(fault=night.bar, day=night.day)
    free = lodging.free_spots(session, classes, nights, now)
    _check_free(wanted, free)
    wish = Wish(before or 0, tuple(wanted), nights, nights.arrival)
    line = line_of_lodging(session, house.id, before)
    kept = kept_for_others(wish, line, now)
    lines = []
    for one in wanted:
        spots = tuple(spot for spot in free if spot.class_id == one.thing_id)
        if len(spots) - kept.get(one.thing_id, 0) < one.quantity:
            raise OthersWait(waiting=len(line))
        prices = tuple(night.rate_rial * one.quantity for night in told[one.thing_id])
        lines.append((one, spots[: one.quantity], prices))
    _give_back_ended(session, [spot for _, spots, _ in lines for spot in spots], nights, now)
    return Taken(nights, tuple(lines))


def _give_back_ended(session: Session, spots: Collection[Spot], nights: Nights, now: datetime) -> None:
    """End the holds that ran out and still stand in the way of these places, in order of their bookings."""
    units = {spot.unit_id for spot in spots}
    ended = (
        select(Occupation.booking_id)
        .where(
            Occupation.unit_id.in_(units), Occupation.released_at.is_(None), Occupation.held_until <= now,
            Occupation.nights.op("&&")(Range(nights.first, nights.until)),
        )
        .distinct()
    )  # fmt: skip
    for booking_id in sorted(session.scalars(ended)):
        end_hold(session, lock_booking(session, booking_id), now)


def end_hold(session: Session, booking: Booking, now: datetime) -> bool:
    """Let a locked hold run out, if it has; its waiting list place is used up. Whether it did."""
    if booking.state != State.HELD or not has_ended(booking.held_until, now):
        return False
    booking.state, booking.held_until, booking.ended_at, booking.charged_rial = State.EXPIRED, None, now, 0
    release(session, booking, now)
    session.execute(update(Waiting).where(Waiting.booking_id == booking.id).values(state="lapsed"))
    publish(session, PlacesFreed(booking.id))
    return True


def release(session: Session, booking: Booking, now: datetime) -> None:
    """Give back whatever places the locked booking still has."""
    for kept in (Occupation, Seating, Turn):
        live = (kept.booking_id == booking.id) & kept.released_at.is_(None)
        session.execute(update(kept).where(live).values(released_at=now))


def keep_spots(
    session: Session, house: Lodging, key: str, content: int, who: Who, taken: Taken, now: datetime, until: datetime
) -> Booking:
    """Write the hold down with its prices and the terms that are in force now."""
    nights = Range(taken.nights.first, taken.nights.until)
    price = sum(night_totals(prices for _, _, prices in taken.lines))
    booking = Booking(
        key=key, content_hash=content, code=new_code(), organisation_id=house.organisation_id, merchant_id=house.merchant_id,
        lodging_id=house.id, person_id=who.person_id, maker_id=who.maker_id, holder_name=who.name, is_at_desk=who.is_at_desk,
        state=State.HELD, held_until=until, nights=nights, starts_at=taken.nights.arrival, ends_at=end_of_day(taken.nights.until),
        price_rial=price, charged_rial=price, deposit_rial=deposit_rial(price, house.deposit_basis_points), paid_rial=0,
        terms=house.terms, made_at=now,
    )  # fmt: skip
    session.add(booking)
    session.flush()
    for one, spots, prices in taken.lines:
        line = line_of(booking.id, one, prices)
        line.class_id = one.thing_id
        session.add(line)
        session.flush()
        session.add_all(
            Occupation(
                booking_id=booking.id, line_id=line.id, unit_id=spot.unit_id, bed=spot.bed, nights=nights, held_until=until
            )
            for spot in spots
        )  # fmt: skip
    session.flush()
    return booking


def line_of(booking_id: int, one: Wanted, prices: Sequence[int]) -> BookingLine:
    """A line that does not say yet what it is of."""
    party = one.party
    return BookingLine(
        booking_id=booking_id, quantity=one.quantity, men=party.men, women=party.women, children=party.children, prices=list(prices)
    )
