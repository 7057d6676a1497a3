//! Why the ledger did not do it, said to the person who asked.

use ledger::{GiftState, Refusal};

use super::{Lang, date, day, won};
use crate::word;

/// The refusal as a sentence with its figures.
pub fn refusal(lang: Lang, refusal: &Refusal) -> String {
    match refusal {
        Refusal::UnknownMunicipality => word!(lang, refusal.unknown_municipality),
        Refusal::AlreadyOpened => word!(lang, refusal.already_opened),
        Refusal::UnknownProgramme => word!(lang, refusal.unknown_programme),
        Refusal::UnknownMerchant => word!(lang, refusal.unknown_merchant),
        Refusal::UnknownTransfer => word!(lang, refusal.unknown_transfer),
        Refusal::UnknownDeposit => word!(lang, refusal.unknown_deposit),
        Refusal::Invalid { field } => word!(lang, refusal.invalid, field = field.clone()),
        Refusal::MerchantCodeTaken => word!(lang, refusal.merchant_code_taken),
        Refusal::BadKey => word!(lang, refusal.bad_key),
        Refusal::AmountNotPositive => word!(lang, refusal.amount_not_positive),
        Refusal::AmountTooLarge { limit_won } => {
            word!(lang, refusal.amount_too_large, limit = won(lang, *limit_won))
        }
        Refusal::ProgrammeNotOpen => word!(lang, refusal.programme_not_open),
        Refusal::ProgrammeEnded { ended_at } => {
            word!(lang, refusal.programme_ended, date = day(lang, *ended_at))
        }
        Refusal::NotForSale => word!(lang, refusal.not_for_sale),
        Refusal::NotOnSaleNow {
            sale_from_at,
            sale_until_at,
        } => match (sale_from_at, sale_until_at) {
            (None, None) => word!(lang, refusal.not_on_sale_now),
            (Some(from), None) => word!(lang, refusal.not_on_sale_yet, date = date(lang, *from)),
            (None, Some(until)) => word!(lang, refusal.sale_is_over, date = day(lang, *until)),
            (Some(from), Some(until)) => {
                let period = format!("{} – {}", date(lang, *from), day(lang, *until));
                format!("{} ({period})", word!(lang, refusal.not_on_sale_now))
            }
        },
        Refusal::MonthlyLimit {
            limit_won,
            left_won: 0,
        } => {
            word!(lang, refusal.monthly_limit_full, limit = won(lang, *limit_won))
        }
        Refusal::MonthlyLimit { limit_won, left_won } => {
            word!(
                lang,
                refusal.monthly_limit,
                limit = won(lang, *limit_won),
                left = won(lang, *left_won)
            )
        }
        Refusal::HoldingLimit {
            limit_won,
            left_won: 0,
        } => {
            word!(lang, refusal.holding_limit_full, limit = won(lang, *limit_won))
        }
        Refusal::HoldingLimit { limit_won, left_won } => {
            word!(
                lang,
                refusal.holding_limit,
                limit = won(lang, *limit_won),
                left = won(lang, *left_won)
            )
        }
        Refusal::BudgetExhausted { left_won: 0 } => word!(lang, refusal.budget_empty),
        Refusal::BudgetExhausted { left_won } => {
            word!(lang, refusal.budget_exhausted, left = won(lang, *left_won))
        }
        Refusal::NotEnough {
            usable_won,
            total_won,
        } if usable_won == total_won => {
            word!(lang, refusal.not_enough, usable = won(lang, *usable_won))
        }
        Refusal::NotEnough {
            usable_won,
            total_won,
        } => {
            word!(
                lang,
                refusal.not_enough_here,
                usable = won(lang, *usable_won),
                total = won(lang, *total_won)
            )
        }
        Refusal::MerchantNotAccepting => word!(lang, refusal.merchant_not_accepting),
        Refusal::MerchantBarred { total_won } => {
            word!(lang, refusal.merchant_barred, total = won(lang, *total_won))
        }
        Refusal::NotAPayment => word!(lang, refusal.not_a_payment),
        Refusal::AlreadyCancelled { left_won: 0 } => word!(lang, refusal.already_cancelled),
        Refusal::AlreadyCancelled { left_won } => {
            word!(lang, refusal.cancel_too_much, left = won(lang, *left_won))
        }
        Refusal::CancelTooLate { days } => word!(lang, refusal.cancel_too_late, days = days.to_string()),
        Refusal::MerchantShort { left_won } => {
            word!(lang, refusal.merchant_short, left = won(lang, *left_won))
        }
        Refusal::UnknownPayout => word!(lang, refusal.unknown_payout),
        Refusal::SameFile { .. } => word!(lang, refusal.same_file),
        Refusal::PayoutState { .. } => word!(lang, refusal.payout_state),
        Refusal::SecondOfficial => word!(lang, refusal.second_official),
        Refusal::PaidBefore => word!(lang, refusal.paid_before),
        Refusal::RepeatsUndecided => word!(lang, refusal.repeats_undecided),
        Refusal::ApprovalWithdrawn => word!(lang, refusal.approval_withdrawn),
        Refusal::ContentChanged => word!(lang, refusal.content_changed),
        Refusal::NothingToPay => word!(lang, refusal.nothing_to_pay),
        Refusal::UnknownCode => word!(lang, refusal.unknown_code),
        Refusal::CodeEnded => word!(lang, refusal.code_ended),
        Refusal::CodeUsed => word!(lang, refusal.code_used),
        Refusal::OrderPaid => word!(lang, refusal.order_paid),
        Refusal::KeyReused => word!(lang, refusal.key_reused),
        Refusal::DepositSettled => word!(lang, refusal.deposit_settled),
        Refusal::Busy { retry_after_ms } => {
            word!(lang, refusal.busy, seconds = seconds(*retry_after_ms).to_string())
        }
        Refusal::UnknownLot => word!(lang, refusal.unknown_lot),
        Refusal::NotRefundable => word!(lang, refusal.not_refundable),
        Refusal::RefundTooEarly {
            spent_won,
            needed_won,
        } => word!(
            lang,
            refusal.refund_too_early,
            spent = won(lang, *spent_won),
            needed = won(lang, *needed_won)
        ),
        Refusal::LotEnded { ended_at } => word!(lang, refusal.lot_ended, date = day(lang, *ended_at)),
        Refusal::LotNotEnded { ends_at } => word!(lang, refusal.lot_not_ended, date = day(lang, *ends_at)),
        Refusal::NothingLeft => word!(lang, refusal.nothing_left),
        Refusal::UnknownRemittance => word!(lang, refusal.unknown_remittance),
        Refusal::RemittanceSettled => word!(lang, refusal.remittance_settled),
        Refusal::UnknownGift => word!(lang, refusal.unknown_gift),
        Refusal::NotGiveable {
            giveable_won,
            total_won,
        } => word!(
            lang,
            refusal.not_giveable,
            giveable = won(lang, *giveable_won),
            total = won(lang, *total_won)
        ),
        Refusal::GiftEnded { state } => match state {
            GiftState::Claimed => word!(lang, refusal.gift_claimed),
            GiftState::Cancelled => word!(lang, refusal.gift_cancelled),
            GiftState::Waiting | GiftState::Lapsed => word!(lang, refusal.gift_lapsed),
        },
        Refusal::GiftWaiting { lapse_at } => word!(lang, refusal.gift_waiting, date = day(lang, *lapse_at)),
        Refusal::GiftToOneself => word!(lang, refusal.gift_to_oneself),
        Refusal::NotGranted => word!(lang, refusal.not_granted),
        Refusal::RowNotPaid => word!(lang, refusal.row_not_paid),
        Refusal::UnknownHold => word!(lang, refusal.unknown_hold),
        Refusal::HoldEnded { .. } => word!(lang, refusal.hold_ended),
        Refusal::HoldOpen { until_at } => word!(lang, refusal.hold_open, date = day(lang, *until_at)),
        Refusal::NoBank => word!(lang, refusal.no_bank),
        Refusal::StatementMissing { day } => word!(lang, refusal.statement_missing, day = day.clone()),
        Refusal::StatementChanged { day } => word!(lang, refusal.statement_changed, day = day.clone()),
        Refusal::DayNotOver => word!(lang, refusal.day_not_over),
        Refusal::CaptureTooLarge { held_won } => {
            word!(lang, refusal.capture_too_large, held = won(lang, *held_won))
        }
    }
}

