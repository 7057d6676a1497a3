-- Gifts on their way from one holder to another. A gift's id is that of the transfer that took it from its sender;
-- its value waits in the municipality's gifts account until claimed, taken back or lapsed.
CREATE TABLE gifts (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    sender       BIGINT NOT NULL,
    -- A keyed hash made by the room that knows phone numbers; unreadable here.
    recipient    TEXT   NOT NULL CHECK (LENGTH(recipient) BETWEEN 1 AND 100),
    amount_won   BIGINT NOT NULL CHECK (amount_won > 0),
    state        TEXT   NOT NULL CHECK (state IN ('waiting', 'claimed', 'cancelled', 'lapsed')),
    lapse_at     BIGINT NOT NULL,
    claimed_by   BIGINT,
    ended_by     BIGINT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (municipality, id),
    FOREIGN KEY (municipality, id) REFERENCES transfers (municipality, id),
    FOREIGN KEY (municipality, ended_by) REFERENCES transfers (municipality, id),
    CHECK ((state = 'waiting') = (ended_by IS NULL)),
    CHECK ((state = 'claimed') = (claimed_by IS NOT NULL))
);
CREATE INDEX gifts_of_sender ON gifts (municipality, sender, id);
CREATE INDEX gifts_of_recipient ON gifts (municipality, recipient, id);
CREATE INDEX gifts_waiting ON gifts (municipality, lapse_at) WHERE state = 'waiting';

-- What a gift took from which lot, and how much of that its sender had paid.
CREATE TABLE gift_parts (
    municipality BIGINT NOT NULL,
    gift         BIGINT NOT NULL,
    line         BIGINT NOT NULL,
    lot          BIGINT NOT NULL,
    amount_won   BIGINT NOT NULL CHECK (amount_won > 0),
    price_won    BIGINT NOT NULL CHECK (price_won BETWEEN 0 AND amount_won),
    PRIMARY KEY (municipality, gift, line),
    FOREIGN KEY (municipality, gift) REFERENCES gifts (municipality, id),
    FOREIGN KEY (municipality, lot) REFERENCES lots (municipality, id)
);
