-- Who may speak to the public, and what they did.

CREATE TABLE operator (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    login         TEXT   NOT NULL UNIQUE CHECK (login <> ''),
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);

-- Only a digest of the cookie's token stands here: reading this table signs nobody in.
CREATE TABLE session (
    token_digest TEXT   NOT NULL PRIMARY KEY,
    operator_id  BIGINT NOT NULL REFERENCES operator (id),
    created_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL,
    ended_at     BIGINT
);
CREATE INDEX session_by_operator ON session (operator_id);

CREATE TABLE desk_log (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       BIGINT NOT NULL,
    operator TEXT   NOT NULL,
    action   TEXT   NOT NULL,
    subject  TEXT   NOT NULL,
    detail   TEXT   NOT NULL,
    origin   TEXT   NOT NULL
);
CREATE TRIGGER desk_log_stays BEFORE UPDATE ON desk_log
BEGIN SELECT RAISE(ABORT, 'desk_log is append-only'); END;
CREATE TRIGGER desk_log_remains BEFORE DELETE ON desk_log
BEGIN SELECT RAISE(ABORT, 'desk_log is append-only'); END;
