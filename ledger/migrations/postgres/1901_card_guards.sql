-- A choice is never changed: what held at a moment must be provable afterwards.
CREATE TRIGGER card_choices_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON card_choices
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('choices are append-only');
CREATE TRIGGER card_authorisations_no_delete BEFORE DELETE OR TRUNCATE ON card_authorisations
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('an authorisation stays');
