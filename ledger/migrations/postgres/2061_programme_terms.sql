CREATE TRIGGER programme_terms_fixed BEFORE UPDATE OF municipality, id, programme, request_key, effective_at, discount_bp,
    monthly_limit_won, holding_limit_won, monthly_budget_won, expiry_months, expiry_until_at, refund_threshold_pct,
    sale_from_at, sale_until_at, reason, created_at, created_by ON programme_terms
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('terms are written once');
CREATE TRIGGER programme_terms_no_delete BEFORE DELETE OR TRUNCATE ON programme_terms
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('terms stay');

-- What was sold before there was a count. Korea has been at UTC+9 since 1988.
INSERT INTO programme_months (municipality, programme, month, discount_won)
    SELECT municipality, programme,
        CAST(EXTRACT(YEAR FROM to_timestamp(created_at / 1000 + 32400) AT TIME ZONE 'UTC') AS BIGINT) * 12
            + CAST(EXTRACT(MONTH FROM to_timestamp(created_at / 1000 + 32400) AT TIME ZONE 'UTC') AS BIGINT) - 1,
        CAST(SUM(value_won - price_won) AS BIGINT)
    FROM lots WHERE kind = 'bought' GROUP BY 1, 2, 3;
