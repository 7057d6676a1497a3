//! The room's migrations: versions 2000–2999 (expand before contract: they run beside the old program).

/// What [`store::Store::migrate`] needs of this room.
pub const MIGRATIONS: store::Migrations = store::Migrations {
    common: &[
        (2001, "people", include_str!("../migrations/2001_people.sql")),
        (
            2300,
            "bank accounts",
            include_str!("../migrations/2300_bank_accounts.sql"),
        ),
        (2500, "devices", include_str!("../migrations/2500_devices.sql")),
        (2100, "api keys", include_str!("../migrations/2100_api_keys.sql")),
        (
            2101,
            "api key labels",
            include_str!("../migrations/2101_api_key_labels.sql"),
        ),
    ],
    sqlite: &[(
        2002,
        "audit append-only",
        include_str!("../migrations/sqlite/2002_audit_append_only.sql"),
    )],
    postgres: &[(
        2002,
        "audit append-only",
        include_str!("../migrations/postgres/2002_audit_append_only.sql"),
    )],
};