/// The same for whoever stands at a till: what a wallet holds is not a shop's to know.
pub fn refusal_at_till(lang: Lang, why: &Refusal) -> String {
    match why {
        Refusal::NotEnough { .. } => word!(lang, refusal.not_enough_at_till),
        Refusal::MerchantBarred { .. } => word!(lang, refusal.merchant_barred_at_till),
        other => refusal(lang, other),
    }
}

/// Milliseconds to wait as whole seconds, never 0.
pub fn seconds(wait_ms: i64) -> i64 {
    wait_ms.max(1).saturating_add(999) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_its_figures() {
        let limit = Refusal::MonthlyLimit {
            limit_won: 500_000,
            left_won: 20_000,
        };
        let text = refusal(Lang::ko, &limit);
        assert!(text.contains("500,000원") && text.contains("20,000원"), "{text}");
        let barred = refusal(
            Lang::en,
            &Refusal::NotEnough {
                usable_won: 1,
                total_won: 3_000,
            },
        );
        assert!(barred.contains("₩1 ") && barred.contains("₩3,000"), "{barred}");
    }

    #[test]
    fn a_wait_is_never_no_wait() {
        assert_eq!(
            (seconds(0), seconds(1), seconds(1000), seconds(1001)),
            (1, 1, 1, 2)
        );
    }
}
