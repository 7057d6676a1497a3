CREATE TRIGGER alerts_fixed BEFORE UPDATE OF municipality, id, rule, holder, merchant, from_at, until_at, won, transfers,
    thresholds, raised_at ON alerts
BEGIN SELECT RAISE(ABORT, 'of an alert only its state changes'); END;
CREATE TRIGGER alerts_no_delete BEFORE DELETE ON alerts
BEGIN SELECT RAISE(ABORT, 'an alert stays'); END;
CREATE TRIGGER alert_decisions_no_update BEFORE UPDATE ON alert_decisions
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
CREATE TRIGGER alert_decisions_no_delete BEFORE DELETE ON alert_decisions
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
