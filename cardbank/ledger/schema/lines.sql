-- A credit line's floor only ever goes down, so that every balance that was posted on it stays above it. A lower limit is the
-- credit contract's, which is locked before anything is bought on it.
CREATE FUNCTION widen_line(p_account bigint, p_limit bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    owner bigint;
BEGIN
    SELECT wallet_id INTO STRICT owner FROM account WHERE id = p_account AND kind = 9 AND closed_at IS NULL;
    PERFORM touch(ARRAY[owner]);
    UPDATE account SET floor = least(floor, -p_limit) WHERE id = p_account;
END $$;
