-- Whom a roster shares with payouts of its programme that came before it: how many, with which of them.
CREATE TABLE payout_repeats (
    municipality BIGINT NOT NULL,
    payout BIGINT NOT NULL,
    earlier BIGINT NOT NULL,
    people BIGINT NOT NULL CHECK (people > 0),
    PRIMARY KEY (municipality, payout, earlier),
    FOREIGN KEY (municipality, payout) REFERENCES payouts (municipality, id),
    FOREIGN KEY (municipality, earlier) REFERENCES payouts (municipality, id)
);
-- What was decided of them, once: pay (again), leave_out; empty: not yet, or nothing to decide.
ALTER TABLE payouts ADD COLUMN repeats_decision TEXT NOT NULL DEFAULT ''
    CHECK (repeats_decision IN ('', 'pay', 'leave_out'));
-- The payout whose unpaid rows this one pays; the one whose file it takes again.
ALTER TABLE payouts ADD COLUMN rest_of BIGINT;
ALTER TABLE payouts ADD COLUMN file_again_of BIGINT;
