-- The desk's figures, counted once and kept (ledger/src/figures). They repeat what the entries say and are never
-- written by anybody else: `neul ledger verify` counts the entries again and names the first cell that differs.

-- The order in which committed transfers are counted is the public log's: dense, append-only, and each transfer in
-- it once. So one number says how far the figures are, and posting knows nothing of them.
CREATE UNIQUE INDEX log_leaves_by_number ON log_leaves (number);

-- How many leaves of the log are counted. One row; whoever counts changes it from what it was.
CREATE TABLE figure_head (
    one     BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    counted BIGINT NOT NULL CHECK (counted >= 0)
);
INSERT INTO figure_head (one, counted) VALUES (1, 0);

-- hour, day: hours and days since 1 January 1970 in Seoul. wallet_won: what came into wallets, less what left them;
-- budget_won: the same of the programme's budget. transfers: how many touched the programme.
CREATE TABLE figure_hours (
    municipality BIGINT NOT NULL,
    hour         BIGINT NOT NULL,
    programme    BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    transfers    BIGINT NOT NULL,
    wallet_won   BIGINT NOT NULL,
    budget_won   BIGINT NOT NULL,
    PRIMARY KEY (municipality, hour, programme, kind)
);
-- The same by day: years of days are read in the time that a month of hours takes.
CREATE TABLE figure_days (
    municipality BIGINT NOT NULL,
    day          BIGINT NOT NULL,
    programme    BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    transfers    BIGINT NOT NULL,
    wallet_won   BIGINT NOT NULL,
    budget_won   BIGINT NOT NULL,
    PRIMARY KEY (municipality, day, programme, kind)
);
-- Where it was spent. District and category are the merchant's when it was counted: a shop that moves takes its past
-- with it nowhere. spent_won is less what was cancelled; payments are those made.
CREATE TABLE figure_places (
    municipality BIGINT NOT NULL,
    day          BIGINT NOT NULL,
    programme    BIGINT NOT NULL,
    district     TEXT   NOT NULL,
    category     TEXT   NOT NULL,
    payments     BIGINT NOT NULL,
    spent_won    BIGINT NOT NULL,
    PRIMARY KEY (municipality, day, programme, district, category)
);
