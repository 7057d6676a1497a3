-- What is asked of the bank, what its statements say, and whether the two and the clearing account agree.

-- From when on a municipality's money goes by this bank, and what the clearing account said then (the bank account's
-- balance, as the books have it). What was in order then and still open is carried by the bank: it is not in the sum.
CREATE TABLE bank_openings (
    municipality BIGINT NOT NULL PRIMARY KEY REFERENCES municipalities (code),
    opened_at    BIGINT NOT NULL,
    opening_won  BIGINT NOT NULL
);

-- Questions to the bank: of a deposit (collect it) or a remittance (send it), which both are asked again until
-- answered. known_at: by when the bank had the order for certain, or may have had it; from there its term runs.
CREATE TABLE bank_asks (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    tries        BIGINT NOT NULL CHECK (tries >= 0),
    next_at      BIGINT NOT NULL,
    known_at     BIGINT,
    -- Where a deposit is to be paid in, as the bank told.
    account      TEXT   NOT NULL,
    PRIMARY KEY (municipality, id)
);

-- A day of the bank's account, complete and final.
CREATE TABLE bank_statements (
    municipality BIGINT NOT NULL REFERENCES municipalities (code),
    day          TEXT   NOT NULL CHECK (LENGTH(day) = 10),
    content_hash TEXT   NOT NULL,
    lines        BIGINT NOT NULL CHECK (lines >= 0),
    in_won       BIGINT NOT NULL CHECK (in_won >= 0),
    out_won      BIGINT NOT NULL CHECK (out_won >= 0),
    fetched_at   BIGINT NOT NULL,
    PRIMARY KEY (municipality, day)
);

-- item: the deposit (its id) or remittance (its id, negative) that the reference names, 0 where it names none of ours.
CREATE TABLE bank_lines (
    municipality BIGINT NOT NULL,
    line         TEXT   NOT NULL CHECK (LENGTH(line) BETWEEN 1 AND 64),
    day          TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    way          TEXT   NOT NULL CHECK (way IN ('in', 'out')),
    reference    TEXT   NOT NULL CHECK (LENGTH(reference) <= 64),
    item         BIGINT NOT NULL,
    amount_won   BIGINT NOT NULL CHECK (amount_won > 0),
    PRIMARY KEY (municipality, line),
    FOREIGN KEY (municipality, day) REFERENCES bank_statements (municipality, day)
);
CREATE INDEX bank_lines_by_item ON bank_lines (municipality, item, day);

CREATE TABLE reconciliations (
    municipality BIGINT NOT NULL REFERENCES municipalities (code),
    day          TEXT   NOT NULL CHECK (LENGTH(day) = 10),
    done_at      BIGINT NOT NULL,
    bank_won     BIGINT NOT NULL,
    book_won     BIGINT NOT NULL,
    open_won     BIGINT NOT NULL,
    rest_won     BIGINT NOT NULL,
    open_items   BIGINT NOT NULL CHECK (open_items >= 0),
    differing    BIGINT NOT NULL CHECK (differing >= 0),
    resolved     BIGINT NOT NULL CHECK (resolved >= 0),
    PRIMARY KEY (municipality, day)
);

-- What a reconciliation could not match, with what it takes to explain the sums: the bank's less the books'.
CREATE TABLE reconciliation_lines (
    municipality BIGINT NOT NULL,
    day          TEXT   NOT NULL,
    number       BIGINT NOT NULL,
    why          TEXT   NOT NULL CHECK (why IN ('missing_here', 'missing_there', 'other_amount', 'double',
        'without_deposit')),
    reference    TEXT   NOT NULL,
    line         TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    book_won     BIGINT NOT NULL,
    bank_won     BIGINT NOT NULL,
    PRIMARY KEY (municipality, day, number),
    FOREIGN KEY (municipality, day) REFERENCES reconciliations (municipality, day)
);
