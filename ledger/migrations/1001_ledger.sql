-- Money. Won and milliseconds are BIGINT; every table begins with the municipality, so that it can be
-- distributed by it. What the two engines write differently (triggers) stands in their own folders.

CREATE TABLE municipalities (
    code             BIGINT NOT NULL PRIMARY KEY,
    name             TEXT   NOT NULL,
    name_en          TEXT   NOT NULL,
    currency_name    TEXT   NOT NULL,
    currency_name_en TEXT   NOT NULL,
    help_line        TEXT   NOT NULL,
    help_hours       TEXT   NOT NULL,
    opened_at        BIGINT NOT NULL
);

CREATE TABLE programmes (
    municipality         BIGINT NOT NULL REFERENCES municipalities (code),
    id                   BIGINT NOT NULL,
    kind                 TEXT   NOT NULL CHECK (kind IN ('sold', 'given')),
    name                 TEXT   NOT NULL,
    name_en              TEXT   NOT NULL,
    discount_bp          BIGINT NOT NULL CHECK (discount_bp BETWEEN 0 AND 9999),
    monthly_limit_won    BIGINT CHECK (monthly_limit_won > 0),
    holding_limit_won    BIGINT CHECK (holding_limit_won > 0),
    expiry_months        BIGINT CHECK (expiry_months > 0),
    expiry_until_at      BIGINT,
    revenue_limit_won    BIGINT CHECK (revenue_limit_won >= 0),
    barred_categories    TEXT   NOT NULL,
    refund_threshold_pct BIGINT NOT NULL CHECK (refund_threshold_pct BETWEEN 0 AND 100),
    sale_from_at         BIGINT,
    sale_until_at        BIGINT,
    state                TEXT   NOT NULL CHECK (state IN ('draft', 'open', 'stopped')),
    created_at           BIGINT NOT NULL,
    created_by           TEXT   NOT NULL,
    PRIMARY KEY (municipality, id),
    CHECK ((expiry_months IS NULL) <> (expiry_until_at IS NULL))
);

CREATE TABLE merchants (
    municipality     BIGINT NOT NULL REFERENCES municipalities (code),
    id               BIGINT NOT NULL,
    code             TEXT   NOT NULL,
    name             TEXT   NOT NULL,
    category         TEXT   NOT NULL,
    revenue_won_year BIGINT NOT NULL CHECK (revenue_won_year >= 0),
    address          TEXT   NOT NULL,
    district         TEXT   NOT NULL,
    status           TEXT   NOT NULL CHECK (status IN ('open', 'suspended', 'closed')),
    created_at       BIGINT NOT NULL,
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, code)
);
CREATE INDEX merchants_by_name ON merchants (municipality, name, id);

-- owner: 0 for treasury, clearing, gifts and holds, else the programme, holder or merchant.
CREATE TABLE accounts (
    municipality BIGINT NOT NULL REFERENCES municipalities (code),
    id           BIGINT NOT NULL,
    kind         TEXT   NOT NULL CHECK (kind IN ('treasury', 'clearing', 'budget', 'wallet', 'merchant',
        'refundable', 'gifts', 'holds')),
    owner        BIGINT NOT NULL,
    balance_won  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, kind, owner),
    CONSTRAINT accounts_not_overdrawn CHECK (balance_won >= 0 OR kind IN ('treasury', 'clearing'))
);

CREATE TABLE transfers (
    municipality    BIGINT NOT NULL REFERENCES municipalities (code),
    id              BIGINT NOT NULL,
    idempotency_key TEXT   NOT NULL CHECK (LENGTH(idempotency_key) BETWEEN 1 AND 64),
    body_hash       TEXT   NOT NULL,
    kind            TEXT   NOT NULL CHECK (kind IN ('fund', 'grant', 'sell', 'pay', 'cancel', 'refund', 'remit',
        'remit_return', 'expire', 'gift', 'gift_claim', 'gift_return', 'take_back', 'settle', 'hold',
        'release')),
    amount_won      BIGINT NOT NULL CHECK (amount_won > 0),
    created_at      BIGINT NOT NULL,
    actor           TEXT   NOT NULL,
    programme       BIGINT,
    holder          BIGINT,
    merchant        BIGINT,
    cancels         BIGINT,
    payout          BIGINT,
    deposit         BIGINT,
    PRIMARY KEY (municipality, id),
    CONSTRAINT transfers_once UNIQUE (municipality, idempotency_key),
    FOREIGN KEY (municipality, programme) REFERENCES programmes (municipality, id),
    FOREIGN KEY (municipality, merchant) REFERENCES merchants (municipality, id),
    FOREIGN KEY (municipality, cancels) REFERENCES transfers (municipality, id),
    CHECK ((kind = 'cancel') = (cancels IS NOT NULL))
);
-- The desk's day, and what was cancelled of a payment.
CREATE INDEX transfers_by_day ON transfers (municipality, created_at, id);
CREATE INDEX transfers_cancels ON transfers (municipality, cancels) WHERE cancels IS NOT NULL;
-- A deposit becomes money once, whatever key it comes with.
CREATE UNIQUE INDEX transfers_deposit ON transfers (municipality, deposit) WHERE deposit IS NOT NULL;

