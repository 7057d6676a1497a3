CREATE TRIGGER alerts_fixed BEFORE UPDATE OF municipality, id, rule, holder, merchant, from_at, until_at, won, transfers,
    thresholds, raised_at ON alerts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('of an alert only its state changes');
CREATE TRIGGER alerts_no_delete BEFORE DELETE OR TRUNCATE ON alerts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('an alert stays');
CREATE TRIGGER alert_decisions_fixed BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('a decision stays');
