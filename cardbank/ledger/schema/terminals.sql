-- Batches that terminals have closed, one after the other; the one that follows the last is open.
CREATE TABLE closed_batch (
    terminal_id bigint NOT NULL,
    number      int NOT NULL CHECK (number > 0),
    closed_at   timestamptz NOT NULL,
    PRIMARY KEY (terminal_id, number)
);
CREATE INDEX closed_batch_at ON closed_batch USING brin (closed_at) WITH (pages_per_range = 8, autosummarize = on);

-- Called with the posting of the entries before it, in one statement. Raises PL005 where a batch is not the open one.
CREATE FUNCTION close_batches(p_terminals bigint[], p_numbers int[], p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    n int;
BEGIN
    FOR n IN 1 .. cardinality(p_terminals) LOOP
        INSERT INTO closed_batch (terminal_id, number, closed_at)
        SELECT p_terminals[n], p_numbers[n], p_at
        WHERE p_numbers[n] = 1 + coalesce((SELECT max(number) FROM closed_batch WHERE terminal_id = p_terminals[n]), 0);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the batch is not the open one' USING ERRCODE = 'PL005';
        END IF;
    END LOOP;
END $$;
