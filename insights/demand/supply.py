"""What every city has on each of the coming days, looked at in rounds: some hundred houses a turn, the programmes when a round is whole.

Whether a night of a class may be sold is decided by the same statement that a booking is decided by.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import TextClause, delete, text
from sqlalchemy.orm import Session

from insights.demand.models import SupplyDay, SupplyRound, SupplySum
from insights.rounds import next_slice
from kernel.calendar import TEHRAN, end_of_day, local_day
from reservations.lodging.models import Lodging
from reservations.lodging.queries import OF_A_NIGHT
from reservations.lodging.rules import MOST_NIGHTS

DAYS = 31  # today and the coming thirty
HOUSES_A_TURN = 400
MEASURES = (
    "places", "beds", "free", "booked", "held", "waiting", "booked_people", "held_people", "waiting_people", "arriving_people",
)  # fmt: skip
_LISTED = ", ".join(MEASURES)

_OF_SLICE = "BETWEEN :after + 1 AND :last"
_WINDOW = "daterange(CAST(:first AS date), CAST(:until AS date))"
# The evenings of a stay that fall into the window.
_EVENINGS = """
    CROSS JOIN LATERAL generate_series(
        greatest(lower({nights}), CAST(:first AS date)), least(upper({nights}), CAST(:until AS date)) - 1, interval '1 day'
    ) AS evening(at)
"""
_HOUSES = text(f"""
    WITH open AS (
        SELECT class_id, sum(beds) AS places FROM lodging_unit WHERE lodging_id {_OF_SLICE} AND closed_on IS NULL GROUP BY class_id
    ), closing AS MATERIALIZED (
        SELECT class_id, closed_on, beds FROM lodging_unit WHERE lodging_id {_OF_SLICE} AND closed_on > :first
    ), taken AS (
        SELECT u.class_id, evening.at::date AS day, count(*) FILTER (WHERE o.held_until IS NULL) AS booked,
               count(*) FILTER (WHERE o.held_until IS NOT NULL) AS held
        FROM lodging_unit u
        JOIN occupation o ON o.unit_id = u.id AND o.released_at IS NULL AND o.nights && {_WINDOW}
                         AND (o.held_until IS NULL OR o.held_until > :now)
        {_EVENINGS.format(nights="o.nights")}
        WHERE u.lodging_id {_OF_SLICE} GROUP BY 1, 2
    ), class AS MATERIALIZED (
        SELECT c.lodging_id, night.day, coalesce(
                   l.is_open AND m.status = 'active' AND licence.is_licensed AND rate.amount_rial <= ceiling.amount_rial, false
               ) AS is_sold, c.people,
               coalesce(open.places, 0) + (
                   SELECT coalesce(sum(beds), 0) FROM closing WHERE class_id = c.id AND closed_on > night.day
               ) AS places,
               coalesce(taken.booked, 0) AS booked, coalesce(taken.held, 0) AS held
        FROM lodging_class c JOIN lodging l ON l.id = c.lodging_id JOIN merchant m ON m.id = l.merchant_id
        {OF_A_NIGHT}
        LEFT JOIN open ON open.class_id = c.id
        LEFT JOIN taken ON taken.class_id = c.id AND taken.day = night.day
        WHERE c.lodging_id {_OF_SLICE}
    ), place AS (
        SELECT lodging_id, day, sum(places) FILTER (WHERE is_sold) AS places, sum(places * people) FILTER (WHERE is_sold) AS beds,
               sum(greatest(places - booked - held, 0)) FILTER (WHERE is_sold) AS free, sum(booked) AS booked, sum(held) AS held
        FROM class GROUP BY lodging_id, day
    ), stay AS MATERIALIZED (
        SELECT b.lodging_id, b.nights, b.state = 'held' AS is_held,
               (SELECT sum(men + women + children) FROM booking_line WHERE booking_id = b.id) AS people
        FROM booking b
        WHERE b.lodging_id {_OF_SLICE} AND b.starts_at >= :oldest AND b.nights && {_WINDOW}
          AND (b.state IN ('confirmed', 'arrived') OR (b.state = 'held' AND b.held_until > :now))
    ), party AS (
        SELECT lodging_id, evening.at::date AS day, is_held, lower(nights) = evening.at::date AS is_arriving, people
        FROM stay {_EVENINGS.format(nights="nights")}
    ), people AS (
        SELECT lodging_id, day, sum(people) FILTER (WHERE NOT is_held) AS booked, sum(people) FILTER (WHERE is_held) AS held,
               sum(people) FILTER (WHERE NOT is_held AND is_arriving) AS arriving
        FROM party GROUP BY lodging_id, day
    ), waited AS (
        SELECT w.lodging_id, evening.at::date AS day, sum((wish.wanted ->> 1)::int) AS places,
               sum((wish.wanted ->> 2)::int + (wish.wanted ->> 3)::int + (wish.wanted ->> 4)::int) AS people
        FROM waiting w CROSS JOIN LATERAL jsonb_array_elements(w.wanted) AS wish (wanted) {_EVENINGS.format(nights="w.nights")}
        WHERE w.state = 'waiting' AND w.lodging_id {_OF_SLICE} AND w.nights && {_WINDOW}
        GROUP BY 1, 2
    )
    INSERT INTO supply_day (kind, owner_id, day, city_id, {_LISTED})
    SELECT 'lodging', l.id, place.day, l.city_id, coalesce(place.places, 0), coalesce(place.beds, 0), coalesce(place.free, 0),
           place.booked, place.held, coalesce(waited.places, 0), coalesce(people.booked, 0), coalesce(people.held, 0),
           coalesce(waited.people, 0), coalesce(people.arriving, 0)
    FROM place JOIN lodging l ON l.id = place.lodging_id
    LEFT JOIN people ON (people.lodging_id, people.day) = (place.lodging_id, place.day)
    LEFT JOIN waited ON (waited.lodging_id, waited.day) = (place.lodging_id, place.day)
    ON CONFLICT (kind, owner_id, day) DO UPDATE SET (city_id, {_LISTED}) = (excluded.city_id, {", ".join(f"excluded.{name}" for name in MEASURES)})
    WHERE ({", ".join(f"supply_day.{name}" for name in ("city_id", *MEASURES))})
        IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in ("city_id", *MEASURES))})
