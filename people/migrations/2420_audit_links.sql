-- The chain of the audit log: each line of a municipality has its place (1, 2, 3 …) and a hash over the line and the
-- hash before it (src/audit/chain.rs). A line that was changed, taken out or slipped in breaks it.
CREATE TABLE audit_links (
    municipality BIGINT NOT NULL,
    seq          BIGINT NOT NULL CHECK (seq > 0),
    audit_id     BIGINT NOT NULL,
    hash         TEXT   NOT NULL CHECK (LENGTH(hash) = 64),
    PRIMARY KEY (municipality, seq),
    UNIQUE (municipality, audit_id)
);

-- The newest link of each municipality: whoever writes the next one holds this row.
CREATE TABLE audit_heads (
    municipality BIGINT PRIMARY KEY,
    seq          BIGINT NOT NULL,
    hash         TEXT   NOT NULL
);
