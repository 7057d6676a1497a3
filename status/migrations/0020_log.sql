-- The public log of transfers, as this site has seen it from outside.

-- Keys that checkpoints are believed by: the first was taken as the portal gave it, or given at the start; each
-- other one signed a checkpoint together with one that was known before.
CREATE TABLE log_key (
    key   TEXT   NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL
);

-- Checkpoints that were checked: signed by a known key, continuing the one before. `began` is 1 where an operator let
-- the chain begin anew.
CREATE TABLE log_checkpoint (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    size    BIGINT NOT NULL,
    root    TEXT   NOT NULL,
    note    TEXT   NOT NULL,
    seen_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    began   BIGINT NOT NULL DEFAULT 0
);

-- What did not fit: the note as it came, what it was held against, and who has looked at it since.
CREATE TABLE log_alarm (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       BIGINT NOT NULL,
    kind     TEXT   NOT NULL CHECK (kind IN ('forked', 'shrunk', 'signature', 'withheld')),
    before   BIGINT NOT NULL,
    now      BIGINT NOT NULL,
    note     TEXT   NOT NULL,
    ended_at BIGINT,
    ended_by TEXT
);
