-- Card payments that were authorised and wait to be captured. A hold's id is that of the transfer that set its value
-- aside; which lots it came from, the transfer's entries say.
CREATE TABLE holds (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    holder       BIGINT NOT NULL,
    merchant     BIGINT NOT NULL,
    amount_won   BIGINT NOT NULL CHECK (amount_won > 0),
    state        TEXT   NOT NULL CHECK (state IN ('open', 'captured', 'released', 'timed_out')),
    until_at     BIGINT NOT NULL,
    captured_won BIGINT NOT NULL DEFAULT 0 CHECK (captured_won BETWEEN 0 AND amount_won),
    payment      BIGINT,
    ended_by     BIGINT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (municipality, id),
    FOREIGN KEY (municipality, id) REFERENCES transfers (municipality, id),
    FOREIGN KEY (municipality, merchant) REFERENCES merchants (municipality, id),
    FOREIGN KEY (municipality, payment) REFERENCES transfers (municipality, id),
    FOREIGN KEY (municipality, ended_by) REFERENCES transfers (municipality, id),
    CHECK ((state = 'open') = (ended_by IS NULL)),
    CHECK ((state = 'captured') = (payment IS NOT NULL) AND (state = 'captured') = (captured_won > 0))
);
CREATE INDEX holds_of_holder ON holds (municipality, holder, id);
CREATE INDEX holds_open ON holds (municipality, until_at) WHERE state = 'open';
