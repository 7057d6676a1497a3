//! Words for the ledger's codes: kinds, categories, and the rule of a programme about where it may be spent.

use ledger::{Category, MerchantStatus, ProgrammeKind, Restriction, TransferKind};

use super::{Lang, won_round};
use crate::word;

/// A merchant's line of business.
pub fn category(lang: Lang, category: Category) -> String {
    match category {
        Category::Restaurant => word!(lang, rules.restaurant),
        Category::Cafe => word!(lang, rules.cafe),
        Category::TraditionalMarket => word!(lang, rules.traditional_market),
        Category::Academy => word!(lang, rules.academy),
        Category::Clinic => word!(lang, rules.clinic),
        Category::Pharmacy => word!(lang, rules.pharmacy),
        Category::Mart => word!(lang, rules.mart),
        Category::Convenience => word!(lang, rules.convenience),
        Category::Beauty => word!(lang, rules.beauty),
        Category::Clothing => word!(lang, rules.clothing),
        Category::Bookshop => word!(lang, rules.bookshop),
        Category::Fuel => word!(lang, rules.fuel),
        Category::Lodging => word!(lang, rules.lodging),
        Category::Nightlife => word!(lang, rules.nightlife),
        Category::Other => word!(lang, rules.other),
    }
}

/// Whether a merchant takes payments.
pub fn merchant_status(lang: Lang, status: MerchantStatus) -> String {
    match status {
        MerchantStatus::Open => word!(lang, rules.open),
        MerchantStatus::Suspended => word!(lang, rules.suspended),
        MerchantStatus::Closed => word!(lang, rules.closed),
    }
}

/// What kind of movement it is, as the holder of a wallet sees it.
pub fn transfer_kind(lang: Lang, kind: TransferKind) -> String {
    match kind {
        TransferKind::Fund => word!(lang, rules.fund),
        TransferKind::Grant => word!(lang, rules.grant),
        TransferKind::Sell => word!(lang, rules.sell),
        TransferKind::Pay => word!(lang, rules.pay),
        TransferKind::Cancel => word!(lang, rules.cancel),
        TransferKind::Refund => word!(lang, rules.refund),
        TransferKind::Remit => word!(lang, rules.remit),
        TransferKind::RemitReturn => word!(lang, rules.remit_return),
        TransferKind::Expire => word!(lang, rules.expire),
        TransferKind::Gift => word!(lang, rules.gift),
        TransferKind::GiftClaim => word!(lang, rules.gift_claim),
        TransferKind::GiftReturn => word!(lang, rules.gift_return),
        TransferKind::TakeBack => word!(lang, rules.take_back),
        TransferKind::Settle => word!(lang, rules.settle),
        TransferKind::Hold => word!(lang, rules.hold),
        TransferKind::Release => word!(lang, rules.release),
    }
}

/// Whether its money was bought or given.
pub fn programme_kind(lang: Lang, kind: ProgrammeKind) -> String {
    match kind {
        ProgrammeKind::Sold => word!(lang, rules.sold),
        ProgrammeKind::Given => word!(lang, rules.given),
    }
}

/// A name in the reader's language; Korean where there is no other.
pub fn named<'a>(lang: Lang, korean: &'a str, english: &'a str) -> &'a str {
    if lang == Lang::en && !english.is_empty() {
        english
    } else {
        korean
    }
}

/// Where a programme's money may be spent.
pub fn restriction(lang: Lang, restriction: &Restriction) -> String {
    let place = match restriction.revenue_limit_won {
        None => word!(lang, rules.everywhere),
        Some(limit) => word!(lang, rules.revenue, limit = won_round(lang, limit)),
    };
    if restriction.barred_categories.is_empty() {
        return place;
    }
    let barred: Vec<String> = restriction
        .barred_categories
        .iter()
        .map(|barred| category(lang, *barred))
        .collect();
    word!(lang, rules.barred, place = place, categories = barred.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restriction_is_said_as_people_say_it() {
        let open = Restriction::default();
        assert_eq!(restriction(Lang::ko, &open), "모든 가맹점");
        let barred = Restriction {
            revenue_limit_won: Some(3_000_000_000),
            barred_categories: vec![Category::Nightlife],
        };
        assert_eq!(
            restriction(Lang::ko, &barred),
            "연매출 30억원 이하 가맹점 (유흥 제외)"
        );
        assert!(restriction(Lang::en, &barred).contains("₩3 billion"));
    }
}
