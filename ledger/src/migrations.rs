//! The tables of money, in order. Ledger: versions 1000–1999 (payouts: 1100–1199).

use store::Migrations;

/// What [`store::Store::migrate`] runs for this crate.
pub const MIGRATIONS: Migrations = Migrations {
    common: &[
        (1001, "ledger", include_str!("../migrations/1001_ledger.sql")), //
        (1100, "payouts", include_str!("../migrations/1100_payouts.sql")),
        (
            1110,
            "take-backs",
            include_str!("../migrations/1110_take_backs.sql"),
        ),
        (
            1200,
            "remittances",
            include_str!("../migrations/1200_remittances.sql"),
        ),
        (1300, "gifts", include_str!("../migrations/1300_gifts.sql")),
        (
            1400,
            "settlements",
            include_str!("../migrations/1400_settlements.sql"),
        ),
        (1500, "holds", include_str!("../migrations/1500_holds.sql")),
        (1800, "bank", include_str!("../migrations/1800_bank.sql")),
        (1600, "codes", include_str!("../migrations/1600_codes.sql")),
        (1900, "cards", include_str!("../migrations/1900_cards.sql")),
        (1700, "log", include_str!("../migrations/1700_log.sql")),
        (2050, "figures", include_str!("../migrations/2050_figures.sql")),
        (
            2060,
            "programme terms",
            include_str!("../migrations/2060_programme_terms.sql"),
        ),
        (2070, "alerts", include_str!("../migrations/2070_alerts.sql")),
    ],
    sqlite: &[
        (
            1002,
            "guards",
            include_str!("../migrations/sqlite/1002_guards.sql"),
        ), //
        (
            1101,
            "payout guards",
            include_str!("../migrations/sqlite/1101_payout_guards.sql"),
        ),
        (
            1111,
            "take-back guards",
            include_str!("../migrations/sqlite/1111_take_back_guards.sql"),
        ),
        (
            1801,
            "bank guards",
            include_str!("../migrations/sqlite/1801_bank_guards.sql"),
        ),
        (
            1601,
            "code guards",
            include_str!("../migrations/sqlite/1601_code_guards.sql"),
        ),
        (
            1901,
            "card guards",
            include_str!("../migrations/sqlite/1901_card_guards.sql"),
        ),
        (1701, "log", include_str!("../migrations/sqlite/1701_log.sql")),
        (
            2061,
            "programme terms",
            include_str!("../migrations/sqlite/2061_programme_terms.sql"),
        ),
        (
            2071,
            "alert guards",
            include_str!("../migrations/sqlite/2071_alert_guards.sql"),
        ),
    ],
    postgres: &[
        (
            1002,
            "guards",
            include_str!("../migrations/postgres/1002_guards.sql"),
        ), //
        (
            1050,
            "poster",
            include_str!("../migrations/postgres/1050_poster.sql"),
        ),
        (
            1101,
            "payout guards",
            include_str!("../migrations/postgres/1101_payout_guards.sql"),
        ),
        (
            1111,
            "take-back guards",
            include_str!("../migrations/postgres/1111_take_back_guards.sql"),
        ),
        (
            1801,
            "bank guards",
            include_str!("../migrations/postgres/1801_bank_guards.sql"),
        ),
        (
            1601,
            "code guards",
            include_str!("../migrations/postgres/1601_code_guards.sql"),
        ),
        (
            1602,
            "code payments",
            include_str!("../migrations/postgres/1602_code_payments.sql"),
        ),
        (
            1901,
            "card guards",
            include_str!("../migrations/postgres/1901_card_guards.sql"),
        ),
        (1701, "log", include_str!("../migrations/postgres/1701_log.sql")),
        (
            2061,
            "programme terms",
            include_str!("../migrations/postgres/2061_programme_terms.sql"),
        ),
        (
            2071,
            "alert guards",
            include_str!("../migrations/postgres/2071_alert_guards.sql"),
        ),
    ],
};
