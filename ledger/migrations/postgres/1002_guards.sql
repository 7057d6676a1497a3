-- What is written stays written (DESIGN, "What must stay true" 1 and 2).
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('entries are append-only');
CREATE TRIGGER transfers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('transfers are append-only');
CREATE TRIGGER lots_fixed BEFORE UPDATE OF municipality, id, transfer, account, holder, programme, kind,
    price_won, value_won, created_at, expires_at ON lots
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('of a lot only left_won changes');
CREATE TRIGGER lots_no_delete BEFORE DELETE OR TRUNCATE ON lots
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('a lot is never forgotten');
CREATE TRIGGER accounts_fixed BEFORE UPDATE OF municipality, id, kind, owner ON accounts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('of an account only balance_won changes');
CREATE TRIGGER accounts_no_delete BEFORE DELETE OR TRUNCATE ON accounts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('an account stays');

CREATE TRIGGER municipalities_no_delete BEFORE UPDATE OF code OR DELETE OR TRUNCATE ON municipalities
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('a municipality stays');
CREATE TRIGGER programmes_no_delete BEFORE UPDATE OF municipality, id OR DELETE OR TRUNCATE ON programmes
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('a programme stays');
CREATE TRIGGER merchants_no_delete BEFORE UPDATE OF municipality, id OR DELETE OR TRUNCATE ON merchants
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('a merchant stays');

-- What a transfer and its entries point at is there, and stays, as the triggers above see to. So it is looked up
-- once per statement, for all its rows: a foreign key would ask for each row by a query of its own and lock what it
-- finds, and the merchant that everybody pays is one row. SQLite keeps the foreign keys, which cost it little.
ALTER TABLE transfers
    DROP CONSTRAINT transfers_municipality_fkey,
    DROP CONSTRAINT transfers_municipality_programme_fkey,
    DROP CONSTRAINT transfers_municipality_merchant_fkey,
    DROP CONSTRAINT transfers_municipality_cancels_fkey;
ALTER TABLE entries
    DROP CONSTRAINT entries_municipality_transfer_fkey,
    DROP CONSTRAINT entries_municipality_account_fkey,
    DROP CONSTRAINT entries_municipality_lot_fkey;

-- A plan cached while the tables were small would scan them for ever after: the indexes, always.
CREATE FUNCTION ledger_check_transfers() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    missing RECORD;
BEGIN
    SELECT COUNT(*) - COUNT(m.code) AS municipalities, COUNT(w.programme) - COUNT(p.id) AS programmes,
            COUNT(w.merchant) - COUNT(s.id) AS merchants, COUNT(w.cancels) - COUNT(c.id) AS payments
        INTO missing
        FROM written w LEFT JOIN municipalities m ON m.code = w.municipality
        LEFT JOIN programmes p ON p.municipality = w.municipality AND p.id = w.programme
        LEFT JOIN merchants s ON s.municipality = w.municipality AND s.id = w.merchant
        LEFT JOIN transfers c ON c.municipality = w.municipality AND c.id = w.cancels;
    IF missing.municipalities + missing.programmes + missing.merchants + missing.payments > 0 THEN
        RAISE EXCEPTION 'transfers point at what is not there: %', missing USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER transfers_refer AFTER INSERT ON transfers REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_transfers();

-- Entries sum to zero, whoever writes them: one statement brings all the entries of a transfer, or none.
CREATE FUNCTION ledger_check_entries() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong RECORD;
BEGIN
    SELECT w.municipality, w.transfer, SUM(w.amount_won) AS won INTO wrong
        FROM written w GROUP BY w.municipality, w.transfer HAVING SUM(w.amount_won) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the entries of transfer % sum to %, not to zero', wrong.transfer, wrong.won
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT COUNT(*) - COUNT(t.id) AS transfers, COUNT(*) - COUNT(a.id) AS accounts, COUNT(w.lot) - COUNT(l.id) AS lots
        INTO wrong
        FROM written w LEFT JOIN transfers t ON t.municipality = w.municipality AND t.id = w.transfer
        LEFT JOIN accounts a ON a.municipality = w.municipality AND a.id = w.account
        LEFT JOIN lots l ON l.municipality = w.municipality AND l.id = w.lot;
    IF wrong.transfers + wrong.accounts + wrong.lots > 0 THEN
        RAISE EXCEPTION 'entries point at what is not there: %', wrong USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entries_sum_to_zero AFTER INSERT ON entries REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_entries();

-- Balances and what is left of lots change often and stand in no index: with room on its page a row needs no new
-- index entries.
ALTER TABLE accounts SET (fillfactor = 70);
ALTER TABLE lots SET (fillfactor = 80);
