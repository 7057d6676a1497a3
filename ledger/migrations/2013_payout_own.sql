-- A roster's own cells, kept as they were for the result: some rows at a time, sealed by the room that knows people.
CREATE TABLE payout_own (
    municipality BIGINT NOT NULL,
    payout BIGINT NOT NULL,
    first_row BIGINT NOT NULL,
    last_row BIGINT NOT NULL CHECK (last_row >= first_row),
    sealed TEXT NOT NULL,
    PRIMARY KEY (municipality, payout, first_row),
    FOREIGN KEY (municipality, payout) REFERENCES payouts (municipality, id)
);
-- What stands over the columns, as JSON: a list of texts; empty where there is no file.
ALTER TABLE payouts ADD COLUMN own_header TEXT NOT NULL DEFAULT '';
