//! Classes of merchants as a card network names them.

use crate::Category;

/// The merchant category codes (ISO 18245) of each class; every other code is [`Category::Other`]. Part of the stand-in
/// list, so that a network needs no other table.
pub const MERCHANT_CLASSES: &[(Category, &[&str])] = &[
    (Category::Restaurant, &["5811", "5812"]),
    (Category::Cafe, &["5462", "5814"]),
    (Category::TraditionalMarket, &["5422", "5431", "5451"]),
    (
        Category::Academy,
        &["8211", "8241", "8244", "8249", "8299", "8351"],
    ),
    (
        Category::Clinic,
        &["8011", "8021", "8042", "8049", "8062", "8099"],
    ),
    (Category::Pharmacy, &["5122", "5912"]),
    (Category::Mart, &["5300", "5411"]),
    (Category::Convenience, &["5331", "5499"]),
    (Category::Beauty, &["7230", "7298"]),
    (
        Category::Clothing,
        &[
            "5611", "5621", "5631", "5641", "5651", "5655", "5661", "5691", "5699",
        ],
    ),
    (Category::Bookshop, &["5192", "5942", "5994"]),
    (Category::Fuel, &["5172", "5541", "5542"]),
    (Category::Lodging, &["7011"]),
    (Category::Nightlife, &["5813"]),
];

/// The class of a merchant category code.
pub fn class_of_mcc(mcc: &str) -> Category {
    MERCHANT_CLASSES
        .iter()
        .find(|(_, codes)| codes.contains(&mcc))
        .map_or(Category::Other, |(class, _)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_in_one_class_and_every_class_but_other_has_one() {
        let mut seen = std::collections::BTreeSet::new();
        for (_, codes) in MERCHANT_CLASSES {
            for code in *codes {
                assert!(code.len() == 4 && seen.insert(code), "{code}");
            }
        }
        assert_eq!(MERCHANT_CLASSES.len(), Category::ALL.len() - 1);
        assert_eq!(class_of_mcc("5814"), Category::Cafe);
        assert_eq!(class_of_mcc("0000"), Category::Other);
    }
}
