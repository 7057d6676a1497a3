CREATE TRIGGER take_backs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON take_backs
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('take-backs are append-only');
