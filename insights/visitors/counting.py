"""The groups of one closed day, counted from the ledger, the bookings and the doors. Reads only; what it returns is not to be shown."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from insights.rules import cover
from insights.visitors.rules import (
    GAP_DAYS,
    HOME_WEEKS,
    LOOKS_AHEAD,
    LOOKS_BACK,
    NIGHTS,
    NOT_SAID,
    Aside,
    Counted,
    Standing,
    Told,
)
from kernel.calendar import TEHRAN

_TILL = """
    till AS MATERIALIZED (
        SELECT t.id, p.city_id, coalesce(p.zone_id, 0)::text AS zone, m.id AS shop_id, m.kind
        FROM terminal t JOIN branch b ON b.id = t.branch_id JOIN merchant m ON m.id = b.merchant_id JOIN place p ON p.id = b.place_id
    )"""
# Of each group of rows (told_by, city_id, within, key, wallet_id, shop_id, amount): who paid, and which shops were paid, the largest two of both.
_GROUPS = """
    payer AS (
        SELECT told_by, city_id, within, key, count(*) AS people, sum(purchases)::bigint AS purchases, sum(amount)::bigint AS amount_rial,
               (array_agg(amount ORDER BY amount DESC))[1:2] AS largest_rial
        FROM (SELECT told_by, city_id, within, key, wallet_id, count(shop_id) AS purchases, sum(amount)::bigint AS amount
              FROM placed GROUP BY told_by, city_id, within, key, wallet_id) AS part
        GROUP BY told_by, city_id, within, key
    ), shop AS (
        SELECT told_by, city_id, within, key, (array_agg(amount ORDER BY amount DESC))[1:2] AS largest_rial
        FROM (SELECT told_by, city_id, within, key, sum(amount)::bigint AS amount
              FROM placed WHERE shop_id IS NOT NULL GROUP BY told_by, city_id, within, key, shop_id) AS part
        GROUP BY told_by, city_id, within, key
    )
    SELECT told_by, city_id, within, key, people, purchases, amount_rial, payer.largest_rial AS payers_rial, shop.largest_rial AS shops_rial
    FROM payer LEFT JOIN shop USING (told_by, city_id, within, key) ORDER BY told_by, city_id, within, key
"""
_PURCHASES = text(f"""
    WITH {_TILL}, purchase AS MATERIALIZED (
        SELECT till.city_id, till.zone, till.kind, extract(hour FROM e.decided_at AT TIME ZONE :zone)::int::text AS hour, e.wallet_id, e.amount,
               till.shop_id, lag(till.zone) OVER walk AS came_from, lead(till.zone) OVER walk AS went_to
        FROM ledger.entry e JOIN till ON till.id = e.terminal_id
        LEFT JOIN ledger.entry_amend a ON a.original_date = e.business_date AND a.original_id = e.id
        WHERE e.business_date = :day AND e.kind = 1 AND a.reversed_by IS NULL
        WINDOW walk AS (PARTITION BY till.city_id, e.wallet_id ORDER BY e.decided_at, e.id)
    ), placed AS (
        SELECT 'day' AS told_by, city_id, '' AS within, '' AS key, wallet_id, shop_id, amount FROM purchase
        UNION ALL SELECT 'zone', city_id, '', zone, wallet_id, shop_id, amount FROM purchase
        UNION ALL SELECT 'kind', city_id, '', kind, wallet_id, shop_id, amount FROM purchase
        UNION ALL SELECT 'cross', city_id, zone, kind, wallet_id, shop_id, amount FROM purchase
        UNION ALL SELECT 'hour', city_id, zone, hour, wallet_id, shop_id, amount FROM purchase
        UNION ALL SELECT 'move', city_id, zone, went_to, wallet_id, shop_id, 0 FROM purchase WHERE went_to <> zone
        UNION ALL SELECT 'stayed', city_id, zone, '', wallet_id, shop_id, 0 FROM purchase WHERE went_to IS NULL OR went_to = zone
        UNION ALL SELECT 'came', city_id, zone, '', wallet_id, shop_id, 0 FROM purchase WHERE came_from IS NULL OR came_from = zone
        UNION ALL SELECT 'repeated', city_id, '', '', wallet_id, shop_id, 0 FROM purchase WHERE went_to = zone
    ), {_GROUPS}
