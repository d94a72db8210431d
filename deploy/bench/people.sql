-- :people pilgrims beside the city's shops, each with a document, a wallet, a card that was handed out and a message; an owner for each
-- shop, the complaints and inspections of a year. After city.sql.
CREATE TEMP TABLE owner AS
SELECT m.id AS merchant_id, m.organisation_id, row_number() OVER (ORDER BY m.id) AS n, nextval(pg_get_serial_sequence('person', 'id')) AS person_id
FROM merchant m WHERE m.wallet_id > 100000000;
ANALYZE owner;
-- One number in fifty is another owner's too, one owner in forty has none.
INSERT INTO person (id, names, language, mobile, is_fictional)
SELECT person_id, jsonb_build_object('fa', 'صاحب فروشگاه ' || n), 'fa', CASE WHEN n % 40 > 0 THEN '+98912' || lpad((n - (n % 50 = 1)::int)::text, 7, '0') END, true
FROM owner;
INSERT INTO membership (person_id, organisation_id, role) SELECT person_id, organisation_id, 'merchant' FROM owner WHERE n % 30 > 0;

CREATE TEMP TABLE pilgrim AS
SELECT n, nextval(pg_get_serial_sequence('person', 'id')) AS person_id, nextval(pg_get_serial_sequence('member', 'id')) AS member_id,
    nextval(pg_get_serial_sequence('card', 'id')) AS card_id, 200000000 + n AS wallet_id, now() - (:people - n) * interval '1 year' / :people AS at
FROM generate_series(1, :people) n;
ANALYZE pilgrim;
INSERT INTO person (id, names, language, mobile, is_fictional)
SELECT person_id, jsonb_build_object('fa', 'زائر ' || n), (ARRAY['fa', 'ar', 'ur', 'en'])[1 + n % 4], '+98935' || lpad(n::text, 7, '0'), true FROM pilgrim;
INSERT INTO membership (person_id, role) SELECT person_id, 'pilgrim' FROM pilgrim;
INSERT INTO document (person_id, kind, country, number) SELECT person_id, 'passport', 'IRQ', 'B' || lpad(n::text, 8, '0') FROM pilgrim;
INSERT INTO ledger.wallet (id, kind) SELECT wallet_id, 1 FROM pilgrim;
INSERT INTO member (id, wallet_id, person_id) SELECT member_id, wallet_id, person_id FROM pilgrim;
INSERT INTO card (id, token, wallet_id, member_id, key_version, number_index, number_sealed, masked, product, status, language, expires_on, created_at)
SELECT card_id, decode(md5('token ' || n), 'hex'), wallet_id, member_id, 1, sha256(('card ' || n)::bytea), '\x00', '627412******' || lpad((n % 10000)::text, 4, '0'),
    'pilgrim', CASE WHEN n % 50 = 0 THEN 'expired' ELSE 'active' END, 'fa', current_date + 700, at
FROM pilgrim;
INSERT INTO card_event (card_id, at, became, actor) SELECT card_id, at, 'active', 'desk ' || n % 300 FROM pilgrim;
INSERT INTO card_issue (card_id, kind, person_id, branch_id, at)
SELECT p.card_id, 'pilgrim', p.person_id, b.id, p.at
FROM pilgrim p JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM branch ORDER BY id LIMIT 5000) b ON b.n = p.n % 5000;
INSERT INTO message (key, notice, purpose, channel, language, to_sealed, to_digest, to_shown, state, created_at, due_at, expires_at)
SELECT 'bench ' || n, 'sign_in_code', 'code', 'sms', 'fa', '\x00', sha256(('to ' || n)::bytea), '+98935***' || lpad((n % 10000)::text, 4, '0'),
    CASE WHEN n % 200000 = 7 THEN 'failed' ELSE 'delivered' END, at, at, at + interval '10 minutes'
FROM pilgrim;

-- One complaint in forty is open, one in fifteen was not answered in time.
INSERT INTO complaint (key, merchant_id, branch_id, trade_id, union_id, municipality_id, cause, person_id, language, state, opened_at, changed_at, due_at,
    escalated_at, closed_at, answer)
SELECT gen_random_uuid(), m.id, b.id, (SELECT min(id) FROM trade), m.union_id, (SELECT organisation_id FROM overseer LIMIT 1),
    (ARRAY['overcharge', 'bad_goods', 'rude', 'wrong_data', 'terminal', 'other'])[1 + n % 6], p.person_id, 'fa',
    CASE WHEN n % 40 = 0 THEN 'in_progress' ELSE 'resolved' END, p.at, p.at, p.at + interval '3 days', CASE WHEN n % 15 = 0 THEN p.at + interval '3 days' END,
    CASE WHEN n % 40 > 0 THEN p.at + interval '2 days' END, CASE WHEN n % 40 > 0 THEN 'made for the benchmark' END
FROM pilgrim p JOIN owner o USING (n) JOIN merchant m ON m.id = o.merchant_id JOIN branch b ON b.merchant_id = m.id;
INSERT INTO inspection (key, union_id, merchant_id, reason, state, planned_on, outcome, over_at)
SELECT gen_random_uuid(), m.union_id, m.id, 'planned', CASE WHEN n % 30 = 0 THEN 'planned' ELSE 'done' END, current_date - (n % 365)::int,
    CASE WHEN n % 30 > 0 THEN 'nothing' END, CASE WHEN n % 30 > 0 THEN now() - (n % 365) * interval '1 day' END
FROM owner o JOIN merchant m ON m.id = o.merchant_id WHERE n % 2 = 0;