""")
# Seats of a programme on one day, all its dates together; a seat is for one person.
_SEATS = text(f"""
    WITH pool AS (
        SELECT q.id, q.kind, q.seats, p.id AS programme_id, p.city_id, (s.starts_at AT TIME ZONE :zone)::date AS day, s.id AS session_id
        FROM shrine_session s JOIN shrine_programme p ON p.id = s.programme_id JOIN seat_pool q ON q.session_id = s.id
        WHERE s.starts_at >= :begins AND s.starts_at < :ends AND s.called_off_at IS NULL AND p.is_open
    ), taken AS (
        SELECT pool.id, sum(t.quantity) FILTER (WHERE t.held_until IS NULL) AS booked,
               sum(t.quantity) FILTER (WHERE t.held_until > :now) AS held
        FROM pool JOIN seating t ON t.pool_id = pool.id AND t.released_at IS NULL GROUP BY pool.id
    ), waited AS (
        SELECT (wish.wanted ->> 0)::bigint AS id, sum((wish.wanted ->> 1)::int) AS places
        FROM waiting w CROSS JOIN LATERAL jsonb_array_elements(w.wanted) AS wish (wanted)
        WHERE w.state = 'waiting' AND w.session_id IN (SELECT session_id FROM pool) GROUP BY 1
    ), told AS (
        SELECT pool.*, coalesce(taken.booked, 0) AS booked, coalesce(taken.held, 0) AS held, coalesce(waited.places, 0) AS waiting
        FROM pool LEFT JOIN taken USING (id) LEFT JOIN waited USING (id)
    )
    INSERT INTO supply_day (kind, owner_id, day, city_id, {_LISTED})
    SELECT kind, programme_id, day, city_id, sum(seats), sum(seats), sum(greatest(seats - booked - held, 0)), sum(booked), sum(held),
           sum(waiting), sum(booked), sum(held), sum(waiting), sum(booked)
    FROM told GROUP BY kind, programme_id, day, city_id
""")
_SUMS = text(f"""
    INSERT INTO supply_sum (city_id, kind, day, {_LISTED})
    SELECT city_id, kind, day, {", ".join(f"sum({name})" for name in MEASURES)} FROM supply_day GROUP BY city_id, kind, day
""")


def look_at_next_houses(session: Session) -> int:
    """One turn of the round that is under way; returns how many houses it looked at."""
    looked = next_slice(session, SupplyRound, Lodging.id, HOUSES_A_TURN)
    if looked is None:
        return 0
    if looked.count:
        _write(session, _HOUSES, looked.now, after=looked.after, last=looked.last)
    if looked.is_last:
        _end_round(session, looked.now)
    return looked.count


def _end_round(session: Session, now: datetime) -> None:
    """The days that are over are forgotten, seats and sums are made anew."""
    session.execute(delete(SupplyDay).where((SupplyDay.day < local_day(now)) | (SupplyDay.kind != "lodging")))
    _write(session, _SEATS, now)
    session.execute(delete(SupplySum))
    session.execute(_SUMS)


def window(now: datetime) -> tuple[date, date]:
    """Today, and the first day that is not looked at."""
    today = local_day(now)
    return today, today + timedelta(days=DAYS)


def _write(session: Session, statement: TextClause, now: datetime, **which: Any) -> None:
    first, until = window(now)
    facts = {
        "now": now, "first": first, "until": until, "zone": TEHRAN.key, "begins": end_of_day(first - timedelta(days=1)),
        "ends": end_of_day(until - timedelta(days=1)), "oldest": now - timedelta(days=MOST_NIGHTS + 2),
    }  # fmt: skip
    asked = statement.compile().params
    session.execute(statement, {name: value for name, value in (facts | which).items() if name in asked})
