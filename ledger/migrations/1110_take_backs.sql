-- What the municipality took back of what it had granted: by whom and why. The id is that of the transfer.
CREATE TABLE take_backs (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    lot          BIGINT NOT NULL,
    by_staff     BIGINT NOT NULL,
    reason       TEXT   NOT NULL CHECK (LENGTH(reason) BETWEEN 1 AND 200),
    amount_won   BIGINT NOT NULL CHECK (amount_won > 0),
    at           BIGINT NOT NULL,
    PRIMARY KEY (municipality, id),
    FOREIGN KEY (municipality, id) REFERENCES transfers (municipality, id),
    FOREIGN KEY (municipality, lot) REFERENCES lots (municipality, id)
);
CREATE INDEX take_backs_of_lot ON take_backs (municipality, lot);
