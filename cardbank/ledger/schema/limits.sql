-- What one member may spend of a shared wallet: an account of the member whose floor is minus the limit of a day or of a Jalali
-- month, and whose scope says where. Nothing is ever posted on it: what was spent is derived from the entries.
INSERT INTO account_kind (id, name, side, default_floor, is_lazy, spend_rank, opens_with, description) VALUES
    (12, 'DAY_LIMIT',   'holder', NULL, false, NULL, '{}', 'What one member may spend in a day; its floor is minus the limit'),
    (13, 'MONTH_LIMIT', 'holder', NULL, false, NULL, '{}', 'The same for a Jalali month');

-- New limits replace the member's old ones; without an amount and a scope there are none. Whatever is being decided on the wallet
-- at this moment is decided again.
CREATE FUNCTION limit_member(p_wallet bigint, p_member bigint, p_unit int, p_day bigint, p_month bigint, p_scope bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
BEGIN
    PERFORM touch(ARRAY[p_wallet]);
    UPDATE account SET closed_at = clock_timestamp(), version = version + 1
    WHERE wallet_id = p_wallet AND member_id = p_member AND kind IN (12, 13) AND closed_at IS NULL;
    INSERT INTO account (id, wallet_id, member_id, kind, unit, floor, scope_id)
    SELECT nextval('account_seq'), p_wallet, p_member, kind, p_unit, -most, p_scope
    FROM (VALUES (12::smallint, p_day), (13::smallint, p_month)) AS asked (kind, most)
    WHERE most IS NOT NULL OR (kind = 12 AND p_scope IS NOT NULL);
END $$;
