-- Payouts at full size.

-- Why the rows that still wait were not paid when the payout ended before its last row (the budget was used up, the
-- programme was stopped, the approval was withdrawn), as the refusal's JSON; and the first of them. So an end costs
-- one row, not millions.
ALTER TABLE payouts ADD COLUMN rest_failure TEXT NOT NULL DEFAULT '';
ALTER TABLE payouts ADD COLUMN stopped_at_row BIGINT;
-- Not paid before this instant, ms.
ALTER TABLE payouts ADD COLUMN start_at BIGINT;
-- Where two must approve: the first of them, neither who made it, nor who handed it in, nor the second.
ALTER TABLE payouts ADD COLUMN first_approved_by BIGINT CHECK (first_approved_by IS NULL OR (
    first_approved_by <> created_by AND first_approved_by <> submitted_by
    AND (approved_by IS NULL OR approved_by <> first_approved_by)));
ALTER TABLE payouts ADD COLUMN first_approved_at BIGINT;

-- From which total on a payout needs two approvers, one after the other. Programme 0: of all the municipality's.
CREATE TABLE payout_rules (
    municipality BIGINT NOT NULL REFERENCES municipalities (code),
    programme BIGINT NOT NULL,
    -- NULL: one approver, whatever the total.
    two_from_won BIGINT CHECK (two_from_won > 0),
    by_staff BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (municipality, programme)
);
