"""Demand of the demonstration, invented: a bus group has the men's beds of one night and another waits for them, searches, and sixty days
of guests that are over.
"""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.commands import _demo
from identity.permissions import Identity
from identity.services import prove
from insights.demand.arrivals import SETTLED, learn_from_arrivals
from insights.demand.models import ArrivalDay, SearchCount
from insights.demand.rules.forecast import LEADS, WEEKEND
from insights.demand.supply import look_at_next_houses
from kernel import clock
from kernel.calendar import local_day
from kernel.settings import Settings
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.paying import pay
from reservations.bookings.services.waiting import join
from reservations.lodging.models import Lodging, LodgingClass
from reservations.lodging.rules import Nights, Party

GROUP = Party(men=12)
HELD_KEY, PAID_KEY, WAITING_KEY = (f"00000000-0000-4000-8000-0000000000{number}" for number in ("48", "49", "50"))
DAYS_AHEAD = 6
DAYS_OVER = 60
GUESTS, GUESTS_AT_WEEKENDS = 24, 40  # in the three houses, which have 49 beds


def seed_demand(session: Session, settings: Settings, city_id: int) -> None:
    today = local_day(clock.now())
    _seed_groups(session, *(prove(session, name, _demo.password_of(settings, name)) for name in ("hotel", "organisation")), today)
    _seed_searches(session, city_id, today)
    _seed_past(session, city_id, today)
    look_at_next_houses(session)
    learn_from_arrivals(session)


def _seed_groups(session: Session, booker: Identity, waiter: Identity, today: date) -> None:
    """No money moves: the house asks this group for no deposit."""
    beds = select(LodgingClass).where(LodgingClass.lets == "bed", LodgingClass.for_whom == "men").order_by(LodgingClass.id).limit(1)
    kind = session.scalars(beds).one()
    house = session.get_one(Lodging, kind.lodging_id)
    nights = Nights(today + timedelta(days=DAYS_AHEAD), today + timedelta(days=DAYS_AHEAD + 1))
    wanted, deposit = (Wanted(kind.id, GROUP.people, GROUP),), house.deposit_basis_points
    house.deposit_basis_points = 0
    booking = hold(session, booker, Ask(HELD_KEY, nights, wanted))
    pay(session, booker, booking.id, None, PAID_KEY)
    house.deposit_basis_points = deposit
    join(session, waiter, Ask(WAITING_KEY, nights, wanted))


def _seed_searches(session: Session, city_id: int, today: date) -> None:
    """More for the night that is full, and fewer the further away."""
    for ahead in range(1, 15):
        for party, searches, people in (
            ("family", 30 - ahead, 4),
            ("women", 16 - ahead // 2, 2),
            ("men", 24 if ahead == DAYS_AHEAD else 14, 12),
        ):
            session.add(
                SearchCount(
                    searched_on=today, kind="lodging", city_id=city_id, wanted_on=today + timedelta(days=ahead), party=party,
                    is_accessible=False, searches=searches, people=searches * people, nothing=22 if searches == 24 else 0,
                )
            )  # fmt: skip


def _seed_past(session: Session, city_id: int, today: date) -> None:
    """Half of the guests booked a week before, and one in ten a month before."""
    for number in range(DAYS_OVER):
        day = today - SETTLED - timedelta(days=number)
        guests = (GUESTS_AT_WEEKENDS if day.weekday() in WEEKEND else GUESTS) + number % 5
        early = [round(guests * max(0.1, 0.9 - 0.06 * lead)) for lead in range(LEADS)]
        half = [one // 2 for one in early]
        session.add(
            ArrivalDay(city_id=city_id, day=day, arrivals=guests // 2, guests=guests, arrivals_by_lead=half, guests_by_lead=early)
        )
    session.flush()