CREATE TABLE lots (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    transfer     BIGINT NOT NULL,
    account      BIGINT NOT NULL,
    holder       BIGINT NOT NULL,
    programme    BIGINT NOT NULL,
    kind         TEXT   NOT NULL CHECK (kind IN ('bought', 'granted', 'gifted')),
    price_won    BIGINT NOT NULL CHECK (price_won BETWEEN 0 AND value_won),
    value_won    BIGINT NOT NULL CHECK (value_won > 0),
    left_won     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL CHECK (expires_at > created_at),
    is_open      BIGINT NOT NULL GENERATED ALWAYS AS (CASE WHEN left_won > 0 THEN 1 ELSE 0 END) STORED,
    PRIMARY KEY (municipality, id),
    CONSTRAINT lots_within_value CHECK (left_won BETWEEN 0 AND value_won),
    FOREIGN KEY (municipality, transfer) REFERENCES transfers (municipality, id),
    FOREIGN KEY (municipality, account) REFERENCES accounts (municipality, id),
    FOREIGN KEY (municipality, programme) REFERENCES programmes (municipality, id)
);
-- Indexes of open lots ask for is_open, which changes once, and not for left_won, which changes with each payment:
-- PostgreSQL would write every index of a lot anew each time. Queries that want them ask for is_open = 1.
-- The wallet: what one holder has left, soonest expiry first.
CREATE INDEX lots_open ON lots (municipality, holder, expires_at, created_at, id) WHERE is_open = 1;
-- The monthly purchase limit.
CREATE INDEX lots_bought ON lots (municipality, holder, programme, created_at);
-- What is outstanding by programme.
CREATE INDEX lots_outstanding ON lots (municipality, programme, expires_at) WHERE is_open = 1;

-- line: the order in which a payment took its lots. created_at and kind repeat the transfer's, so that a
-- history with its filters is a walk of one index and touches no other row.
CREATE TABLE entries (
    municipality BIGINT NOT NULL,
    transfer     BIGINT NOT NULL,
    line         BIGINT NOT NULL,
    account      BIGINT NOT NULL,
    amount_won   BIGINT NOT NULL CHECK (amount_won <> 0),
    lot          BIGINT,
    programme    BIGINT,
    kind         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (municipality, transfer, line),
    FOREIGN KEY (municipality, transfer) REFERENCES transfers (municipality, id),
    FOREIGN KEY (municipality, account) REFERENCES accounts (municipality, id),
    FOREIGN KEY (municipality, lot) REFERENCES lots (municipality, id)
);
CREATE INDEX entries_history
    ON entries (municipality, account, created_at, transfer, kind, programme, amount_won);

-- Money announced by a resident and awaited from the bank; it is value only once confirmed.
CREATE TABLE deposits (
    municipality   BIGINT NOT NULL REFERENCES municipalities (code),
    id             BIGINT NOT NULL,
    request_key    TEXT   NOT NULL CHECK (LENGTH(request_key) BETWEEN 1 AND 64),
    body_hash      TEXT   NOT NULL,
    holder         BIGINT NOT NULL,
    programme      BIGINT NOT NULL,
    price_won      BIGINT NOT NULL CHECK (price_won > 0),
    value_won      BIGINT NOT NULL CHECK (value_won >= price_won),
    state          TEXT   NOT NULL CHECK (state IN ('pending', 'confirmed', 'failed', 'unknown')),
    reason         TEXT   NOT NULL,
    actor          TEXT   NOT NULL,
    transfer       BIGINT,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, request_key),
    FOREIGN KEY (municipality, programme) REFERENCES programmes (municipality, id),
    CHECK ((state = 'confirmed') = (transfer IS NOT NULL))
);
CREATE INDEX deposits_by_holder ON deposits (municipality, holder, created_at, id);
CREATE INDEX deposits_waiting ON deposits (municipality, programme, holder) WHERE state = 'pending';
