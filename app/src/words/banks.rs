//! The banks' names, by the code that transfers are addressed with.

use super::Lang;
use crate::word;

/// A bank's name; its code where we know no name.
pub fn bank(lang: Lang, code: &str) -> String {
    match code {
        "004" => word!(lang, banks.b004),
        "088" => word!(lang, banks.b088),
        "020" => word!(lang, banks.b020),
        "081" => word!(lang, banks.b081),
        "011" => word!(lang, banks.b011),
        "003" => word!(lang, banks.b003),
        "090" => word!(lang, banks.b090),
        "092" => word!(lang, banks.b092),
        "089" => word!(lang, banks.b089),
        "023" => word!(lang, banks.b023),
        "027" => word!(lang, banks.b027),
        "002" => word!(lang, banks.b002),
        "007" => word!(lang, banks.b007),
        "031" => word!(lang, banks.b031),
        "032" => word!(lang, banks.b032),
        "034" => word!(lang, banks.b034),
        "035" => word!(lang, banks.b035),
        "037" => word!(lang, banks.b037),
        "039" => word!(lang, banks.b039),
        "045" => word!(lang, banks.b045),
        "048" => word!(lang, banks.b048),
        "071" => word!(lang, banks.b071),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bank_has_a_name() {
        for code in people::BANKS {
            assert_ne!(bank(Lang::ko, code), code);
            assert_ne!(bank(Lang::en, code), code);
        }
    }
}
