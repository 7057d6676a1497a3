-- A batch in which somebody pays by code: what any batch writes (1050), and which code each of those payments used, as
-- one statement and so as one transaction. A code or an order that somebody else was faster with is a unique violation:
-- the poster reads anew.
CREATE FUNCTION ledger_post_code_payments(
    wallet_municipality BIGINT[], wallet_id BIGINT[], wallet_delta BIGINT[],
    lot_municipality BIGINT[], lot_id BIGINT[], lot_was_won BIGINT[], lot_left_won BIGINT[],
    paid_municipality BIGINT[], paid_id BIGINT[], paid_amount_won BIGINT[], paid_created_at BIGINT[],
    paid_holder BIGINT[], paid_merchant BIGINT[], paid_key TEXT[], paid_body_hash TEXT[], paid_actor TEXT[],
    line_municipality BIGINT[], line_transfer BIGINT[], line_line BIGINT[], line_account BIGINT[],
    line_amount_won BIGINT[], line_lot BIGINT[], line_programme BIGINT[], line_created_at BIGINT[],
    merchant_municipality BIGINT[], merchant_id BIGINT[], merchant_delta BIGINT[],
    used_municipality BIGINT[], used_transfer BIGINT[], used_code BIGINT[], used_merchant BIGINT[], used_order TEXT[]
) RETURNS BIGINT LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_post_payments(
        wallet_municipality, wallet_id, wallet_delta, lot_municipality, lot_id, lot_was_won, lot_left_won,
        paid_municipality, paid_id, paid_amount_won, paid_created_at, paid_holder, paid_merchant, paid_key,
        paid_body_hash, paid_actor, line_municipality, line_transfer, line_line, line_account, line_amount_won,
        line_lot, line_programme, line_created_at, merchant_municipality, merchant_id, merchant_delta);
    INSERT INTO code_payments (municipality, transfer, code, merchant, order_id)
        SELECT u.municipality, u.transfer, u.code, u.merchant, NULLIF(u.order_id, '')
        FROM unnest(used_municipality, used_transfer, used_code, used_merchant, used_order)
            AS u (municipality, transfer, code, merchant, order_id);
    RETURN cardinality(paid_id);
END $$;
