-- What residents show at a till: single use, three minutes, one wallet. `name` is a keyed hash of the digits, made by
-- the room that has the keys: nobody who reads this can show a code. Rows go a day after their end.
CREATE TABLE codes (
    municipality BIGINT NOT NULL REFERENCES municipalities (code),
    id           BIGINT NOT NULL,
    name         TEXT   NOT NULL CHECK (LENGTH(name) BETWEEN 1 AND 100),
    holder       BIGINT NOT NULL,
    made_at      BIGINT NOT NULL,
    until_at     BIGINT NOT NULL CHECK (until_at >= made_at),
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, name)
);
CREATE INDEX codes_of_holder ON codes (municipality, holder, id);
CREATE INDEX codes_by_end ON codes (until_at);

-- Which code a payment used, and for which of the merchant's orders. Written in the transaction of the payment: a code
-- is used and paid with, or neither. These rows stay, and outlive the codes.
CREATE TABLE code_payments (
    municipality BIGINT NOT NULL,
    transfer     BIGINT NOT NULL,
    code         BIGINT NOT NULL,
    merchant     BIGINT NOT NULL,
    order_id     TEXT CHECK (LENGTH(order_id) BETWEEN 1 AND 64),
    PRIMARY KEY (municipality, transfer),
    CONSTRAINT code_payments_once UNIQUE (municipality, code),
    CONSTRAINT code_payments_order UNIQUE (municipality, merchant, order_id)
);
