-- What the site sees of the portal from outside. Written when a judgement changes, not at every look.

-- `status` since `since`: what the looks came to. `told_*`: what of it was already said to the public, so that a
-- restart in the middle of an outage neither says it twice nor gives it a later beginning.
CREATE TABLE probe_watch (
    component_id TEXT   NOT NULL PRIMARY KEY REFERENCES component (id),
    status       TEXT   NOT NULL,
    since        BIGINT NOT NULL,
    told_status  TEXT   NOT NULL,
    told_since   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);

-- Time in which nobody looked, because this site itself was not running: it counts neither as up nor as down.
CREATE TABLE watch_gap (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL CHECK (until_at > from_at)
);
