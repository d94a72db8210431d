-- Makes what is missing of the daily request partitions and of the entry and posting partitions (p_by: month or day) until
-- p_until. They are made apart and attached: CREATE … PARTITION OF would stop the teller. Returns how many were made.
CREATE FUNCTION make_partitions(p_from date, p_until date, p_by text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    made int := 0;
    whole text;
    span text;
    lower date;
    upper date;
BEGIN
    IF p_by NOT IN ('month', 'day') THEN
        RAISE EXCEPTION 'partitions are by month or by day, not by %', p_by;
    END IF;
    PERFORM pg_advisory_xact_lock(day_lock_class() + 1, 0);
    FOREACH whole IN ARRAY ARRAY['request', 'entry', 'posting'] LOOP
        span := CASE whole WHEN 'request' THEN 'day' ELSE p_by END;
        lower := coalesce((SELECT max(r.upper) FROM partition_range r WHERE r.parent = whole), date_trunc(span, p_from)::date);
        WHILE lower <= p_until LOOP
            upper := (date_trunc(span, lower) + ('1 ' || span)::interval)::date;
            PERFORM make_partition(whole, lower, upper);
            lower := upper;
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

CREATE FUNCTION make_partition(p_parent text, p_lower date, p_upper date) RETURNS void
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
DECLARE
    name text := p_parent || to_char(p_lower, '_YYYYMMDD');
BEGIN
    EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', name, p_parent);
    EXECUTE format('ALTER TABLE ledger.%I ATTACH PARTITION ledger.%I FOR VALUES FROM (%L) TO (%L)', p_parent, name, p_lower, p_upper);
END $$;

CREATE VIEW partition_range AS
SELECT parent.relname::text AS parent, child.relname::text AS name,
       substring(pg_get_expr(child.relpartbound, child.oid) FROM 'FROM \(''([0-9-]+)')::date AS lower,
       substring(pg_get_expr(child.relpartbound, child.oid) FROM 'TO \(''([0-9-]+)')::date AS upper
FROM pg_inherits
JOIN pg_class parent ON parent.oid = inhparent
JOIN pg_class child ON child.oid = inhrelid
WHERE parent.relnamespace = 'ledger'::regnamespace AND child.relkind = 'r' AND NOT inhdetachpending;

-- Adds the lazy legs of batches that have none added yet. What is *visible* is taken, never "all ids below n": a desk posting
-- takes its ids early and commits late, and a watermark would skip it for ever.
CREATE FUNCTION roll_up(p_batches int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
DECLARE
    rolled int := 0;
    the_day date;
    taken bigint[];
BEGIN
    FOR the_day IN SELECT DISTINCT business_date FROM post_batch WHERE rolled_at IS NULL ORDER BY 1 LOOP
        taken := ARRAY(SELECT id FROM post_batch WHERE rolled_at IS NULL AND business_date = the_day
                       ORDER BY id LIMIT p_batches - rolled FOR UPDATE SKIP LOCKED);
        UPDATE account a SET balance = a.balance + sums.amount
        FROM (SELECT p.account_id, sum(p.amount)::bigint AS amount
              FROM post_batch b
              JOIN posting p ON p.business_date = the_day AND p.entry_id BETWEEN b.first_entry AND b.last_entry
              WHERE b.business_date = the_day AND b.id = ANY(taken) AND p.account_version IS NULL
              GROUP BY p.account_id ORDER BY p.account_id) AS sums
        WHERE a.id = sums.account_id;
        UPDATE post_batch SET rolled_at = clock_timestamp() WHERE business_date = the_day AND id = ANY(taken);
        rolled := rolled + cardinality(taken);
    END LOOP;
    RETURN rolled;
END $$;

-- Makes p_day current. From here on new batches go into it; the day before still takes stragglers until it is closed.
CREATE FUNCTION open_day(p_day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM business_day WHERE day >= p_day) THEN
        RETURN false;
    END IF;
    INSERT INTO business_day (day, opened_at) VALUES (p_day, clock_timestamp()) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;

-- Closes p_day once a later one is current: the exclusive lock waits only for batches being posted into it at this moment.
CREATE FUNCTION close_day(p_day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM business_day WHERE day > p_day) THEN
        RAISE EXCEPTION 'business day % is current: open the next one first', p_day;
    END IF;
    PERFORM pg_advisory_xact_lock(day_lock_class(), p_day - DATE '2000-01-01');
    UPDATE business_day SET closed_at = clock_timestamp() WHERE day = p_day AND closed_at IS NULL;
    RETURN FOUND;
END $$;

-- The closing balance of every account that a closed day touched: its last one before, and that day's legs.
CREATE FUNCTION balance_day(p_day date) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    balanced int;
BEGIN
    IF NOT EXISTS (SELECT FROM business_day WHERE day = p_day AND closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'business day % is not closed', p_day;
    END IF;
    INSERT INTO day_balance (business_date, account_id, balance, version)
    SELECT p_day, moved.account_id, moved.amount + coalesce(before.balance, 0), coalesce(moved.version, 0)
    FROM (SELECT account_id, sum(amount)::bigint AS amount, max(account_version) AS version
          FROM posting WHERE business_date = p_day GROUP BY account_id) AS moved
    LEFT JOIN LATERAL (SELECT balance FROM day_balance d WHERE d.account_id = moved.account_id AND d.business_date < p_day
                       ORDER BY d.business_date DESC LIMIT 1) AS before ON true
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS balanced = ROW_COUNT;
    RETURN balanced;
END $$;

-- Seals the visible batches of p_day that carry no seal yet: SHA-256(previous seal ‖ batch hashes in id order). Returns the
-- seal's number, or NULL when there was nothing to seal.
CREATE FUNCTION seal_day(p_day date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    previous seal;
    hashes bytea;
    number_of_batches int;
    number_of_entries bigint;
    taken bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock(day_lock_class() + 2, 0);
    SELECT * INTO previous FROM seal ORDER BY no DESC LIMIT 1;
    SELECT array_agg(id ORDER BY id), string_agg(hash, ''::bytea ORDER BY id), count(*), sum(entries)
    INTO taken, hashes, number_of_batches, number_of_entries
    FROM post_batch WHERE business_date = p_day AND seal_no IS NULL;
    IF number_of_batches = 0 THEN
        RETURN NULL;
    END IF;
    INSERT INTO seal (no, prev_hash, hash, business_date, batches, entries)
    VALUES (coalesce(previous.no, 0) + 1, coalesce(previous.hash, ''::bytea),
            sha256(coalesce(previous.hash, ''::bytea) || hashes), p_day, number_of_batches, number_of_entries);
    UPDATE post_batch SET seal_no = coalesce(previous.no, 0) + 1 WHERE business_date = p_day AND id = ANY(taken);
    RETURN coalesce(previous.no, 0) + 1;
END $$;

CREATE FUNCTION mark_exported(p_no bigint) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = ledger, pg_temp
AS 'UPDATE seal SET exported_at = clock_timestamp() WHERE no = p_no';

-- A lot leaves the open accounts when it is empty, expired, and no return can reach it any more. benefits.sql replaces it.
CREATE FUNCTION close_lots(p_expired_before timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
DECLARE
    closed int;
BEGIN
    UPDATE account SET closed_at = clock_timestamp(), version = version + 1
    WHERE id IN (SELECT id FROM account WHERE kind = 4 AND closed_at IS NULL AND usable_until < p_expired_before
                 AND balance = 0 ORDER BY id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED);
    GET DIAGNOSTICS closed = ROW_COUNT;
    RETURN closed;
END $$;
