-- Terms of a programme that change from a time on. The programme's own row keeps the terms that it began with; what was
-- sold keeps the terms that held when it was sold, because a lot carries its price, value and end, and because the
-- refund threshold is looked up at the time of the purchase. Who may take the money does not change: it is part of what
-- was sold.
ALTER TABLE programmes ADD COLUMN monthly_budget_won BIGINT CHECK (monthly_budget_won > 0);

CREATE TABLE programme_terms (
    municipality         BIGINT NOT NULL,
    id                   BIGINT NOT NULL,
    programme            BIGINT NOT NULL,
    request_key          TEXT   NOT NULL CHECK (LENGTH(request_key) BETWEEN 1 AND 64),
    effective_at         BIGINT NOT NULL CHECK (effective_at >= created_at),
    discount_bp          BIGINT NOT NULL CHECK (discount_bp BETWEEN 0 AND 9999),
    monthly_limit_won    BIGINT CHECK (monthly_limit_won > 0),
    holding_limit_won    BIGINT CHECK (holding_limit_won > 0),
    monthly_budget_won   BIGINT CHECK (monthly_budget_won > 0),
    expiry_months        BIGINT CHECK (expiry_months > 0),
    expiry_until_at      BIGINT,
    refund_threshold_pct BIGINT NOT NULL CHECK (refund_threshold_pct BETWEEN 0 AND 100),
    sale_from_at         BIGINT,
    sale_until_at        BIGINT,
    reason               TEXT   NOT NULL,
    created_at           BIGINT NOT NULL,
    created_by           TEXT   NOT NULL,
    withdrawn_at         BIGINT,
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, request_key),
    FOREIGN KEY (municipality, programme) REFERENCES programmes (municipality, id),
    CHECK ((expiry_months IS NULL) <> (expiry_until_at IS NULL)),
    -- What has begun to hold is not undone; another change follows it.
    CHECK (withdrawn_at IS NULL OR withdrawn_at < effective_at)
);
CREATE INDEX programme_terms_in_force ON programme_terms (municipality, programme, effective_at, id)
    WHERE withdrawn_at IS NULL;

-- What the sales of a calendar month took from a programme's budget, counted in the transaction of each sale.
-- month: year · 12 + month − 1, in Seoul. A refund does not reopen the month.
CREATE TABLE programme_months (
    municipality BIGINT NOT NULL,
    programme    BIGINT NOT NULL,
    month        BIGINT NOT NULL,
    discount_won BIGINT NOT NULL CHECK (discount_won >= 0),
    PRIMARY KEY (municipality, programme, month),
    FOREIGN KEY (municipality, programme) REFERENCES programmes (municipality, id)
);
