"""Lodgings to test with: licensed, priced and under a ceiling for the next year, unless told otherwise."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from uuid import uuid4

from sqlalchemy.orm import Session

from identity.models import Organisation
from identity.permissions import Identity
from kernel import clock
from kernel.calendar import local_day
from merchants.models import Merchant
from places.models import City
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.waiting import join
from reservations.lodging.models import Lodging, LodgingClass, Unit
from reservations.lodging.rules import Nights, Party, Step, Terms
from reservations.lodging.services.licensing import grant_licence
from reservations.lodging.services.pricing import decide_sheet, hand_in_sheet, set_ceiling
from reservations.lodging.services.registering import add_class, add_unit, register_lodging
from reservations.programmes.models import ShrineProgramme, ShrineSession
from reservations.programmes.queries import session_row
from reservations.programmes.rules import Prices, Way
from reservations.programmes.services.planning import add_programme, add_session, set_prices, set_way
from reservations.programmes.services.seating import SeatAsk
from tests import factories
from tests.factories import ACTOR

RATE = 1_000_000
CEILING = 1_200_000
TOUR_TERMS = Terms((Step(24, 0),))

_numbers = count(1)


@dataclass
class Stay:
    """A lodging and the people it belongs to."""

    lodging: Lodging
    merchant: Merchant
    union: Organisation


def today() -> date:
    return local_day(clock.now())


def nights(first: int = 10, length: int = 2) -> Nights:
    """Counted from today."""
    return Nights(today() + timedelta(days=first), today() + timedelta(days=first + length))


def year() -> Nights:
    return nights(0, 390)


def lodging(session: Session, kind: str = "guesthouse", grade: int = 2, *, is_licensed: bool = True) -> Stay:
    union = factories.organisation(session, "union")
    merchant = factories.merchant(session, "lodging", union.id)
    names = {"fa": f"زائرسرای نمونهٔ {next(_numbers)}", "en": "Sample lodging"}
    made = register_lodging(session, ACTOR, merchant, factories.city(session), names, kind=kind, grade=grade)
    stay = Stay(made, merchant, union)
    if is_licensed:
        grant_licence(session, ACTOR, made, "۱۲۳۴", today() - timedelta(days=30), today() + timedelta(days=390))
    return stay


def rooms(session: Session, stay: Stay, number: int = 1, *, people: int = 2, for_whom: str = "anyone") -> LodgingClass:
    return _units(session, stay, "room", people, for_whom, [1] * number)


def beds(session: Session, stay: Stay, *beds: int, for_whom: str = "anyone") -> LodgingClass:
    """One dormitory for each number of beds."""
    return _units(session, stay, "bed", 1, for_whom, beds)


def _units(session: Session, stay: Stay, lets: str, people: int, for_whom: str, beds: list[int] | tuple[int, ...]) -> LodgingClass:
    made = add_class(session, ACTOR, stay.lodging, {"fa": "اتاق", "en": "Room"}, lets=lets, for_whom=for_whom, people=people)
    for amount in beds:
        add_unit(session, ACTOR, made, str(next(_numbers)), amount)
    return made


def price(session: Session, stay: Stay, *classes: LodgingClass, rate: int = RATE, ceiling: int = CEILING) -> None:
    """A ceiling over each class, and one approved sheet with their rates."""
    for one in classes:
        set_ceiling(
            session, ACTOR, stay.union.id, kind=stay.lodging.kind, grade=stay.lodging.grade, lets=one.lets, people=one.people,
            nights=year(), amount_rial=ceiling,
        )  # fmt: skip
    sheet = hand_in_sheet(session, ACTOR, stay.lodging, year(), {one.id: rate for one in classes})
    decide_sheet(session, ACTOR, stay.lodging, sheet.id, is_approved=True)


def unit_of(session: Session, of: LodgingClass) -> Unit:
    return session.query(Unit).filter_by(class_id=of.id).order_by(Unit.id).first()


def planned(
    session: Session, organisation_id: int, city_id: int, *, days_between: int | None = None, hours: int = 48, **seats: int
) -> ShrineSession:
    """A date of a new programme, so many hours from now."""
    made = add_programme(
        session, ACTOR, organisation_id, city_id, {"fa": "غذای نمونه", "en": "Sample meal"}, kind="meal", days_between=days_between
    )
    starts = clock.now() + timedelta(hours=hours)
    return add_session(
        session, ACTOR, made, starts, starts + timedelta(hours=2), seats or {"men": 3, "women": 3, "family": 4, "accessible": 1}
    )


def tour(
    session: Session, *, adult_rial: int = RATE, child_rial: int = RATE // 2, terms: Terms = TOUR_TERMS, least_people: int | None = None,
    hours: int = 48, days_between: int | None = None, **seats: int,
) -> tuple[ShrineSession, Merchant]:  # fmt: skip
    """A date of a tour that a shop runs; what goes with so many people is decided six hours before."""
    merchant = factories.merchant(session, "lodging")
    of = planned(
        session,
        merchant.organisation_id,
        factories.city(session).id,
        hours=hours,
        days_between=days_between,
        **(seats or {"family": 4}),
    )
    programme = session.get_one(ShrineProgramme, of.programme_id)
    set_prices(session, ACTOR, programme, merchant, Prices(adult_rial, child_rial), terms)
    set_way(session, ACTOR, programme, Way(), least_people, 6 if least_people else None)
    session.commit()
    return of, merchant


def seats_of(session: Session, of: ShrineSession, *parties: tuple[str, Party], **other: object) -> SeatAsk:
    pools = {kind: number for number, kind, _, _ in session_row(session, of.id, clock.now()).pools}
    wanted = tuple(Wanted(pools[kind], party.people, party) for kind, party in parties)
    return SeatAsk(str(uuid4()), of.id, wanted, **other)  # type: ignore[arg-type]


def full_house(session: Session, merchant: Merchant, city: City, pilgrim: Identity) -> dict[str, int]:
    """A house of one room, which the pilgrim holds and waits for: what names them in addresses."""
    made = register_lodging(session, ACTOR, merchant, city, {"fa": "خانهٔ زائر"}, kind="hotel", grade=3)
    stay = Stay(made, merchant, session.get_one(Organisation, made.authority_id))
    grant_licence(session, ACTOR, made, "1", today(), today() + timedelta(days=390))
    kind = rooms(session, stay)
    price(session, stay, kind)
    wanted = (Wanted(kind.id, 1, Party(men=1)),)
    booking = hold(session, pilgrim, Ask(str(uuid4()), nights(), wanted))
    waiting = join(session, pilgrim, Ask(str(uuid4()), nights(), wanted))
    session.commit()
    return {"lodging_id": made.id, "stay_id": made.id, "booking_id": booking.id, "waiting_id": waiting.id}
