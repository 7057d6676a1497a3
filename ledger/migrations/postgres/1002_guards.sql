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

-- Entries sum to zero: looked at when the transaction commits, whoever wrote them.
-- A plan cached while the table was small would scan it for ever after: the index, always.
CREATE FUNCTION ledger_sums_to_zero() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    difference BIGINT;
BEGIN
    SELECT COALESCE(SUM(amount_won), 0) INTO difference
        FROM entries WHERE municipality = NEW.municipality AND transfer = NEW.transfer;
    IF difference <> 0 THEN
        RAISE EXCEPTION 'the entries of transfer % sum to %, not to zero', NEW.transfer, difference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entries_sum_to_zero AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_sums_to_zero();
