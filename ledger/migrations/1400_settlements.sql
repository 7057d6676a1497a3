-- What merchants took, sent to them by the bank. A settlement's id is that of the transfer that handed its money to
-- the bank, and so of its remittance. Takings from one settlement's end to the next one's: none is left out or counted
-- twice. What could not be sent, because the account had less by then, is carried over to the next.
CREATE TABLE settlements (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    merchant     BIGINT NOT NULL,
    from_at      BIGINT NOT NULL,
    until_at     BIGINT NOT NULL CHECK (until_at > from_at),
    brought_won  BIGINT NOT NULL,
    taken_won    BIGINT NOT NULL,
    sent_won     BIGINT NOT NULL CHECK (sent_won > 0),
    carried_won  BIGINT NOT NULL CHECK (carried_won = brought_won + taken_won - sent_won AND carried_won >= 0),
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, merchant, until_at),
    FOREIGN KEY (municipality, id) REFERENCES transfers (municipality, id),
    FOREIGN KEY (municipality, merchant) REFERENCES merchants (municipality, id)
);
