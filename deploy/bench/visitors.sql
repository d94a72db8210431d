-- :taps purchases of :days days up to yesterday at 2,000 tills in twenty zones of the demonstration's city, and as many of today as of each.
-- Each person is there for three days and buys two or three times a day; one in three has shown a passport.
CREATE TEMP TABLE shop AS
SELECT n, nextval(pg_get_serial_sequence('organisation', 'id')) AS organisation_id, nextval(pg_get_serial_sequence('merchant', 'id')) AS merchant_id,
    nextval(pg_get_serial_sequence('place', 'id')) AS place_id, nextval(pg_get_serial_sequence('branch', 'id')) AS branch_id
FROM generate_series(1, 2000) n;
INSERT INTO zone (city_id, code, names, area)
SELECT (SELECT min(id) FROM city), 'bench-' || n, jsonb_build_object('fa', 'محدودهٔ ' || n),
    ST_SetSRID(ST_MakeEnvelope(60 + n / 100.0, 36, 60.009 + n / 100.0, 36.009), 4326)
FROM generate_series(1, 20) n;
INSERT INTO organisation (id, kind, names, is_fictional) SELECT organisation_id, 'merchant', jsonb_build_object('fa', 'فروشگاه ' || n), true FROM shop;
INSERT INTO merchant (id, organisation_id, wallet_id, kind)
SELECT merchant_id, organisation_id, 100000000 + n,
    (ARRAY['saffron', 'sweets', 'prayer_goods', 'handicraft', 'jewellery', 'clothing', 'books', 'restaurant'])[1 + n % 8]
FROM shop;
INSERT INTO place (id, city_id, zone_id, code, kind, names, position, source, licence)
SELECT place_id, (SELECT min(id) FROM city), (SELECT id FROM zone WHERE code = 'bench-' || (1 + n % 20)), 'bench-' || n, 'shop',
    jsonb_build_object('fa', 'جا'), ST_SetSRID(ST_MakePoint(60.005, 36.005), 4326), 'made for the benchmark', 'EUPL-1.2'
FROM shop;
INSERT INTO branch (id, merchant_id, place_id, names) SELECT branch_id, merchant_id, place_id, '{"fa": "شعبه"}' FROM shop;
WITH till AS (
    INSERT INTO terminal (code, acceptor_id, branch_id, initial_key_id, language, kind, opened_at)
    SELECT 'B' || lpad(n::text, 7, '0'), lpad(merchant_id::text, 15, '0'), branch_id, lpad(to_hex(n), 16, 'B'), 'fa', 'counter', now() FROM shop
    RETURNING id
)
SELECT row_number() OVER (ORDER BY id) - 1 AS n, id INTO TEMP till_of FROM till;
ANALYZE till_of;

SELECT ledger.make_partition('entry', month::date, (month + interval '1 month')::date)
FROM generate_series(date_trunc('month', current_date - :days), current_date, interval '1 month') AS month
WHERE month::date NOT IN (SELECT lower FROM ledger.partition_range WHERE parent = 'entry');
-- A day a statement, as it was written day by day: of :taps / :days taps between seven and nine, by two fifths as many people.
SELECT format($$
    INSERT INTO ledger.entry (business_date, id, batch_id, wallet_id, shop_id, terminal_id, kind, unit, amount, effective_at, decided_at, key_date,
        source, source_key)
    SELECT %1$L, 1000000000000 + %2$s * 10000000::bigint + tap.n, 0, 300000000 + (%3$s + slot %% 3) / 3 * %5$s + slot, 100000001 + till_of.n, till_of.id,
        1, 1, 100000 * (1 + tap.n %% 37), at, at, %1$L, 1, 'bench ' || tap.n
    FROM (SELECT n, n %% %5$s AS slot, (n * 7919::bigint) %% 2000 AS till,
              (date %1$L + interval '7 hours' + n * interval '14 hours' / %4$s) AT TIME ZONE 'Asia/Tehran' AS at
          FROM generate_series(1, %4$s) n) AS tap JOIN till_of ON till_of.n = tap.till
    ORDER BY tap.n
$$, day, day - date '2020-01-01', ago, a_day, a_day * 2 / 5)
FROM (SELECT current_date - ago AS day, ago, :taps / :days AS a_day FROM generate_series(:days, 0, -1) ago) AS days
\gexec
INSERT INTO ledger.business_day (day, opened_at, closed_at)
SELECT current_date - ago, now(), now() FROM generate_series(1, :days) ago ON CONFLICT (day) DO UPDATE SET closed_at = now();

CREATE TEMP TABLE holder AS
SELECT wallet_id, nextval(pg_get_serial_sequence('person', 'id')) AS person_id
FROM (SELECT DISTINCT wallet_id FROM ledger.entry WHERE wallet_id > 300000000) AS found;
INSERT INTO person (id, names, language, is_fictional) SELECT person_id, '{"fa": "زائر"}', 'fa', true FROM holder;
INSERT INTO ledger.wallet (id, kind) SELECT wallet_id, 1 FROM holder;
INSERT INTO member (wallet_id, person_id) SELECT wallet_id, person_id FROM holder;
INSERT INTO document (person_id, kind, country, number)
SELECT person_id, 'passport', (ARRAY['IRQ', 'PAK', 'AFG', 'LBN'])[1 + wallet_id % 4], 'B' || wallet_id FROM holder WHERE wallet_id % 3 = 0;
