-- Rows of a payout paid by set (ledger/src/payouts/pay.rs, whose SQLite statements are the other half of this pair):
-- the rows' states, wallets, transfers, lots, entries. What is written was decided before, under the locks of the
-- payout, the wallets and the budget; the schema's guards look at it as at anybody's. Of n rows: transfers have the
-- ids from first_id on, lots from first_id + n, wallets that are new from first_id + 2n. Answers n; -1 where a row
-- was not waiting any more: then nothing of it may be kept.
CREATE FUNCTION ledger_pay_rows(
    of_municipality BIGINT, of_payout BIGINT, of_programme BIGINT, from_budget BIGINT, first_id BIGINT,
    paid_at BIGINT, ends_at BIGINT,
    row_numbers BIGINT[], holders BIGINT[], amounts_won BIGINT[], body_hashes TEXT[]
) RETURNS BIGINT LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    n BIGINT := cardinality(row_numbers);
    wallets BIGINT[];
    changed BIGINT;
BEGIN
    UPDATE payout_rows r SET state = 'paid', holder = d.holder, transfer = first_id + d.i - 1
        FROM unnest(row_numbers, holders) WITH ORDINALITY AS d (row_number, holder, i)
        WHERE r.municipality = of_municipality AND r.payout = of_payout AND r.row_number = d.row_number
            AND r.state = 'waiting';
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> n THEN
        RETURN -1;
    END IF;
    INSERT INTO accounts AS a (municipality, id, kind, owner, balance_won)
        SELECT of_municipality, MIN(first_id + 2 * n + d.i - 1), 'wallet', d.holder, CAST(SUM(d.amount_won) AS BIGINT)
        FROM unnest(holders, amounts_won) WITH ORDINALITY AS d (holder, amount_won, i)
        GROUP BY d.holder ORDER BY d.holder
        ON CONFLICT (municipality, kind, owner) DO UPDATE SET balance_won = a.balance_won + EXCLUDED.balance_won;
    wallets := ARRAY(
        SELECT a.id FROM unnest(holders) WITH ORDINALITY AS d (holder, i)
        JOIN accounts a ON a.municipality = of_municipality AND a.kind = 'wallet' AND a.owner = d.holder
        ORDER BY d.i);
    INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, created_at, actor, programme,
            holder, payout)
        SELECT of_municipality, first_id + d.i - 1, 'payout:' || of_payout || ':' || d.row_number, d.body_hash, 'grant',
            d.amount_won, paid_at, 'payout:' || of_payout, of_programme, d.holder, of_payout
        FROM unnest(row_numbers, holders, amounts_won, body_hashes) WITH ORDINALITY
            AS d (row_number, holder, amount_won, body_hash, i);
    INSERT INTO lots (municipality, id, transfer, account, holder, programme, kind, price_won, value_won, left_won,
            created_at, expires_at)
        SELECT of_municipality, first_id + n + d.i - 1, first_id + d.i - 1, d.wallet, d.holder, of_programme, 'granted', 0,
            d.amount_won, d.amount_won, paid_at, ends_at
        FROM unnest(wallets, holders, amounts_won) WITH ORDINALITY AS d (wallet, holder, amount_won, i);
    INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, programme, kind, created_at)
        SELECT of_municipality, first_id + d.i - 1, e.line, e.account, e.amount_won, e.lot, of_programme, 'grant', paid_at
        FROM unnest(wallets, amounts_won) WITH ORDINALITY AS d (wallet, amount_won, i)
        CROSS JOIN LATERAL (VALUES
            (0, from_budget, -d.amount_won, CAST(NULL AS BIGINT)),
            (1, d.wallet, d.amount_won, first_id + n + d.i - 1)) AS e (line, account, amount_won, lot);
    RETURN n;
END $$;

-- Foreign keys that asked once for each of millions of rows ask once for each statement, as 1002 does for transfers
-- and entries: what they point at stays.
ALTER TABLE lots
    DROP CONSTRAINT lots_municipality_transfer_fkey,
    DROP CONSTRAINT lots_municipality_account_fkey,
    DROP CONSTRAINT lots_municipality_programme_fkey;
CREATE FUNCTION ledger_check_lots() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    missing RECORD;
BEGIN
    SELECT COUNT(*) - COUNT(t.id) AS transfers, COUNT(*) - COUNT(a.id) AS accounts, COUNT(*) - COUNT(p.id) AS programmes
        INTO missing
        FROM written w LEFT JOIN transfers t ON t.municipality = w.municipality AND t.id = w.transfer
        LEFT JOIN accounts a ON a.municipality = w.municipality AND a.id = w.account
        LEFT JOIN programmes p ON p.municipality = w.municipality AND p.id = w.programme;
    IF missing.transfers + missing.accounts + missing.programmes > 0 THEN
        RAISE EXCEPTION 'lots point at what is not there: %', missing USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lots_refer AFTER INSERT ON lots REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_lots();

ALTER TABLE accounts DROP CONSTRAINT accounts_municipality_fkey;
CREATE FUNCTION ledger_check_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT municipality FROM written) w
            WHERE NOT EXISTS (SELECT FROM municipalities m WHERE m.code = w.municipality)) THEN
        RAISE EXCEPTION 'an account of no municipality' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_refer AFTER INSERT ON accounts REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_accounts();

-- A payout is deleted only as a draft without rows (ledger/src/payouts/check.rs), so its rows need to ask once too.
ALTER TABLE payout_rows DROP CONSTRAINT payout_rows_municipality_payout_fkey;
CREATE FUNCTION ledger_check_payout_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT municipality, payout FROM written) w
            WHERE NOT EXISTS (SELECT FROM payouts p WHERE p.municipality = w.municipality AND p.id = w.payout)) THEN
        RAISE EXCEPTION 'a row of no payout' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payout_rows_refer AFTER INSERT ON payout_rows REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_payout_rows();
CREATE FUNCTION ledger_keep_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft'
        OR EXISTS (SELECT FROM payout_rows r WHERE r.municipality = OLD.municipality AND r.payout = OLD.id) THEN
        RAISE EXCEPTION 'a payout with rows stays' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER payouts_no_delete BEFORE DELETE ON payouts FOR EACH ROW EXECUTE FUNCTION ledger_keep_payout();
CREATE TRIGGER payouts_no_truncate BEFORE UPDATE OF municipality, id OR TRUNCATE ON payouts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('a payout stays');
