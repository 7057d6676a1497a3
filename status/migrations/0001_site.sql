-- The public status site. Times are milliseconds since the epoch.

-- What the site knows of itself: 'page_id'.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- A part of the service that the public knows by name.
CREATE TABLE component (
    id             TEXT   NOT NULL PRIMARY KEY,
    name_ko        TEXT   NOT NULL,
    name_en        TEXT   NOT NULL,
    description_ko TEXT   NOT NULL,
    description_en TEXT   NOT NULL,
    position       BIGINT NOT NULL UNIQUE,
    -- Before this nothing was recorded, and nothing is claimed.
    start_at       BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);

-- An incident or a scheduled maintenance: both have states, updates and components.
CREATE TABLE incident (
    id              TEXT   NOT NULL PRIMARY KEY,
    kind            TEXT   NOT NULL CHECK (kind IN ('incident', 'maintenance')),
    title_ko        TEXT   NOT NULL CHECK (title_ko <> ''),
    title_en        TEXT   NOT NULL CHECK (title_en <> ''),
    impact          TEXT   NOT NULL,
    status          TEXT   NOT NULL,
    started_at      BIGINT NOT NULL,
    monitoring_at   BIGINT,
    resolved_at     BIGINT,
    scheduled_for   BIGINT,
    scheduled_until BIGINT,
    -- 1: a maintenance ends by itself at scheduled_until; 0: the operator ends it.
    ends_itself     BIGINT NOT NULL DEFAULT 0 CHECK (ends_itself IN (0, 1)),
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    CHECK (kind <> 'incident' OR (
        status IN ('investigating', 'identified', 'monitoring', 'resolved', 'postmortem')
        AND impact IN ('none', 'minor', 'major', 'critical')
        AND scheduled_for IS NULL AND scheduled_until IS NULL)),
    CHECK (kind <> 'maintenance' OR (
        status IN ('scheduled', 'in_progress', 'verifying', 'completed')
        AND impact = 'maintenance'
        AND scheduled_for IS NOT NULL AND scheduled_until > scheduled_for)),
    CHECK (resolved_at IS NULL OR resolved_at >= started_at)
);
CREATE INDEX incident_by_start ON incident (started_at);

-- One word to the public. `form` is the form's own number: the same form sent twice is one update.
CREATE TABLE incident_update (
    id             TEXT   NOT NULL PRIMARY KEY,
    incident_id    TEXT   NOT NULL REFERENCES incident (id),
    status         TEXT   NOT NULL,
    body_ko        TEXT   NOT NULL CHECK (body_ko <> ''),
    body_en        TEXT   NOT NULL CHECK (body_en <> ''),
    display_at     BIGINT NOT NULL,
    next_update_at BIGINT,
    author         TEXT   NOT NULL,
    form           TEXT   NOT NULL UNIQUE,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);
CREATE INDEX incident_update_by_incident ON incident_update (incident_id, display_at);

-- From `at` on, this incident says of this component: `status`. A component's state is the worst that any
-- incident says of it, so one incident's end never hides another that goes on.
CREATE TABLE component_state (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    component_id TEXT   NOT NULL REFERENCES component (id),
    incident_id  TEXT   NOT NULL REFERENCES incident (id),
    update_id    TEXT   NOT NULL REFERENCES incident_update (id),
    at           BIGINT NOT NULL,
    status       TEXT   NOT NULL CHECK (status IN
        ('operational', 'under_maintenance', 'degraded_performance', 'partial_outage', 'major_outage'))
);
CREATE INDEX component_state_by_incident ON component_state (incident_id, at);
CREATE TRIGGER component_state_stays BEFORE UPDATE ON component_state
BEGIN SELECT RAISE(ABORT, 'component_state is append-only'); END;
CREATE TRIGGER component_state_remains BEFORE DELETE ON component_state
BEGIN SELECT RAISE(ABORT, 'component_state is append-only'); END;
