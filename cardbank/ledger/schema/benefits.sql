-- Where purses may be spent: in these shops (wallets), for these categories of a basket's lines; NULL = any. Never changed:
-- other terms are another scope, so whoever has read one may keep it.
CREATE TABLE scope (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shops      bigint[],
    categories int[],
    opened_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT scope_limits_something CHECK (num_nonnulls(shops, categories) > 0)
);

CREATE FUNCTION open_scope(p_shops bigint[], p_categories int[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = ledger, pg_temp
AS 'INSERT INTO scope (shops, categories) VALUES (p_shops, p_categories) RETURNING id';

-- What a sweep can still find, benefits as well as credit; the first index knew only credit.
DROP INDEX account_lot_until;
CREATE INDEX account_lapses ON account (usable_until) WHERE kind IN (3, 4) AND closed_at IS NULL;

CREATE OR REPLACE FUNCTION close_lots(p_expired_before timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
DECLARE
    closed int;
BEGIN
    UPDATE account SET closed_at = clock_timestamp(), version = version + 1
    WHERE id IN (SELECT id FROM account WHERE kind IN (3, 4) AND closed_at IS NULL AND usable_until < p_expired_before
                 AND balance = 0 ORDER BY id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED);
    GET DIAGNOSTICS closed = ROW_COUNT;
    RETURN closed;
END $$;
