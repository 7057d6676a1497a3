-- A batch of payments written at once: by the poster (ledger/src/poster/write.rs, whose SQLite statements are the
-- other half of this pair), in the order of locks: wallets, lots, keys, merchants, each by id as the arrays bring
-- them. It is refused as a whole (40001: try again) when a lot is not what it was when the poster read it.
-- It knows no rule: what is written was decided before, and the schema's guards look at it as at anybody's.
CREATE FUNCTION ledger_post_payments(
    wallet_municipality BIGINT[], wallet_id BIGINT[], wallet_delta BIGINT[],
    lot_municipality BIGINT[], lot_id BIGINT[], lot_was_won BIGINT[], lot_left_won BIGINT[],
    paid_municipality BIGINT[], paid_id BIGINT[], paid_amount_won BIGINT[], paid_created_at BIGINT[],
    paid_holder BIGINT[], paid_merchant BIGINT[], paid_key TEXT[], paid_body_hash TEXT[], paid_actor TEXT[],
    line_municipality BIGINT[], line_transfer BIGINT[], line_line BIGINT[], line_account BIGINT[],
    line_amount_won BIGINT[], line_lot BIGINT[], line_programme BIGINT[], line_created_at BIGINT[],
    merchant_municipality BIGINT[], merchant_id BIGINT[], merchant_delta BIGINT[]
) RETURNS BIGINT LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    changed BIGINT;
BEGIN
    UPDATE accounts a SET balance_won = a.balance_won + w.delta
        FROM unnest(wallet_municipality, wallet_id, wallet_delta) AS w (municipality, id, delta)
        WHERE a.municipality = w.municipality AND a.id = w.id;
    UPDATE lots l SET left_won = t.left_won
        FROM unnest(lot_municipality, lot_id, lot_was_won, lot_left_won) AS t (municipality, id, was_won, left_won)
        WHERE l.municipality = t.municipality AND l.id = t.id AND l.left_won = t.was_won;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> cardinality(lot_id) THEN
        RAISE EXCEPTION 'a lot has changed since it was read' USING ERRCODE = 'serialization_failure';
    END IF;
    INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, created_at, actor, holder,
            merchant)
        SELECT p.municipality, p.id, p.key, p.body_hash, 'pay', p.amount_won, p.created_at, p.actor, p.holder, p.merchant
        FROM unnest(paid_municipality, paid_id, paid_key, paid_body_hash, paid_amount_won, paid_created_at, paid_actor,
            paid_holder, paid_merchant)
            AS p (municipality, id, key, body_hash, amount_won, created_at, actor, holder, merchant);
    INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, programme, kind, created_at)
        SELECT e.municipality, e.transfer, e.line, e.account, e.amount_won, NULLIF(e.lot, 0), e.programme, 'pay',
            e.created_at
        FROM unnest(line_municipality, line_transfer, line_line, line_account, line_amount_won, line_lot,
            line_programme, line_created_at)
            AS e (municipality, transfer, line, account, amount_won, lot, programme, created_at);
    UPDATE accounts a SET balance_won = a.balance_won + m.delta
        FROM unnest(merchant_municipality, merchant_id, merchant_delta) AS m (municipality, id, delta)
        WHERE a.municipality = m.municipality AND a.id = m.id;
    RETURN cardinality(paid_id);
END $$;
