CREATE TRIGGER code_payments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON code_payments
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('what a code paid is append-only');
