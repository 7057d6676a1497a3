-- What looks like resale or a circle (ledger/src/alerts). An alert blocks nobody: it is a question to an official, with
-- the transfers that raised it, and every answer stays.

-- A city's own thresholds; where there is no row the rule's defaults hold. What each number means is the rule's.
CREATE TABLE alert_rules (
    municipality BIGINT NOT NULL REFERENCES municipalities (code),
    rule         TEXT   NOT NULL,
    is_on        BIGINT NOT NULL CHECK (is_on IN (0, 1)),
    won          BIGINT NOT NULL CHECK (won > 0),
    count        BIGINT NOT NULL CHECK (count > 0),
    span         BIGINT NOT NULL CHECK (span > 0),
    factor       BIGINT NOT NULL CHECK (factor > 0),
    changed_at   BIGINT NOT NULL,
    changed_by   TEXT   NOT NULL,
    PRIMARY KEY (municipality, rule)
);

-- from_at, until_at: the first and last transfer of the evidence. holder: none where many residents are in it.
CREATE TABLE alerts (
    municipality BIGINT NOT NULL REFERENCES municipalities (code),
    id           BIGINT NOT NULL,
    rule         TEXT   NOT NULL,
    holder       BIGINT,
    merchant     BIGINT NOT NULL,
    from_at      BIGINT NOT NULL,
    until_at     BIGINT NOT NULL CHECK (until_at >= from_at),
    won          BIGINT NOT NULL CHECK (won > 0),
    transfers    TEXT   NOT NULL,
    thresholds   TEXT   NOT NULL,
    raised_at    BIGINT NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('open', 'cleared', 'confirmed')),
    PRIMARY KEY (municipality, id),
    FOREIGN KEY (municipality, merchant) REFERENCES merchants (municipality, id)
);
CREATE INDEX alerts_by_state ON alerts (municipality, state, id);
CREATE INDEX alerts_of ON alerts (municipality, rule, merchant, until_at);

-- What officials decided, in order; the last one is the alert's state.
CREATE TABLE alert_decisions (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    alert        BIGINT NOT NULL,
    request_key  TEXT   NOT NULL CHECK (LENGTH(request_key) BETWEEN 1 AND 64),
    state        TEXT   NOT NULL CHECK (state IN ('open', 'cleared', 'confirmed')),
    reason       TEXT   NOT NULL,
    decided_by   TEXT   NOT NULL,
    decided_at   BIGINT NOT NULL,
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, request_key),
    FOREIGN KEY (municipality, alert) REFERENCES alerts (municipality, id)
);
CREATE INDEX alert_decisions_of ON alert_decisions (municipality, alert, id);

-- Up to which instant a municipality was looked at.
CREATE TABLE alert_looks (
    municipality BIGINT NOT NULL PRIMARY KEY REFERENCES municipalities (code),
    until_at     BIGINT NOT NULL
);
