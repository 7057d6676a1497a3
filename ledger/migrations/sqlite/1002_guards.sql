-- What is written stays written (DESIGN, "What must stay true" 1 and 2).
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers
BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers
BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
CREATE TRIGGER lots_fixed BEFORE UPDATE OF municipality, id, transfer, account, holder, programme, kind,
    price_won, value_won, created_at, expires_at ON lots
BEGIN SELECT RAISE(ABORT, 'of a lot only left_won changes'); END;
CREATE TRIGGER lots_no_delete BEFORE DELETE ON lots
BEGIN SELECT RAISE(ABORT, 'a lot is never forgotten'); END;
CREATE TRIGGER accounts_fixed BEFORE UPDATE OF municipality, id, kind, owner ON accounts
BEGIN SELECT RAISE(ABORT, 'of an account only balance_won changes'); END;
CREATE TRIGGER accounts_no_delete BEFORE DELETE ON accounts
BEGIN SELECT RAISE(ABORT, 'an account stays'); END;
