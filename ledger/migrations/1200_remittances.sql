-- Money on its way out by the bank: refunds to holders, settlements to merchants. A remittance's id is the id of
-- the transfer that handed its money to the bank; one that failed names the transfer that gave it back.
CREATE TABLE remittances (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    payee        TEXT   NOT NULL CHECK (payee IN ('holder', 'merchant')),
    owner        BIGINT NOT NULL,
    amount_won   BIGINT NOT NULL CHECK (amount_won > 0),
    state        TEXT   NOT NULL CHECK (state IN ('pending', 'confirmed', 'failed', 'unknown')),
    reason       TEXT   NOT NULL,
    returned     BIGINT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (municipality, id),
    FOREIGN KEY (municipality, id) REFERENCES transfers (municipality, id),
    FOREIGN KEY (municipality, returned) REFERENCES transfers (municipality, id),
    CHECK ((state = 'failed') = (returned IS NOT NULL))
);
CREATE INDEX remittances_of_payee ON remittances (municipality, payee, owner, id);
-- What the bank has not answered for: the lines by which the clearing account and the bank's statement may differ.
CREATE INDEX remittances_open ON remittances (municipality, id) WHERE state IN ('pending', 'unknown');
