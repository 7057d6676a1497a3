-- Payouts: what creates value, on the word of two officials (DESIGN, "What must stay true" 11).
CREATE TABLE payouts (
    municipality BIGINT NOT NULL,
    id BIGINT NOT NULL,
    programme BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('roster', 'voucher', 'single', 'budget')),
    title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('draft', 'checked', 'submitted', 'approved', 'running', 'done', 'returned', 'cancelled')),
    file_name TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    ok_rows BIGINT NOT NULL DEFAULT 0,
    error_rows BIGINT NOT NULL DEFAULT 0,
    duplicate_rows BIGINT NOT NULL DEFAULT 0,
    total_won BIGINT NOT NULL DEFAULT 0 CHECK (total_won >= 0),
    paid_rows BIGINT NOT NULL DEFAULT 0 CHECK (paid_rows + failed_rows <= ok_rows),
    failed_rows BIGINT NOT NULL DEFAULT 0,
    paid_won BIGINT NOT NULL DEFAULT 0 CHECK (paid_won BETWEEN 0 AND total_won),
    created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    submitted_by BIGINT,
    submitted_at BIGINT,
    approved_by BIGINT,
    approved_at BIGINT,
    done_at BIGINT,
    PRIMARY KEY (municipality, id),
    FOREIGN KEY (municipality, programme) REFERENCES programmes (municipality, id),
    -- A second official: neither who made it nor who handed it in.
    CHECK (approved_by IS NULL OR (approved_by <> created_by AND approved_by <> submitted_by)),
    CHECK (state NOT IN ('approved', 'running', 'done') OR approved_by IS NOT NULL)
);
-- The same file pays once, unless the first was given up.
CREATE UNIQUE INDEX payouts_file ON payouts (municipality, file_sha256)
    WHERE file_sha256 <> '' AND state NOT IN ('returned', 'cancelled');
CREATE INDEX payouts_unfinished ON payouts (municipality, id) WHERE state IN ('approved', 'running');
CREATE INDEX payouts_programme ON payouts (municipality, programme);

CREATE TABLE payout_rows (
    municipality BIGINT NOT NULL,
    payout BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    -- Personal data, sealed by the room that knows it; unreadable here.
    sealed TEXT NOT NULL,
    person_key TEXT NOT NULL,
    amount_won BIGINT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'error', 'duplicate')),
    field TEXT NOT NULL,
    why TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'paid', 'failed', 'left_out')),
    failure TEXT NOT NULL DEFAULT '',
    holder BIGINT,
    transfer BIGINT,
    PRIMARY KEY (municipality, payout, row_number),
    FOREIGN KEY (municipality, payout) REFERENCES payouts (municipality, id),
    CHECK ((state = 'paid') = (transfer IS NOT NULL)),
    CHECK ((outcome = 'ok') = (state <> 'left_out')),
    CHECK (outcome <> 'ok' OR amount_won > 0)
);
CREATE INDEX payout_rows_waiting ON payout_rows (municipality, payout, row_number) WHERE state = 'waiting';

CREATE TABLE payout_events (
    municipality BIGINT NOT NULL,
    payout BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- The official; 0: the program.
    by_staff BIGINT NOT NULL,
    state TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (municipality, payout, id),
    FOREIGN KEY (municipality, payout) REFERENCES payouts (municipality, id)
);
