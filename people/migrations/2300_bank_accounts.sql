-- Where money is paid out to. Number and name stand here only sealed; the bank's code says nothing of anyone.
CREATE TABLE bank_accounts (
    municipality BIGINT NOT NULL,
    kind         TEXT   NOT NULL CHECK (kind IN ('holder', 'merchant')),
    owner        BIGINT NOT NULL,
    bank         TEXT   NOT NULL CHECK (LENGTH(bank) = 3),
    number_sealed TEXT  NOT NULL,
    name_sealed  TEXT   NOT NULL,
    set_at       BIGINT NOT NULL,
    set_by       BIGINT NOT NULL,
    PRIMARY KEY (municipality, kind, owner)
);
