-- The public log (ledger/src/log): an append-only Merkle tree over all transfers of all municipalities.

-- Transfers that are committed and not in the log yet. A trigger on transfers writes it (1701), in the transaction
-- of the transfer itself, so that neither can be there without the other; the sequencer takes rows out.
CREATE TABLE log_pending (
    municipality BIGINT NOT NULL,
    transfer     BIGINT NOT NULL
);

-- How far the log is. One row; whoever appends changes it from what it was.
CREATE TABLE log_head (
    one  BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    size BIGINT NOT NULL CHECK (size >= 0),
    root TEXT   NOT NULL
);
-- The root of no leaves: SHA-256 of nothing.
INSERT INTO log_head (one, size, root) VALUES (1, 0, '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');

-- Which leaf a transfer is, counted from 0, and the leaf's salt (128 random bits).
CREATE TABLE log_leaves (
    municipality BIGINT NOT NULL,
    transfer     BIGINT NOT NULL,
    number       BIGINT NOT NULL CHECK (number >= 0),
    salt_high    BIGINT NOT NULL,
    salt_low     BIGINT NOT NULL,
    PRIMARY KEY (municipality, transfer)
);

-- Signed notes (C2SP tlog-checkpoint), as published.
CREATE TABLE log_checkpoints (
    size BIGINT NOT NULL,
    at   BIGINT NOT NULL,
    root TEXT   NOT NULL,
    note TEXT   NOT NULL,
    PRIMARY KEY (size, at)
);

INSERT INTO log_pending (municipality, transfer) SELECT municipality, id FROM transfers;
