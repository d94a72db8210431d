-- A city of :shops shops in :unions unions, each shop with a branch, a till, a file, a bank account and a statement, beside the
-- demonstration's own. Set-based: it stands within a minute.
WITH founded AS (
    INSERT INTO organisation (kind, names, is_fictional)
    SELECT 'union', jsonb_build_object('fa', 'اتحادیهٔ ' || n, 'en', 'Union ' || n), true FROM generate_series(1, :unions - 1) n
    RETURNING id
), all_unions AS (
    SELECT id FROM founded UNION ALL SELECT union_id FROM (SELECT min(union_id) AS union_id FROM trade) AS own
)
SELECT array_agg(id ORDER BY id) AS ids INTO TEMP union_ids FROM all_unions;

CREATE TEMP TABLE shop AS
SELECT n, (SELECT ids[1 + n % :unions] FROM union_ids) AS union_id,
    nextval(pg_get_serial_sequence('organisation', 'id')) AS organisation_id,
    nextval(pg_get_serial_sequence('merchant', 'id')) AS merchant_id,
    nextval(pg_get_serial_sequence('place', 'id')) AS place_id,
    nextval(pg_get_serial_sequence('branch', 'id')) AS branch_id,
    jsonb_build_object('fa', 'فروشگاه ' || n, 'en', 'Shop ' || n) AS names,
    (ARRAY['saffron', 'sweets', 'prayer_goods', 'handicraft', 'jewellery', 'clothing', 'books', 'restaurant'])[1 + n % 8] AS kind
FROM generate_series(1, :shops) n;
ANALYZE shop;
-- Accounts at the sample bank, with their check digits (ISO 7064 mod 97-10; 1827 stands for IR).
CREATE TEMP TABLE account AS
SELECT organisation_id, merchant_id, n, 'نمونه ' || n AS holder_name,
    'IR' || lpad((98 - (('999' || lpad(n::text, 19, '0') || '182700')::numeric % 97))::text, 2, '0') || '999' || lpad(n::text, 19, '0') AS sheba
FROM shop;
ANALYZE account;

INSERT INTO organisation (id, kind, names, is_fictional) SELECT organisation_id, 'merchant', names, true FROM shop;
INSERT INTO merchant (id, organisation_id, union_id, wallet_id, kind)
SELECT merchant_id, organisation_id, union_id, 100000000 + n, kind FROM shop;
INSERT INTO place (id, city_id, code, kind, names, position, source, licence)
SELECT place_id, (SELECT min(id) FROM city), 'bench-' || n, 'shop', names,
    ST_SetSRID(ST_MakePoint(59.45 + 0.35 * ((n * 7919) % 10007) / 10007.0, 36.22 + 0.16 * ((n * 10009) % 9973) / 9973.0), 4326),
    'made for the benchmark', 'EUPL-1.2'
FROM shop;
INSERT INTO branch (id, merchant_id, place_id, names) SELECT branch_id, merchant_id, place_id, names FROM shop;
INSERT INTO terminal (code, acceptor_id, branch_id, initial_key_id, language, kind, opened_at)
SELECT 'B' || lpad(n::text, 7, '0'), lpad(merchant_id::text, 15, '0'), branch_id, lpad(to_hex(n), 16, 'B'), 'fa', 'counter', now() FROM shop;

INSERT INTO application (key, organisation_id, person_id, city_id, source, state, begun_on, changed_at, legal_name, names, search_text,
    trade_id, union_id, municipality_id, tax_code, licence_number, licence_expires_on, merchant_id)
SELECT gen_random_uuid(), organisation_id, (SELECT min(id) FROM person), (SELECT min(id) FROM city), 'import', state, current_date, now(),
    'نمونه ' || n, names, 'فروشگاه ' || n || ' shop ' || n || ' نمونه ' || n, (SELECT min(id) FROM trade), union_id,
    (SELECT organisation_id FROM overseer LIMIT 1), lpad((1000000000 + n)::text, 10, '0'), lpad((2000000000 + n)::text, 10, '0'),
    current_date + 400, CASE state WHEN 'active' THEN merchant_id END
FROM (SELECT *, CASE n % 40 WHEN 0 THEN 'union_review' WHEN 1 THEN 'municipality_review' WHEN 2 THEN 'returned' ELSE 'active' END AS state FROM shop) s;

