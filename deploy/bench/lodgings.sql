-- Of the city's first shops :lodgings keep a house each, of one class of rooms and one of beds with five units each, licensed, priced
-- and under ceilings for a year. A third of them is full for a month, and in a tenth of those people wait. Runs after city.sql.
CREATE TEMP TABLE house AS
SELECT n, union_id, organisation_id, merchant_id, names, nextval(pg_get_serial_sequence('lodging', 'id')) AS lodging_id,
    (ARRAY['hotel', 'apartment', 'guesthouse', 'hostel'])[1 + n % 4] AS kind, n % 4 AS grade,
    current_date AS first, current_date + 365 AS until
FROM shop WHERE n <= :lodgings;
ANALYZE house;
INSERT INTO lodging (id, merchant_id, organisation_id, authority_id, city_id, names, kind, grade, terms)
SELECT lodging_id, merchant_id, organisation_id, union_id, (SELECT min(id) FROM city), names, kind, grade,
    '{"steps": [[72, 0], [24, 3000]], "late": 10000, "freed": 0}'
FROM house;
INSERT INTO lodging_licence (lodging_id, number, starts_on, ends_on, made_at) SELECT lodging_id, 'B' || n, first - 30, until, now() FROM house;

CREATE TEMP TABLE kind_of_place AS
SELECT house.*, lets, CASE lets WHEN 'bed' THEN 1 ELSE 2 + n % 4 END AS people,
    nextval(pg_get_serial_sequence('lodging_class', 'id')) AS class_id,
    CASE lets WHEN 'room' THEN (ARRAY['anyone', 'family'])[1 + n % 2] ELSE (ARRAY['men', 'women'])[1 + n % 2] END AS for_whom
FROM house CROSS JOIN (VALUES ('room'), ('bed')) AS let (lets);
ANALYZE kind_of_place;
INSERT INTO lodging_class (id, lodging_id, names, lets, for_whom, people, is_accessible)
SELECT class_id, lodging_id, '{"fa": "اتاق", "en": "Room"}', lets, for_whom, people, n % 3 = 0 FROM kind_of_place;
INSERT INTO lodging_unit (lodging_id, class_id, code, beds)
SELECT lodging_id, class_id, lets || number, CASE lets WHEN 'bed' THEN 4 ELSE 1 END FROM kind_of_place, generate_series(1, 5) number;
INSERT INTO room_ceiling (authority_id, kind, grade, lets, people, nights, amount_rial, made_at)
SELECT DISTINCT union_id, kind, grade, lets, people, daterange(first, until), 30000000, now() FROM kind_of_place;
WITH sheet AS (
    INSERT INTO rate_sheet (lodging_id, nights, state, made_at, decided_at, decided_by)
    SELECT lodging_id, daterange(first, until), 'approved', now(), now(), 'union' FROM house RETURNING id, lodging_id
)
INSERT INTO rate (sheet_id, class_id, amount_rial)
SELECT sheet.id, class_id, 2000000 + (n * 7919) % 20000 * 1000 FROM sheet JOIN kind_of_place USING (lodging_id);

-- Each unit was let before, now and then; those of every third house are let all this month.
WITH stay AS (
    SELECT u.id AS unit_id, bed, u.lodging_id, h.organisation_id, h.merchant_id, c.class_id, number, nights,
        nextval(pg_get_serial_sequence('booking', 'id')) AS booking_id, nextval(pg_get_serial_sequence('booking_line', 'id')) AS line_id
    FROM lodging_unit u JOIN kind_of_place c USING (class_id) JOIN house h ON h.lodging_id = u.lodging_id
    CROSS JOIN generate_series(1, u.beds) bed CROSS JOIN generate_series(0, 2) number
    CROSS JOIN LATERAL (SELECT CASE
        WHEN number = 0 AND h.n % 3 = 0 THEN daterange(h.first, h.first + 30)
        ELSE daterange(h.first - 40 * number - 5, h.first - 40 * number) END AS nights) AS let
    WHERE number > 0 OR h.n % 3 = 0
), booked AS (
    INSERT INTO booking (id, key, content_hash, code, organisation_id, merchant_id, lodging_id, holder_name, state, nights, starts_at,
        ends_at, price_rial, charged_rial, deposit_rial, terms, made_at, confirmed_at)
    SELECT booking_id, gen_random_uuid(), 0, (200000000 + booking_id)::text, organisation_id, merchant_id, lodging_id, 'نمونه', 'confirmed',
        nights, lower(nights), upper(nights), 1000000, 1000000, 0, '{}', now(), lower(nights) - (booking_id % 30)::int FROM stay
), lines AS (
    INSERT INTO booking_line (id, booking_id, class_id, quantity, men, women, children, prices)
    SELECT line_id, booking_id, class_id, 1, 1, 0, 0, '[]' FROM stay
)
INSERT INTO occupation (booking_id, line_id, unit_id, bed, nights) SELECT booking_id, line_id, unit_id, bed, nights FROM stay;
INSERT INTO waiting (key, lodging_id, person_id, holder_name, nights, wanted)
SELECT gen_random_uuid(), lodging_id, (SELECT min(id) FROM person), 'نمونه', daterange(first + day, first + day + 2),
    jsonb_build_array(jsonb_build_array(class_id, 1, 1, 0, 0))
FROM kind_of_place CROSS JOIN generate_series(1, 25, 3) day WHERE n % 30 = 0;
