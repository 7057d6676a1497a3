-- Who is who. Names, birth dates and phones stand here only sealed (`v1.<key>.<text>`, see src/seal.rs), and are
-- found by keyed hashes (`…_key`): nothing personal can be read out of this database without NEUL_DATA_KEYS.

CREATE TABLE house (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- One door for residents and staff, so a login id is unique over the whole platform (kept in lower case).
CREATE TABLE logins (
    id BIGINT PRIMARY KEY,
    municipality BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('resident', 'staff')),
    login_id TEXT NOT NULL UNIQUE CHECK (login_id = LOWER(login_id)),
    password_hash TEXT NOT NULL,
    name_sealed TEXT NOT NULL,
    birth_sealed TEXT,
    phone_sealed TEXT,
    person_key TEXT UNIQUE,
    phone_key TEXT,
    roles TEXT NOT NULL DEFAULT '',
    merchant BIGINT,
    active BIGINT NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    consent_terms_at BIGINT,
    consent_privacy_at BIGINT,
    made_at BIGINT NOT NULL,
    made_by BIGINT NOT NULL,
    password_at BIGINT NOT NULL,
    CHECK ((kind = 'resident') = (person_key IS NOT NULL)),
    CHECK (kind <> 'resident' OR (consent_terms_at IS NOT NULL AND consent_privacy_at IS NOT NULL))
);
CREATE INDEX logins_by_phone ON logins (phone_key);
CREATE INDEX logins_by_municipality ON logins (municipality, kind);

-- The holder of money in one municipality. `login` is empty until that person has proved the phone.
CREATE TABLE residents (
    municipality BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_key TEXT NOT NULL,
    login BIGINT REFERENCES logins (id),
    name_sealed TEXT NOT NULL,
    birth_sealed TEXT NOT NULL,
    phone_sealed TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by BIGINT NOT NULL,
    claimed_at BIGINT,
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, person_key),
    CHECK ((login IS NULL) = (claimed_at IS NULL))
);
CREATE INDEX residents_by_login ON residents (login);
CREATE INDEX residents_by_person ON residents (person_key);

CREATE TABLE sessions (
    id BIGINT PRIMARY KEY,
    municipality BIGINT NOT NULL,
    login BIGINT NOT NULL REFERENCES logins (id),
    browser TEXT NOT NULL,
    system TEXT NOT NULL,
    form TEXT NOT NULL,
    ip_masked TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT
);
CREATE INDEX sessions_by_login ON sessions (login, ended_at);

-- Proofs of a phone. Ids, codes and tokens stand here only hashed: who reads this table can prove nothing.
CREATE TABLE proofs (
    id_hash TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    phone_sealed TEXT NOT NULL,
    phone_key TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tries_left BIGINT NOT NULL CHECK (tries_left >= 0),
    token_hash TEXT UNIQUE,
    token_expires_at BIGINT,
    token_tries_left BIGINT NOT NULL DEFAULT 5 CHECK (token_tries_left >= 0),
    used_at BIGINT
);
CREATE INDEX proofs_by_age ON proofs (made_at);

-- Leaky buckets (see src/limits.rs). Names are keyed hashes: no address, phone or login id can be read.
CREATE TABLE limits (
    name TEXT PRIMARY KEY,
    full_at BIGINT NOT NULL
);

-- Who did what, when, from where, to which record. Rows are never changed (the next migration sees to it).
CREATE TABLE audit (
    municipality BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BIGINT NOT NULL,
    action TEXT NOT NULL,
    record TEXT NOT NULL,
    from_ip TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (municipality, id)
);
CREATE INDEX audit_by_time ON audit (municipality, at, id);