-- Three quotas of each union, each shared among all its shops.
INSERT INTO quota (key, union_id, names, unit, whole, starts_on, ends_on, entered_at)
SELECT gen_random_uuid(), union_id, jsonb_build_object('fa', 'آرد ' || k), 'kilogram', 100000000, current_date, current_date + 30, now()
FROM unnest((SELECT ids FROM union_ids)) union_id, generate_series(1, 3) k;
INSERT INTO quota_round (key, quota_id, way, opens_on, until, made_at, told_to)
SELECT gen_random_uuid(), id, 'equal', starts_on, ends_on, now(), NULL FROM quota WHERE names->>'fa' LIKE 'آرد %';
INSERT INTO quota_share (quota_id, round_id, merchant_id, amount, handed)
SELECT r.quota_id, r.id, shop.merchant_id, 30000, 10000 * (shop.n % 4)
FROM quota_round r JOIN quota q ON q.id = r.quota_id JOIN shop ON shop.union_id = q.union_id WHERE q.names->>'fa' LIKE 'آرد %';

INSERT INTO shop_due (key, merchant_id, creditor_id, what, amount_rial, due_on, entered_at)
SELECT gen_random_uuid(), merchant_id, union_id, 'fee of the year', 1000000, current_date + n % 60 - 30, now() FROM shop WHERE n % 3 = 0;

INSERT INTO bank_account (merchant_id, sheba, holder_name, status, proposed_at, usable_from)
SELECT merchant_id, sheba, holder_name, CASE WHEN n % 100 = 0 THEN 'proposed' ELSE 'approved' END, now(), now() FROM account;

WITH batch AS (
    INSERT INTO settlement_batch (reference, cut_off, is_scheduled, closed_at, expected_at, statements, payouts, held, payout_rial, commission_rial)
    VALUES ('PBBENCH', current_date, true, now(), now() + interval '1 day', :shops, :shops, 0, :shops * 1000000::bigint, 0) RETURNING id
)
INSERT INTO settlement_statement (batch_id, merchant_id, lines, sales_rial, returns_rial, reversals_rial, cash_rial, credit_rial, commission_rial,
    spared_rial, adjustments_rial, carried_in_rial, payout_rial, carried_rial, sheba, holder_name, payout_reference, payout_state, payout_date)
SELECT batch.id, merchant_id, 3, 1000000, 0, 0, 0, 0, 0, 0, 0, 0, 1000000, 0, sheba, holder_name,
    'PB' || lpad(n::text, 10, '0'), 'sent', current_date FROM account, batch;

-- Visitors of a season, in twenty zones.
INSERT INTO visitor_count (day, age, counted_at)
SELECT day, 21, now() FROM generate_series(current_date - 120, current_date - 1, interval '1 day') day ON CONFLICT DO NOTHING;
INSERT INTO visitor_cell (city_id, told_by, day, within, key, people, purchases, amount_rial)
SELECT (SELECT min(id) FROM city), told_by, day, within, key, 100, 200, 400000000
FROM visitor_count, (
    SELECT 'day' AS told_by, '' AS within, '' AS key
    UNION ALL SELECT 'zone', '', (900 + n)::text FROM generate_series(1, 20) n
    UNION ALL SELECT 'kind', '', kind FROM (SELECT DISTINCT kind FROM shop) k
    UNION ALL SELECT 'hour', (900 + n)::text, h::text FROM generate_series(1, 20) n, generate_series(0, 23) h
    UNION ALL SELECT 'move', (900 + n)::text, (900 + o)::text FROM generate_series(1, 20) n, generate_series(1, 20) o WHERE n <> o
    UNION ALL SELECT t, standing, origin FROM unnest(ARRAY['standing', 'seen']) t, unnest(ARRAY['arrived', 'here', 'home']) standing,
        unnest(ARRAY['', '-', 'IRN', 'IRQ', 'PAK', 'AFG', 'LBN', 'BHR', 'IND', 'KWT', 'TUR', 'AZE']) origin
    UNION ALL SELECT t, '', nights FROM unnest(ARRAY['stay', 'seen_stay']) t, unnest(ARRAY['0', '1', '2', '3', '4', '7', '14']) nights
) cell
ON CONFLICT DO NOTHING;
