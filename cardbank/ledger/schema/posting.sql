-- Writes one batch: all of it or nothing. The first p_entries requests are posted as entries p_first, p_first + 1, …;
-- the others are declines and tombstones. Arrays of one prefix have one length: r_ a request, e_ an entry, l_ a leg,
-- n_ a new account (ascending ids of one block), a_ an amended original, t_ an account whose version rises although no leg
-- moves it, c_ a case for a person to look at. u_place is where the rows of accounts that are updated stand, in id order, NULL
-- where the caller does not know; returned is where they stand now, those first that had a place. l_entry counts from 1 within the batch; r_card 0 is no card. p_hash is
-- SHA-256 over the batch's canonical form.
-- Raises PL001 (an account is not at the expected version, or not in its place; detail: wallets of the first kind), PL002 (an amended original is not at the
-- expected version; detail: wallets), PL003 (the day is not open), PL004 (the batch does not balance), 23505 (a key is
-- taken), 55P03 (a row or key is held for 15 ms by another transaction).
-- Arrays are unnested in the select list, which streams them: as functions in FROM each would be stored aside first, at
-- four times the cost.
CREATE FUNCTION post_entries(
    p_day date, p_poster smallint, p_epoch int, p_first bigint, p_entries int, p_decided_at timestamptz, p_hash bytea,
    r_key_date date[], r_source smallint[], r_source_id bigint[], r_source_key text[], r_content_hash bigint[],
    r_content_time text[], r_kind smallint[], r_wallet bigint[], r_card bigint[], r_reason smallint[], r_entry bigint[],
    r_answer bytea[],
    e_member bigint[], e_shop bigint[], e_terminal bigint[], e_terminal_batch int[], e_unit int[], e_amount bigint[],
    e_original_date date[], e_original_id bigint[], e_effective_at timestamptz[],
    l_entry int[], l_leg smallint[], l_account bigint[], l_unit int[], l_amount bigint[], l_balance bigint[],
    l_version bigint[], l_line int[], l_rule bigint[],
    n_id bigint[], n_wallet bigint[], n_kind smallint[], n_unit int[], n_floor bigint[], n_programme bigint[],
    n_funder bigint[], n_scope bigint[], n_from timestamptz[], n_until timestamptz[],
    a_date date[], a_id bigint[], a_version int[], a_reversed_by bigint[], a_returned bigint[], a_by_leg text[],
    t_account bigint[], t_version bigint[], c_entry bigint[], c_wallet bigint[], c_kind smallint[], c_amount bigint[],
    u_place tid[]
) RETURNS tid[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ledger, pg_temp
SET lock_timeout = '15ms'
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_bitmapscan = off
SET enable_material = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    groups record;
    ids bigint[];
    amounts bigint[];
    befores bigint[];
    afters bigint[];
    places tid[];
    others tid[];
    first_new bigint := coalesce(n_id[1], 0);
    new_amounts bigint[];
    new_versions bigint[];
BEGIN
    IF NOT pg_try_advisory_xact_lock_shared(day_lock_class(), p_day - DATE '2000-01-01')
       OR NOT EXISTS (SELECT FROM business_day WHERE day = p_day AND closed_at IS NULL) THEN
        RAISE EXCEPTION 'the business day is not open' USING ERRCODE = 'PL003';
    END IF;

    IF p_entries > 0 THEN
        SELECT count(*) FILTER (WHERE total <> 0) AS unequal, count(DISTINCT entry) AS entries,
               min(entry) AS lowest, max(entry) AS highest
        INTO groups
        FROM (SELECT entry, sum(amount) AS total
              FROM (SELECT unnest(l_entry) AS entry, unnest(l_unit) AS unit, unnest(l_amount) AS amount) AS legs
              GROUP BY entry, unit) AS sums;
        IF groups.unequal > 0 OR groups.entries <> p_entries OR groups.lowest <> 1 OR groups.highest <> p_entries THEN
            RAISE EXCEPTION 'the batch does not balance' USING ERRCODE = 'PL004';
        END IF;
    END IF;

    -- A new account is written once, at the balance that the batch leaves it.
    IF cardinality(n_id) > 0 THEN
        SELECT array_agg(amount ORDER BY id), array_agg(version ORDER BY id) INTO new_amounts, new_versions
        FROM (SELECT id, sum(amount)::bigint AS amount, max(version) AS version
              FROM (SELECT unnest(l_account) AS id, unnest(l_amount) AS amount, unnest(l_version) AS version) AS legs
              WHERE id BETWEEN first_new AND n_id[cardinality(n_id)] GROUP BY id) AS moved;
        IF cardinality(new_amounts) <> cardinality(n_id) THEN
            RAISE EXCEPTION 'a new account has no legs' USING ERRCODE = 'PL004';
        END IF;
        INSERT INTO account (id, wallet_id, kind, unit, floor, programme_id, funder_id, scope_id, usable_from,
                             usable_until, balance, version)
        SELECT unnest(n_id), unnest(n_wallet), unnest(n_kind), unnest(n_unit), unnest(n_floor), unnest(n_programme),
               unnest(n_funder), unnest(n_scope), unnest(n_from), unnest(n_until), unnest(new_amounts),
               unnest(new_versions);
    END IF;

    SELECT array_agg(id), array_agg(amount), array_agg(before), array_agg(after) INTO ids, amounts, befores, afters
    FROM (SELECT id, coalesce(sum(amount), 0)::bigint AS amount, min(version) - 1 AS before, max(version) AS after
          FROM (SELECT unnest(l_account || t_account) AS id, unnest(l_amount) AS amount,
                       unnest(l_version || t_version) AS version) AS legs
          WHERE version IS NOT NULL AND NOT id BETWEEN first_new AND coalesce(n_id[cardinality(n_id)], -1)
          GROUP BY id ORDER BY id) AS moved;
    -- A row is taken where the caller saw it, which costs a fifth of the way through its index; if another account's row stands
    -- there now, all is given up. Closing an account raises its version, so none that is closed is still at the expected one.
    WITH done AS (
        UPDATE account a SET balance = a.balance + moved.amount, version = moved.after
        FROM (SELECT unnest(u_place) AS place, unnest(ids) AS id, unnest(amounts) AS amount, unnest(befores) AS before,
                     unnest(afters) AS after) AS moved
        WHERE a.ctid = moved.place AND a.version = moved.before
        RETURNING a.ctid AS place, a.id = moved.id AS is_right
    )
    SELECT array_agg(place) FILTER (WHERE is_right) INTO places FROM done;
    IF array_position(u_place, NULL) IS NOT NULL THEN
        WITH done AS (
            UPDATE account a SET balance = a.balance + moved.amount, version = moved.after
            FROM (SELECT id, amount, before, after
                  FROM (SELECT unnest(u_place) AS place, unnest(ids) AS id, unnest(amounts) AS amount,
                               unnest(befores) AS before, unnest(afters) AS after) AS every
                  WHERE place IS NULL) AS moved
            WHERE a.id = moved.id AND a.version = moved.before
            RETURNING a.ctid AS place
        )
        SELECT array_agg(place) INTO others FROM done;
        places := places || others;
    END IF;
    IF coalesce(cardinality(places), 0) <> coalesce(cardinality(ids), 0) THEN
        PERFORM raise_stale(l_account || t_account, l_version || t_version);
    END IF;

    INSERT INTO request (key_date, source, source_id, source_key, content_hash, kind, wallet_id, card_id, reason,
                         business_date, entry_id, answer, decided_at, content_time)
    SELECT key_date, source, source_id, source_key, content_hash, kind, wallet_id, nullif(card_id, 0), reason,
           p_day, entry_id, answer, p_decided_at, content_time
    FROM (SELECT unnest(r_key_date) AS key_date, unnest(r_source) AS source, unnest(r_source_id) AS source_id,
                 unnest(r_source_key) AS source_key, unnest(r_content_hash) AS content_hash, unnest(r_kind) AS kind,
                 unnest(r_wallet) AS wallet_id, unnest(r_card) AS card_id, unnest(r_reason) AS reason,
                 unnest(r_entry) AS entry_id, unnest(r_answer) AS answer, unnest(r_content_time) AS content_time) AS r;

    IF cardinality(c_entry) > 0 THEN
        INSERT INTO posting_case (business_date, entry_id, wallet_id, kind, amount, raised_at)
        SELECT p_day, unnest(c_entry), unnest(c_wallet), unnest(c_kind), unnest(c_amount), p_decided_at;
    END IF;
    IF p_entries = 0 THEN
        RETURN places;
    END IF;

    INSERT INTO entry (business_date, id, batch_id, wallet_id, member_id, card_id, shop_id, terminal_id, terminal_batch,
                       kind, unit, amount, original_date, original_id, effective_at, decided_at, key_date, source, source_key)
    SELECT p_day, id, p_first, wallet_id, member_id, nullif(card_id, 0), shop_id, terminal_id, terminal_batch,
           kind, unit, amount, original_date, original_id, effective_at, p_decided_at, key_date, source, source_key
    FROM (SELECT generate_series(p_first, p_first + p_entries - 1) AS id, unnest(r_wallet[:p_entries]) AS wallet_id,
                 unnest(e_member) AS member_id, unnest(r_card[:p_entries]) AS card_id, unnest(e_shop) AS shop_id,
                 unnest(e_terminal) AS terminal_id, unnest(e_terminal_batch) AS terminal_batch,
                 unnest(r_kind[:p_entries]) AS kind, unnest(e_unit) AS unit, unnest(e_amount) AS amount,
                 unnest(e_original_date) AS original_date, unnest(e_original_id) AS original_id,
                 unnest(e_effective_at) AS effective_at, unnest(r_key_date[:p_entries]) AS key_date,
                 unnest(r_source[:p_entries]) AS source, unnest(r_source_key[:p_entries]) AS source_key) AS e;

    INSERT INTO posting (business_date, entry_id, leg, account_id, unit, amount, balance_after, account_version, line, rule_id)
    SELECT p_day, p_first + entry - 1, leg, account_id, unit, amount, balance_after, account_version, line, rule_id
    FROM (SELECT unnest(l_entry) AS entry, unnest(l_leg) AS leg, unnest(l_account) AS account_id, unnest(l_unit) AS unit,
                 unnest(l_amount) AS amount, unnest(l_balance) AS balance_after, unnest(l_version) AS account_version,
                 unnest(l_line) AS line, unnest(l_rule) AS rule_id) AS l;

    IF cardinality(a_id) > 0 THEN
        PERFORM amend_entries(a_date, a_id, a_version, a_reversed_by, a_returned, a_by_leg);
    END IF;

    INSERT INTO post_batch (business_date, id, poster, epoch, first_entry, last_entry, entries, hash)
    VALUES (p_day, p_first, p_poster, p_epoch, p_first, p_first + p_entries - 1, p_entries, p_hash);
    RETURN places;
END $$;

CREATE FUNCTION day_lock_class() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 824001';

CREATE FUNCTION raise_stale(p_accounts bigint[], p_versions bigint[]) RETURNS void LANGUAGE plpgsql
SET search_path = ledger, pg_temp AS $$
DECLARE
    wallets bigint[];
BEGIN
    SELECT array_agg(DISTINCT a.wallet_id) INTO wallets
    FROM (SELECT id, max(version) AS version FROM unnest(p_accounts, p_versions) AS leg (id, version)
          WHERE version IS NOT NULL GROUP BY id) AS moved
    JOIN account a ON a.id = moved.id AND a.version <> moved.version;
    RAISE EXCEPTION 'accounts have changed' USING ERRCODE = 'PL001', DETAIL = coalesce(wallets, '{}')::text;
END $$;

-- Two tills cannot both return the rest: the row is inserted (expected version 0) or moved from exactly that version.
CREATE FUNCTION amend_entries(a_date date[], a_id bigint[], a_version int[], a_reversed_by bigint[], a_returned bigint[],
                              a_by_leg text[]) RETURNS void LANGUAGE plpgsql
SET search_path = ledger, pg_temp AS $$
DECLARE
    n int;
BEGIN
    FOR n IN 1 .. cardinality(a_id) LOOP
        IF a_version[n] = 0 THEN
            INSERT INTO entry_amend (original_date, original_id, reversed_by, returned, returned_by_leg, version)
            VALUES (a_date[n], a_id[n], a_reversed_by[n], a_returned[n], a_by_leg[n]::bigint[], 1)
            ON CONFLICT DO NOTHING;
        ELSE
            UPDATE entry_amend SET reversed_by = a_reversed_by[n], returned = a_returned[n],
                   returned_by_leg = a_by_leg[n]::bigint[], version = version + 1
            WHERE original_date = a_date[n] AND original_id = a_id[n] AND version = a_version[n];
        END IF;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'an original has changed' USING ERRCODE = 'PL002', DETAIL =
                (SELECT ARRAY[wallet_id]::text FROM entry WHERE business_date = a_date[n] AND id = a_id[n]);
        END IF;
    END LOOP;
END $$;

-- What a batch hash is made over: the columns of its entries in id order, then of its legs in (entry, leg) order, each in
-- PostgreSQL's binary array form (big-endian; element length -1 is NULL). No text stands in it.
CREATE FUNCTION canonical(
    p_day date, p_first bigint, decided_at timestamptz[], wallet bigint[], member bigint[], card bigint[], shop bigint[],
    terminal bigint[], terminal_batch int[], kind smallint[], unit int[], amount bigint[], original_date date[],
    original_id bigint[], effective_at timestamptz[], key_date date[], source smallint[],
    l_entry int[], l_leg smallint[], l_account bigint[], l_unit int[], l_amount bigint[], l_balance bigint[],
    l_version bigint[], l_line int[], l_rule bigint[]
) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN date_send(p_day) || int8send(p_first) || array_send(decided_at) || array_send(wallet) || array_send(member)
        || array_send(card) || array_send(shop) || array_send(terminal) || array_send(terminal_batch) || array_send(kind)
        || array_send(unit) || array_send(amount) || array_send(original_date) || array_send(original_id)
        || array_send(effective_at) || array_send(key_date) || array_send(source)
        || array_send(l_entry) || array_send(l_leg) || array_send(l_account) || array_send(l_unit) || array_send(l_amount)
        || array_send(l_balance) || array_send(l_version) || array_send(l_line) || array_send(l_rule);
END $$;

-- The same, read back from the rows of a posted batch. NULL where it has no entry left.
CREATE FUNCTION batch_canonical(p_day date, p_batch bigint) RETURNS bytea LANGUAGE sql STABLE
SET search_path = ledger, pg_temp AS $$
    SELECT canonical(
        p_day, b.first_entry, e.decided_at, e.wallet, e.member, e.card, e.shop, e.terminal, e.terminal_batch, e.kind,
        e.unit, e.amount, e.original_date, e.original_id, e.effective_at, e.key_date, e.source,
        l.entry, l.leg, l.account, l.unit, l.amount, l.balance, l.version, l.line, l.rule)
    FROM post_batch b,
    LATERAL (SELECT array_agg(decided_at ORDER BY id) AS decided_at, array_agg(wallet_id ORDER BY id) AS wallet,
                    array_agg(member_id ORDER BY id) AS member, array_agg(coalesce(card_id, 0) ORDER BY id) AS card,
                    array_agg(shop_id ORDER BY id) AS shop, array_agg(terminal_id ORDER BY id) AS terminal,
                    array_agg(terminal_batch ORDER BY id) AS terminal_batch, array_agg(kind ORDER BY id) AS kind,
                    array_agg(unit ORDER BY id) AS unit, array_agg(amount ORDER BY id) AS amount,
                    array_agg(original_date ORDER BY id) AS original_date, array_agg(original_id ORDER BY id) AS original_id,
                    array_agg(effective_at ORDER BY id) AS effective_at, array_agg(key_date ORDER BY id) AS key_date,
                    array_agg(source ORDER BY id) AS source
             FROM entry WHERE business_date = p_day AND id BETWEEN b.first_entry AND b.last_entry) e,
    LATERAL (SELECT array_agg((entry_id - b.first_entry + 1)::int ORDER BY entry_id, leg) AS entry,
                    array_agg(leg ORDER BY entry_id, leg) AS leg, array_agg(account_id ORDER BY entry_id, leg) AS account,
                    array_agg(unit ORDER BY entry_id, leg) AS unit, array_agg(amount ORDER BY entry_id, leg) AS amount,
                    array_agg(balance_after ORDER BY entry_id, leg) AS balance,
                    array_agg(account_version ORDER BY entry_id, leg) AS version,
                    array_agg(line ORDER BY entry_id, leg) AS line, array_agg(rule_id ORDER BY entry_id, leg) AS rule
             FROM posting WHERE business_date = p_day AND entry_id BETWEEN b.first_entry AND b.last_entry) l
    WHERE b.business_date = p_day AND b.id = p_batch
$$;
