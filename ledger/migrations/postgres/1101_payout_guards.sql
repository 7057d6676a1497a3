CREATE TRIGGER payout_rows_fixed BEFORE UPDATE OF municipality, payout, row_number, sealed, person_key, amount_won,
    outcome, field, why ON payout_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('a payout''s checked rows do not change');
CREATE TRIGGER payout_rows_paid BEFORE UPDATE ON payout_rows FOR EACH ROW WHEN (OLD.state <> 'waiting')
    EXECUTE FUNCTION ledger_refuse('a row is paid once');
CREATE TRIGGER payout_events_append_only BEFORE UPDATE OR TRUNCATE ON payout_events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('events are append-only');
CREATE FUNCTION ledger_keep_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM payouts WHERE municipality = OLD.municipality AND id = OLD.payout) <> 'draft' THEN
        RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER payout_events_no_delete BEFORE DELETE ON payout_events
    FOR EACH ROW EXECUTE FUNCTION ledger_keep_event();
