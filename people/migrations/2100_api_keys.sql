-- Keys of programs: the tills of a merchant, a card network (municipality 0). A key has 256 random bits and is shown
-- once; here stands its SHA-256 alone, and a key that long needs no salt. It belongs to one merchant or one network.
CREATE TABLE api_keys (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    merchant     BIGINT,
    network      TEXT,
    label        TEXT   NOT NULL CHECK (LENGTH(label) BETWEEN 1 AND 60),
    scopes       TEXT   NOT NULL,
    key_sha256   TEXT   NOT NULL UNIQUE,
    made_at      BIGINT NOT NULL,
    made_by      BIGINT NOT NULL,
    used_at      BIGINT,
    revoked_at   BIGINT,
    revoked_by   BIGINT,
    PRIMARY KEY (municipality, id),
    CHECK ((merchant IS NULL) <> (network IS NULL)),
    CHECK (merchant IS NULL OR municipality > 0)
);
CREATE INDEX api_keys_of_merchant ON api_keys (municipality, merchant) WHERE merchant IS NOT NULL;
