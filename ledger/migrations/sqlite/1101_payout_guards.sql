CREATE TRIGGER payout_rows_fixed BEFORE UPDATE OF municipality, payout, row_number, sealed, person_key, amount_won,
    outcome, field, why ON payout_rows
BEGIN SELECT RAISE(ABORT, 'a payout''s checked rows do not change'); END;
CREATE TRIGGER payout_rows_paid BEFORE UPDATE ON payout_rows WHEN OLD.state <> 'waiting'
BEGIN SELECT RAISE(ABORT, 'a row is paid once'); END;
CREATE TRIGGER payout_events_no_update BEFORE UPDATE ON payout_events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER payout_events_no_delete BEFORE DELETE ON payout_events
WHEN (SELECT state FROM payouts p WHERE p.municipality = OLD.municipality AND p.id = OLD.payout) <> 'draft'
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
