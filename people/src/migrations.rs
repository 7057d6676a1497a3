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
        (
            2400,
            "second factor",
            include_str!("../migrations/2400_second_factor.sql"),
        ),
        (
            2410,
            "invitations",
            include_str!("../migrations/2410_invitations.sql"),
        ),
        (
            2420,
            "audit links",
            include_str!("../migrations/2420_audit_links.sql"),
        ),
        (2430, "reveals", include_str!("../migrations/2430_reveals.sql")),
        (2440, "erasure", include_str!("../migrations/2440_erasure.sql")),
    ],
    sqlite: &[
        (
            2002,
            "audit append-only",
            include_str!("../migrations/sqlite/2002_audit_append_only.sql"),
        ),
        (
            2421,
            "audit links append-only",
            include_str!("../migrations/sqlite/2421_audit_links_append_only.sql"),
        ),
    ],
    postgres: &[
        (
            2002,
            "audit append-only",
            include_str!("../migrations/postgres/2002_audit_append_only.sql"),
        ),
        (
            2421,
            "audit links append-only",
            include_str!("../migrations/postgres/2421_audit_links_append_only.sql"),
        ),
    ],
};
