-- The first id of a block of 1024 that belongs to the caller alone.
CREATE FUNCTION reserve_entries() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = ledger, pg_temp
AS 'SELECT nextval(''entry_seq'')';
CREATE FUNCTION reserve_accounts() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = ledger, pg_temp
AS 'SELECT nextval(''account_seq'')';
CREATE FUNCTION next_epoch() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = ledger, pg_temp
AS 'SELECT nextval(''epoch_seq'')::int';

-- A wallet with the accounts that its kind has from the start.
CREATE FUNCTION open_wallet(p_kind smallint, p_unit int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    new_id bigint;
BEGIN
    INSERT INTO wallet (kind) VALUES (p_kind) RETURNING id INTO new_id;
    INSERT INTO account (id, wallet_id, kind, unit, floor)
    SELECT nextval('account_seq'), new_id, id, p_unit, default_floor
    FROM account_kind WHERE p_kind = ANY(opens_with) ORDER BY id;
    RETURN new_id;
END $$;

-- One more account. A NULL floor takes the kind's own, unless p_no_floor.
CREATE FUNCTION open_account(
    p_wallet bigint, p_kind smallint, p_unit int, p_member bigint, p_floor bigint, p_programme bigint, p_funder bigint,
    p_scope bigint, p_from timestamptz, p_until timestamptz, p_slot smallint
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    new_id bigint;
BEGIN
    PERFORM touch(ARRAY[p_wallet]);
    INSERT INTO account (id, wallet_id, member_id, kind, unit, floor, programme_id, funder_id, scope_id, usable_from,
                         usable_until, slot)
    SELECT nextval('account_seq'), p_wallet, p_member, id, p_unit, coalesce(p_floor, default_floor), p_programme, p_funder,
           p_scope, p_from, p_until, p_slot
    FROM account_kind WHERE id = p_kind
    RETURNING id INTO STRICT new_id;
    RETURN new_id;
END $$;

-- Locks come in id order, so that two desks never wait for each other in a circle.
CREATE FUNCTION lock_wallets(p_wallets bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
BEGIN
    PERFORM id FROM account WHERE wallet_id = ANY(p_wallets) AND closed_at IS NULL ORDER BY id FOR NO KEY UPDATE;
END $$;

-- Whatever a decision reads has changed: no decision on the old facts can be posted any more.
CREATE FUNCTION touch(p_wallets bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
BEGIN
    PERFORM lock_wallets(p_wallets);
    UPDATE account SET version = version + 1 WHERE wallet_id = ANY(p_wallets) AND closed_at IS NULL
       AND kind IN (SELECT id FROM account_kind WHERE NOT is_lazy);
END $$;

-- Which wallets of these accounts another transaction holds at this moment.
CREATE FUNCTION held_wallets(p_accounts bigint[]) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
DECLARE
    free bigint[];
    held bigint[];
BEGIN
    free := ARRAY(SELECT id FROM account WHERE id = ANY(p_accounts) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED);
    SELECT array_agg(DISTINCT wallet_id) INTO held FROM account WHERE id = ANY(p_accounts) AND NOT id = ANY(free);
    RETURN coalesce(held, '{}');
END $$;
