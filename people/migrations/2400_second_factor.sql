-- The second factor of staff: a secret that an authenticator app holds too (RFC 6238), sealed; `last_step` is the newest
-- time step whose code was used, so that no code is good twice. Not confirmed: shown, but no right code has come yet.
CREATE TABLE totp (
    login         BIGINT PRIMARY KEY REFERENCES logins (id),
    municipality  BIGINT NOT NULL,
    secret_sealed TEXT   NOT NULL,
    made_at       BIGINT NOT NULL,
    confirmed_at  BIGINT,
    last_step     BIGINT NOT NULL DEFAULT 0
);

-- What opens the door when the phone is lost: each once. Kept as keyed hashes, so the database alone shows none.
CREATE TABLE recovery_codes (
    login     BIGINT NOT NULL REFERENCES logins (id),
    code_hash TEXT   NOT NULL,
    made_at   BIGINT NOT NULL,
    used_at   BIGINT,
    PRIMARY KEY (login, code_hash)
);

-- When this session's second factor was shown; empty until then.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT;

-- Who came in as staff, or tried to with a login id that is theirs; kept two years (src/house.rs).
CREATE TABLE sign_ins (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    login        BIGINT NOT NULL REFERENCES logins (id),
    at           BIGINT NOT NULL,
    outcome      TEXT   NOT NULL CHECK (outcome IN
        ('signed_in', 'wrong_password', 'proved', 'wrong_code', 'recovery_code')),
    browser      TEXT   NOT NULL,
    system       TEXT   NOT NULL,
    form         TEXT   NOT NULL,
    from_ip      TEXT   NOT NULL,
    PRIMARY KEY (municipality, id)
);
CREATE INDEX sign_ins_of_login ON sign_ins (login, at);
