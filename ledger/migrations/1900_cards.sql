-- Cards of a network, and what was decided when they were used (DESIGN, "What must stay true" 8).
-- A card is known by the digest of the network's own token for it; neither the token nor a card number stands here.
CREATE TABLE cards (
    municipality BIGINT NOT NULL REFERENCES municipalities (code),
    id           BIGINT NOT NULL,
    holder       BIGINT NOT NULL,
    network      TEXT   NOT NULL CHECK (LENGTH(network) BETWEEN 1 AND 40),
    token_digest TEXT   NOT NULL CHECK (LENGTH(token_digest) = 64),
    -- The token's last four characters, by which its holder knows the card.
    hint         TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('active', 'blocked')),
    blocked_at   BIGINT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (municipality, id),
    CONSTRAINT cards_once UNIQUE (network, token_digest),
    CHECK ((state = 'blocked') = (blocked_at IS NOT NULL))
);
CREATE INDEX cards_of_holder ON cards (municipality, holder, id);

-- What the holder chose, one row a choice, none ever changed: what held at a moment is the last one before it.
-- limit_won 0: nothing is to be charged elsewhere.
CREATE TABLE card_choices (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    card         BIGINT NOT NULL,
    class        TEXT   NOT NULL,
    limit_won    BIGINT NOT NULL CHECK (limit_won >= 0),
    chosen_at    BIGINT NOT NULL,
    actor        TEXT   NOT NULL,
    PRIMARY KEY (municipality, id),
    FOREIGN KEY (municipality, card) REFERENCES cards (municipality, id)
);
CREATE INDEX card_choices_last ON card_choices (municipality, card, class, chosen_at, id);

-- One row for each question of a network, made with its hold in one commit; or by the network's advice of what it
-- decided itself. The network's id is the idempotency key. What became of a hold stands in holds alone.
CREATE TABLE card_authorisations (
    municipality BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    network      TEXT   NOT NULL,
    network_id   TEXT   NOT NULL CHECK (LENGTH(network_id) BETWEEN 1 AND 40),
    body_hash    TEXT   NOT NULL,
    card         BIGINT NOT NULL,
    holder       BIGINT NOT NULL,
    merchant     BIGINT,
    merchant_code TEXT  NOT NULL,
    class        TEXT   NOT NULL,
    amount_won   BIGINT NOT NULL CHECK (amount_won > 0),
    decision     TEXT   NOT NULL CHECK (decision IN ('approve', 'decline', 'fallback')),
    why          TEXT   NOT NULL,
    decided_by   TEXT   NOT NULL CHECK (decided_by IN ('ledger', 'network')),
    hold         BIGINT,
    asked_at     BIGINT NOT NULL,
    -- When our answer was due; an approval that was not put on record as answered before it is reversed.
    due_at       BIGINT NOT NULL,
    decided_at   BIGINT NOT NULL,
    answered_at  BIGINT,
    reversed_at  BIGINT,
    reversed_why TEXT CHECK (reversed_why IN ('late', 'unanswered', 'advice', 'network', 'file')),
    -- What the network charged to the holder's bank account instead, and whether the holder had chosen it.
    fallback_won BIGINT NOT NULL DEFAULT 0 CHECK (fallback_won >= 0),
    fallback_at  BIGINT,
    consent      BIGINT CHECK (consent IN (0, 1)),
    list_version BIGINT,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (municipality, id),
    CONSTRAINT card_authorisations_once UNIQUE (network, network_id),
    FOREIGN KEY (municipality, card) REFERENCES cards (municipality, id),
    FOREIGN KEY (municipality, hold) REFERENCES holds (municipality, id),
    CHECK ((decision = 'approve') = (hold IS NOT NULL)),
    CHECK ((reversed_at IS NULL) = (reversed_why IS NULL)),
    CHECK (reversed_at IS NULL OR hold IS NOT NULL),
    CHECK ((fallback_won > 0) = (fallback_at IS NOT NULL) AND (fallback_won > 0) = (consent IS NOT NULL))
);
CREATE INDEX card_authorisations_of_holder ON card_authorisations (municipality, holder, created_at, id);
CREATE INDEX card_authorisations_fallbacks ON card_authorisations (municipality, holder, fallback_at)
    WHERE fallback_at IS NOT NULL;
CREATE INDEX card_authorisations_of_hold ON card_authorisations (municipality, hold) WHERE hold IS NOT NULL;
-- What our job looks for: approvals of which nobody knows that they were answered.
CREATE INDEX card_authorisations_unanswered ON card_authorisations (due_at)
    WHERE decision = 'approve' AND answered_at IS NULL AND reversed_at IS NULL;

-- Stand-in lists as they were signed, so that versions only grow, whoever restarts.
CREATE TABLE card_lists (
    network        TEXT   NOT NULL,
    version        BIGINT NOT NULL,
    issued_at      BIGINT NOT NULL,
    valid_until    BIGINT NOT NULL,
    content_digest TEXT   NOT NULL,
    key_id         TEXT   NOT NULL,
    payload        TEXT   NOT NULL,
    signature      TEXT   NOT NULL,
    PRIMARY KEY (network, version)
);

-- Daily files that were reconciled: the same file twice is one.
CREATE TABLE card_files (
    network     TEXT   NOT NULL,
    digest      TEXT   NOT NULL,
    day         TEXT   NOT NULL,
    lines       BIGINT NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (network, digest)
);

-- Where a network and the ledger differ. municipality 0: a card that nobody here knows.
CREATE TABLE card_cases (
    municipality  BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    network       TEXT   NOT NULL,
    network_id    TEXT   NOT NULL,
    kind          TEXT   NOT NULL CHECK (kind IN ('missing_here', 'missing_there', 'double', 'different_amount',
        'charged_elsewhere')),
    authorisation BIGINT,
    ours_won      BIGINT NOT NULL,
    theirs_won    BIGINT NOT NULL,
    state         TEXT   NOT NULL CHECK (state IN ('open', 'reversed', 'captured', 'closed')),
    note          TEXT   NOT NULL,
    closed_by     BIGINT,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (municipality, id),
    CONSTRAINT card_cases_once UNIQUE (network, network_id, kind)
);
CREATE INDEX card_cases_open ON card_cases (created_at, id) WHERE state = 'open';
CREATE INDEX card_cases_of ON card_cases (municipality, authorisation) WHERE authorisation IS NOT NULL;
