"""How bookings came in for the days that are over, worked out once a day, and what is learnt from them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import Date, cast, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.models import Coming
from insights.demand.models import ArrivalDay, PickUp
from insights.demand.rules.forecast import LEADS, Learnt, Past, learn
from kernel import clock
from kernel.calendar import TEHRAN, local_day
from places.moon.queries import moon
from reservations.bookings.models import Booking
from reservations.lodging.models import Lodging
from reservations.lodging.rules import MOST_NIGHTS

REMEMBERED = timedelta(days=400)  # a lunar and a solar year
SETTLED = timedelta(days=2)  # who has not come by then is known
DAYS_A_TURN = 15
LEARN_EVERY = timedelta(hours=1)
NOBODY = (0,) * LEADS

# A booking was on the books on a morning if it was made for good before it and not called off before it. Who was booked in the end
# and is not said to have stayed away has come: not every house marks arrivals.
_DAYS = text("""
    WITH stay AS (
        SELECT b.id, b.nights, b.state IN ('confirmed', 'arrived', 'left') AS has_come, b.confirmed_at, b.ended_at, b.state,
               (SELECT sum(men + women + children) FROM booking_line WHERE booking_id = b.id) AS people
        FROM lodging l JOIN booking b ON b.lodging_id = l.id
        WHERE l.city_id = :city_id AND b.starts_at >= :oldest AND b.starts_at < :newest AND b.confirmed_at IS NOT NULL
          AND b.nights && daterange(CAST(:first AS date), CAST(:until AS date))
    ), evening AS (
        SELECT stay.*, night.at::date AS day, lower(nights) = night.at::date AS begins
        FROM stay CROSS JOIN LATERAL generate_series(
            greatest(lower(nights), CAST(:first AS date)), least(upper(nights), CAST(:until AS date)) - 1, interval '1 day'
        ) AS night(at)
    ), came AS (
        SELECT day, coalesce(sum(people) FILTER (WHERE begins AND has_come), 0) AS arrivals,
               coalesce(sum(people) FILTER (WHERE has_come), 0) AS guests
        FROM evening GROUP BY day
    ), early AS (
        SELECT day, lead, coalesce(sum(people) FILTER (WHERE begins), 0) AS arrivals, coalesce(sum(people), 0) AS guests
        FROM evening CROSS JOIN generate_series(0, :leads - 1) AS lead
        WHERE confirmed_at < CAST(day - lead AS timestamp) AT TIME ZONE :zone
          AND NOT (state = 'cancelled' AND ended_at < CAST(day - lead AS timestamp) AT TIME ZONE :zone)
        GROUP BY day, lead
    )
    INSERT INTO arrival_day (city_id, day, arrivals, guests, arrivals_by_lead, guests_by_lead)
    SELECT :city_id, wanted.at::date, coalesce(came.arrivals, 0), coalesce(came.guests, 0), books.arrivals, books.guests
    FROM generate_series(CAST(:first AS date), CAST(:until AS date) - 1, interval '1 day') AS wanted(at)
    LEFT JOIN came ON came.day = wanted.at::date
    CROSS JOIN LATERAL (
        SELECT array_agg(coalesce(early.arrivals, 0)::int ORDER BY number) AS arrivals,
               array_agg(coalesce(early.guests, 0)::int ORDER BY number) AS guests
        FROM generate_series(0, :leads - 1) AS number
        LEFT JOIN early ON early.day = wanted.at::date AND early.lead = number
    ) AS books
    ON CONFLICT (city_id, day) DO NOTHING
