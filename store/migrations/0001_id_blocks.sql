-- How many ids of a municipality have been handed out (0: the platform itself).
CREATE TABLE id_blocks (
    municipality BIGINT NOT NULL PRIMARY KEY,
    used BIGINT NOT NULL CHECK (used >= 0)
);
