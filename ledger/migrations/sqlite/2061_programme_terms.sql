CREATE TRIGGER programme_terms_fixed BEFORE UPDATE OF municipality, id, programme, request_key, effective_at, discount_bp,
    monthly_limit_won, holding_limit_won, monthly_budget_won, expiry_months, expiry_until_at, refund_threshold_pct,
    sale_from_at, sale_until_at, reason, created_at, created_by ON programme_terms
BEGIN SELECT RAISE(ABORT, 'terms are written once'); END;
CREATE TRIGGER programme_terms_no_delete BEFORE DELETE ON programme_terms
BEGIN SELECT RAISE(ABORT, 'terms stay'); END;

-- What was sold before there was a count.
INSERT INTO programme_months (municipality, programme, month, discount_won)
    SELECT municipality, programme,
        CAST(strftime('%Y', created_at / 1000 + 32400, 'unixepoch') AS INTEGER) * 12
            + CAST(strftime('%m', created_at / 1000 + 32400, 'unixepoch') AS INTEGER) - 1,
        SUM(value_won - price_won)
    FROM lots WHERE kind = 'bought' GROUP BY 1, 2, 3;