""")


def note_arrivals(session: Session) -> int:
    """The next days that are over, of each city with lodging; returns of how many cities some were left to note."""
    last = local_day(clock.now()) - SETTLED
    return sum(
        _note_days(session, city_id, last)
        for city_id in session.scalars(select(Lodging.city_id).distinct().order_by(Lodging.city_id))
    )


def _note_days(session: Session, city_id: int, last: date) -> bool:
    """Days follow each other without a gap, from the first on which anybody came or should have."""
    noted = session.scalar(select(func.max(ArrivalDay.day)).where(ArrivalDay.city_id == city_id))
    first = noted + timedelta(days=1) if noted else _first_day(session, city_id)
    if first is None:
        return False
    first = max(first, last - REMEMBERED)
    until = min(first + timedelta(days=DAYS_A_TURN), last + timedelta(days=1))
    if first >= until:
        return False
    facts = {
        "city_id": city_id, "first": first, "until": until, "leads": LEADS, "zone": TEHRAN.key,
        "oldest": _midnight(first - timedelta(days=MOST_NIGHTS + 1)), "newest": _midnight(until),
    }  # fmt: skip
    session.execute(_DAYS, facts)
    return True


def _first_day(session: Session, city_id: int) -> date | None:
    earliest = select(func.min(Booking.starts_at)).join(Lodging, Lodging.id == Booking.lodging_id)
    begun = session.scalar(earliest.where(Lodging.city_id == city_id, Booking.confirmed_at.is_not(None)))
    return local_day(begun) if begun else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), TEHRAN)


def said_before(session: Session) -> dict[date, tuple[int, ...]]:
    """How many had said that they come on a day that is over, so many mornings before it, to any city: nobody is asked to which. One query."""
    today = local_day(clock.now())
    ahead = Coming.arrives_on - cast(func.timezone(TEHRAN.key, Coming.made_at), Date) - 1
    over = (
        select(Coming.arrives_on, func.least(ahead, LEADS - 1).label("lead"))
        .where(Coming.arrives_on >= today - REMEMBERED, Coming.arrives_on < today, ahead >= 0)
        .subquery()
    )
    said: dict[date, list[int]] = {}
    for day, lead, count in session.execute(
        select(over.c.arrives_on, over.c.lead, func.count()).group_by(over.c.arrives_on, over.c.lead)
    ):
        of_day = said.setdefault(day, [0] * LEADS)
        for later in range(lead + 1):
            of_day[later] += count
    return {day: tuple(of_day) for day, of_day in said.items()}


def history_of(session: Session, city_id: int, said: Mapping[date, tuple[int, ...]]) -> tuple[list[Past], list[Past]]:
    """Arrivals and guests of the days that are over and still remembered, in order. One query."""
    since = local_day(clock.now()) - REMEMBERED
    rows = session.scalars(
        select(ArrivalDay).where(ArrivalDay.city_id == city_id, ArrivalDay.day >= since).order_by(ArrivalDay.day)
    ).all()
    return (
        [Past(row.day, row.arrivals, tuple(row.arrivals_by_lead), said.get(row.day, NOBODY)) for row in rows],
        [Past(row.day, row.guests, tuple(row.guests_by_lead), said.get(row.day, NOBODY)) for row in rows],
    )


def learn_from_arrivals(session: Session) -> int:
    """What the days that are over teach, kept for the pages, anew for cities of which it is an hour old; returns how many."""
    now, lunar = clock.now(), moon(session)
    fresh = select(PickUp.city_id).where(PickUp.learnt_at > now - LEARN_EVERY)
    cities = session.scalars(select(ArrivalDay.city_id).where(ArrivalDay.city_id.not_in(fresh)).distinct()).all()
    said = said_before(session) if cities else {}
    for city_id in cities:
        arrivals, guests = (msgspec.to_builtins(learn(one, lunar), str_keys=True) for one in history_of(session, city_id, said))
        kept = {"learnt_at": now, "arrivals": arrivals, "guests": guests}
        row = insert(PickUp).values(city_id=city_id, **kept)
        session.execute(row.on_conflict_do_update(index_elements=["city_id"], set_=kept))
    return len(cities)


def learnt_of(session: Session, city_id: int) -> tuple[Learnt, Learnt]:
    """Of arrivals and of guests. One query."""
    kept = session.get(PickUp, city_id)
    if kept is None:
        return Learnt(0), Learnt(0)
    return msgspec.convert(kept.arrivals, Learnt, str_keys=True), msgspec.convert(kept.guests, Learnt, str_keys=True)
