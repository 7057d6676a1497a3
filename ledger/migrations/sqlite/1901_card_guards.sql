-- A choice is never changed: what held at a moment must be provable afterwards.
CREATE TRIGGER card_choices_no_update BEFORE UPDATE ON card_choices
BEGIN SELECT RAISE(ABORT, 'choices are append-only'); END;
CREATE TRIGGER card_choices_no_delete BEFORE DELETE ON card_choices
BEGIN SELECT RAISE(ABORT, 'choices are append-only'); END;
CREATE TRIGGER card_authorisations_no_delete BEFORE DELETE ON card_authorisations
BEGIN SELECT RAISE(ABORT, 'an authorisation stays'); END;
