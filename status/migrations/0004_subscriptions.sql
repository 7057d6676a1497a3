-- Who wants to hear of each word, and what is still to be sent. An address is sealed (XChaCha20-Poly1305 under a key
-- that lies beside this file, not in it) and found by a keyed hash; who ends a subscription is deleted.

CREATE TABLE subscriber (
    id             TEXT   NOT NULL PRIMARY KEY,
    kind           TEXT   NOT NULL CHECK (kind IN ('email', 'webhook')),
    address_key    TEXT   NOT NULL,
    address_sealed TEXT   NOT NULL,
    -- What signs a webhook's messages; sealed too.
    secret_sealed  TEXT,
    lang           TEXT   NOT NULL CHECK (lang IN ('ko', 'en')),
    -- Nothing but the question whether it is wanted goes to an address that has not said yes.
    confirmed_at   BIGINT,
    -- Messages in a row that were given up.
    given_up       BIGINT NOT NULL DEFAULT 0,
    created_at     BIGINT NOT NULL,
    UNIQUE (kind, address_key)
);

-- Without a line here: every component.
CREATE TABLE subscriber_component (
    subscriber_id TEXT NOT NULL REFERENCES subscriber (id) ON DELETE CASCADE,
    component_id  TEXT NOT NULL REFERENCES component (id),
    PRIMARY KEY (subscriber_id, component_id)
);

-- One message that is still to be sent; gone when it is. Without an update: the question whether it is wanted.
CREATE TABLE delivery (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id TEXT   NOT NULL REFERENCES subscriber (id) ON DELETE CASCADE,
    update_id     TEXT   REFERENCES incident_update (id),
    tries         BIGINT NOT NULL DEFAULT 0,
    next_at       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    UNIQUE (subscriber_id, update_id)
);
CREATE INDEX delivery_due ON delivery (next_at);
