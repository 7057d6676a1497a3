-- What an official asked to see unmasked, why, and until when: one session, one record, a quarter of an hour. The audit
-- log keeps it for good; these rows go when they have ended.
CREATE TABLE reveals (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    session      BIGINT NOT NULL,
    record       TEXT   NOT NULL,
    until_at     BIGINT NOT NULL,
    PRIMARY KEY (municipality, id)
);
CREATE INDEX reveals_of_session ON reveals (session, record, until_at);
