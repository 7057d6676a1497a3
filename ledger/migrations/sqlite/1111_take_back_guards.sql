CREATE TRIGGER take_backs_no_update BEFORE UPDATE ON take_backs
BEGIN SELECT RAISE(ABORT, 'take-backs are append-only'); END;
CREATE TRIGGER take_backs_no_delete BEFORE DELETE ON take_backs
BEGIN SELECT RAISE(ABORT, 'take-backs are append-only'); END;
