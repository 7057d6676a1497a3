CREATE TRIGGER code_payments_no_update BEFORE UPDATE ON code_payments
BEGIN SELECT RAISE(ABORT, 'what a code paid is append-only'); END;
CREATE TRIGGER code_payments_no_delete BEFORE DELETE ON code_payments
BEGIN SELECT RAISE(ABORT, 'what a code paid is append-only'); END;
