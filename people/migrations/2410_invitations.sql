-- Ways into a staff login, each for one use: to join, or to set password and second factor anew (`login` says whose).
-- The link's text stands here only hashed. What a second person must agree to is good for nothing until they did, and
-- nobody agrees to their own.
CREATE TABLE invitations (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    token_hash   TEXT   NOT NULL UNIQUE,
    login        BIGINT REFERENCES logins (id),
    login_id     TEXT   NOT NULL,
    name_sealed  TEXT   NOT NULL,
    roles        TEXT   NOT NULL,
    merchant     BIGINT,
    made_at      BIGINT NOT NULL,
    made_by      BIGINT NOT NULL,
    until_at     BIGINT NOT NULL,
    needs_second BIGINT NOT NULL CHECK (needs_second IN (0, 1)),
    confirmed_at BIGINT,
    confirmed_by BIGINT,
    used_at      BIGINT,
    withdrawn_at BIGINT,
    PRIMARY KEY (municipality, id),
    CHECK ((confirmed_at IS NULL) = (confirmed_by IS NULL)),
    CHECK (confirmed_by IS NULL OR confirmed_by <> made_by),
    CHECK (used_at IS NULL OR needs_second = 0 OR confirmed_at IS NOT NULL)
);
CREATE INDEX invitations_waiting ON invitations (needs_second, used_at, until_at);