""")  # noqa: S608 (no value of anybody's is written into it)

# A member is looked up as the one wallet that a person is counted as; a booking's nights are days in the city until the day of leaving.
_PEOPLE = text(f"""
    WITH {_TILL}, presence AS MATERIALIZED (
        SELECT l.city_id, b.person_id, night::date AS day
        FROM booking b JOIN lodging l ON l.id = b.lodging_id,
             generate_series(greatest(lower(b.nights), :first), least((b.ended_at AT TIME ZONE :zone)::date, upper(b.nights), :last),
                             interval '1 day') AS night
        WHERE b.state IN ('arrived', 'left') AND b.person_id IS NOT NULL AND b.nights && daterange(:first, :last, '[]')
        UNION
        SELECT coalesce(l.city_id, programme.city_id), coalesce(d.person_id, b.person_id), (d.entered_at AT TIME ZONE :zone)::date
        FROM door_entry d JOIN booking b ON b.id = d.booking_id LEFT JOIN lodging l ON l.id = b.lodging_id
             LEFT JOIN shrine_session s ON s.id = b.session_id LEFT JOIN shrine_programme programme ON programme.id = s.programme_id
        WHERE coalesce(d.person_id, b.person_id) IS NOT NULL AND (d.entered_at AT TIME ZONE :zone)::date BETWEEN :first AND :last
    ), seen AS MATERIALIZED (
        SELECT DISTINCT p.city_id, m.wallet_id, p.day
        FROM presence p, LATERAL (SELECT min(wallet_id) AS wallet_id FROM member
                                  WHERE person_id = p.person_id AND left_at IS NULL) AS m
        WHERE m.wallet_id IS NOT NULL
    ), bought AS MATERIALIZED (
        SELECT till.city_id, e.wallet_id, till.shop_id, e.amount
        FROM ledger.entry e JOIN till ON till.id = e.terminal_id
        LEFT JOIN ledger.entry_amend a ON a.original_date = e.business_date AND a.original_id = e.id
        WHERE e.business_date = :day AND e.kind = 1 AND a.reversed_by IS NULL
        UNION ALL SELECT city_id, wallet_id, NULL, 0 FROM seen WHERE day = :day
    ), today AS MATERIALIZED (
        SELECT city_id, wallet_id, count(shop_id) > 0 AS has_paid FROM bought GROUP BY city_id, wallet_id
    ), sign AS (
        SELECT today.city_id, e.wallet_id, e.business_date AS day
        FROM ledger.entry e JOIN till ON till.id = e.terminal_id
             JOIN today ON today.wallet_id = e.wallet_id AND today.city_id = till.city_id
        WHERE e.business_date BETWEEN :first AND :last AND e.kind = 1
        UNION
        SELECT today.city_id, seen.wallet_id, seen.day FROM seen JOIN today USING (city_id, wallet_id)
    ), run AS (
        SELECT city_id, wallet_id, day, lag(day) OVER days AS before, lead(day) OVER days AS after
        FROM sign WINDOW days AS (PARTITION BY city_id, wallet_id ORDER BY day)
    ), visit AS (
        SELECT city_id, wallet_id, max(day) FILTER (WHERE day <= :day AND (before IS NULL OR day - before > :gap)) AS arrival,
               min(day) FILTER (WHERE day >= :day AND (after IS NULL OR after - day > :gap)) AS departure,
               count(DISTINCT (:day - 1 - day) / 7) FILTER (WHERE day < :day) AS weeks
        FROM run GROUP BY city_id, wallet_id
    ), origin AS (
        SELECT today.wallet_id, coalesce(min(d.country) FILTER (WHERE d.country <> 'IRN'), min(d.country)) AS country
        FROM (SELECT DISTINCT wallet_id FROM today) AS today JOIN member m ON m.wallet_id = today.wallet_id
             JOIN document d ON d.person_id = m.person_id AND d.kind <> 'foreign_code'
        GROUP BY today.wallet_id
    ), person AS MATERIALIZED (
        SELECT today.city_id, today.wallet_id, today.has_paid, coalesce(origin.country, :not_said) AS origin,
               CASE WHEN weeks = :home_weeks THEN :home WHEN arrival = :day THEN :arrived ELSE :here END AS standing,
               (SELECT max(bound) FROM unnest(CAST(:nights AS int[])) AS bound WHERE bound <= departure - :day)::text AS nights
        FROM today JOIN visit USING (city_id, wallet_id) LEFT JOIN origin USING (wallet_id)
    ), placed AS (
        SELECT CASE WHEN has_paid THEN 'standing' ELSE 'seen' END AS told_by, city_id, standing AS within, origin AS key, wallet_id, shop_id, amount
        FROM person JOIN bought USING (city_id, wallet_id)
        UNION ALL
        SELECT CASE WHEN has_paid THEN 'stay' ELSE 'seen_stay' END, city_id, '', nights, wallet_id, shop_id, amount
        FROM person JOIN bought USING (city_id, wallet_id) WHERE standing = :arrived AND :knows_stays
    ), {_GROUPS}
""")  # noqa: S608


def count_day(session: Session, day: date, *, knows_stays: bool) -> dict[int, list[Counted]]:
    """All groups of a business day by city. Two queries. `knows_stays`: enough days have closed since to tell how long who came stayed."""
    facts = {
        "day": day, "first": day - LOOKS_BACK, "last": day + LOOKS_AHEAD, "zone": TEHRAN.key, "gap": GAP_DAYS, "home_weeks": HOME_WEEKS,
        "home": Standing.HOME.value, "arrived": Standing.ARRIVED.value, "here": Standing.HERE.value, "not_said": NOT_SAID,
        "nights": list(NIGHTS), "knows_stays": knows_stays,
    }  # fmt: skip
    by_city: dict[int, list[Counted]] = {}
    for statement in (_PURCHASES, _PEOPLE):
        for row in session.execute(statement, {name: facts[name] for name in statement.compile().params}):
            table: Told | Aside = Aside(row.told_by) if row.told_by in set(Aside) else Told(row.told_by)
            covers = (cover(row.amount_rial, largest or ()) for largest in (row.payers_rial, row.shops_rial))
            by_city.setdefault(row.city_id, []).append(
                Counted(table, row.within, row.key, row.people, row.purchases, row.amount_rial, *covers)
            )
    return by_city
