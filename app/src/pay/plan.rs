//! Which money a payment would use, told before it is made. The ledger decides when it is made, by the same
//! rule: soonest expiry first, only what the merchant may take.

use ledger::{Merchant, MerchantStatus, Refusal, Wallet};

/// Some won of one lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) name_en: String,
    pub(super) expires_at: i64,
    pub(super) won: i64,
}

/// The parts of a payment, or why the ledger would refuse it.
pub(super) fn plan(wallet: &Wallet, taker: &Merchant, amount_won: i64) -> Result<Vec<Part>, Refusal> {
    if taker.status != MerchantStatus::Open {
        return Err(Refusal::MerchantNotAccepting);
    }
    let pots = wallet
        .pots
        .iter()
        .filter(|pot| pot.restriction.allows(taker.category, taker.revenue_won_year));
    let mut lots: Vec<_> = pots
        .flat_map(|pot| pot.lots.iter().map(move |lot| (pot, lot)))
        .collect();
    lots.sort_by_key(|(_, lot)| (lot.expires_at, lot.created_at, lot.id));
    let usable_won: i64 = lots.iter().map(|(_, lot)| lot.left_won).sum();
    let total_won = wallet.total_won;
    if usable_won < amount_won {
        return Err(if usable_won == 0 && total_won >= amount_won {
            Refusal::MerchantBarred { total_won }
        } else {
            Refusal::NotEnough {
                usable_won,
                total_won,
            }
        });
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut rest_won = amount_won;
    for (pot, lot) in lots {
        let won = lot.left_won.min(rest_won);
        if won == 0 {
            break;
        }
        rest_won -= won;
        match parts.last_mut() {
            // Lots that look the same to their holder are one line.
            Some(last) if last.name == pot.name && last.expires_at == lot.expires_at => last.won += won,
            _ => parts.push(Part {
                name: pot.name.clone(),
                name_en: pot.name_en.clone(),
                expires_at: lot.expires_at,
                won,
            }),
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use ledger::{Category, Lot, LotKind, Pot, ProgrammeKind, Restriction};

    use super::*;

    fn pot(programme: i64, name: &str, barred: Vec<Category>, lots: &[(i64, i64)]) -> Pot {
        let lots: Vec<Lot> = lots
            .iter()
            .map(|(left_won, expires_at)| Lot {
                id: *expires_at,
                kind: LotKind::Granted,
                price_won: 0,
                value_won: *left_won,
                left_won: *left_won,
                created_at: 0,
                expires_at: *expires_at,
                transfer: 1,
            })
            .collect();
        Pot {
            programme,
            kind: ProgrammeKind::Given,
            name: name.to_owned(),
            name_en: String::new(),
            restriction: Restriction {
                revenue_limit_won: None,
                barred_categories: barred,
            },
            left_won: lots.iter().map(|lot| lot.left_won).sum(),
            next_expiry: lots.first().map(|lot| lot.expires_at),
            lots,
        }
    }

    fn shop(category: Category) -> Merchant {
        Merchant {
            id: 1,
            municipality: 41390,
            code: "A1".to_owned(),
            name: "햇살분식".to_owned(),
            category,
            revenue_won_year: 0,
            address: String::new(),
            district: String::new(),
            status: MerchantStatus::Open,
            created_at: 0,
        }
    }

    #[test]
    fn what_ends_soonest_is_used_first_and_only_where_it_may() {
        let pots = vec![
            pot(1, "수당", vec![Category::Fuel], &[(3_000, 10), (5_000, 30)]),
            pot(2, "상품권", Vec::new(), &[(4_000, 20)]),
        ];
        let wallet = Wallet {
            total_won: 12_000,
            pots,
        };
        let used = |category, won| {
            plan(&wallet, &shop(category), won).map(|parts| {
                parts
                    .iter()
                    .map(|part| (part.expires_at, part.won))
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(
            used(Category::Cafe, 8_000),
            Ok(vec![(10, 3_000), (20, 4_000), (30, 1_000)])
        );
        assert_eq!(used(Category::Fuel, 4_000), Ok(vec![(20, 4_000)]));
        assert_eq!(
            used(Category::Fuel, 4_001),
            Err(Refusal::NotEnough {
                usable_won: 4_000,
                total_won: 12_000
            })
        );
    }
}
