-- Why we ended sessions on purpose, for the sign-in page to say so (DESIGN 7).
CREATE TABLE session_endings (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    reason_en TEXT NOT NULL CHECK (reason_en <> ''),
    sessions BIGINT NOT NULL
);
ALTER TABLE sessions ADD COLUMN ending BIGINT REFERENCES session_endings (id);
-- 0: signed in on a device that the login had not used, and nobody has said yet whether it was them; 1: known; 2: it was
-- not them.
ALTER TABLE sessions ADD COLUMN standing BIGINT NOT NULL DEFAULT 1 CHECK (standing IN (0, 1, 2));
-- Since when nothing is paid from this login's wallets, because a device was not theirs; until the password is changed.
ALTER TABLE logins ADD COLUMN locked_at BIGINT;
