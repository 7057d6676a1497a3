CREATE TABLE log_tiles (
    level  BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hashes BYTEA  NOT NULL,
    PRIMARY KEY (level, number)
);
-- Hashes do not compress.
ALTER TABLE log_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- One statement for all rows of a batch, and no index to keep: the cheapest way to tell of a transfer for certain.
CREATE FUNCTION ledger_to_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log_pending (municipality, transfer) SELECT w.municipality, w.id FROM written w;
    RETURN NULL;
END $$;
CREATE TRIGGER transfers_to_log AFTER INSERT ON transfers REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_to_log();
-- Rows come and go all day: what is gone is cleared away often, or each look at the queue reads it again.
ALTER TABLE log_pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_cost_delay = 0);

CREATE TRIGGER log_leaves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('the log is append-only');
CREATE TRIGGER log_checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('the log is append-only');
CREATE TRIGGER log_tiles_no_delete BEFORE DELETE OR TRUNCATE ON log_tiles
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('the log is append-only');
CREATE TRIGGER log_head_no_delete BEFORE DELETE OR TRUNCATE ON log_head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('the log is append-only');
