//! The official list of those who may issue local currency (`data/issuers.csv`, see `data/README.md`).

use std::sync::LazyLock;

use serde::Serialize;

/// A 시·도 or 기초자치단체.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issuer {
    /// First five digits of the 법정동코드; a 시·도 is its two digits and `000`.
    pub code: i64,
    /// Its own name: `수원시`, `경기도`.
    pub name: &'static str,
    /// The 시·도 it lies in; its own name for a 시·도.
    pub province_name: &'static str,
    /// First day of this code as `YYYY-MM-DD`, where it began since 2023.
    pub valid_from: Option<&'static str>,
    /// Last day of this code, where it has ended.
    pub valid_until: Option<&'static str>,
}

impl Issuer {
    /// Whether this is one of the 17 시·도.
    pub fn is_province(&self) -> bool {
        self.code % 1000 == 0
    }

    /// The name that leaves no doubt: `경기도 수원시`, `서울특별시`.
    pub fn full_name(&self) -> String {
        if self.is_province() {
            self.name.to_owned()
        } else {
            format!("{} {}", self.province_name, self.name)
        }
    }
}

static ALL: LazyLock<Vec<Issuer>> = LazyLock::new(|| {
    let day = |text: &'static str| (!text.is_empty()).then_some(text);
    include_str!("../../data/issuers.csv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',');
            Some(Issuer {
                code: cells.next()?.parse().ok()?,
                province_name: cells.next()?,
                name: cells.next()?,
                valid_from: day(cells.next()?),
                valid_until: day(cells.next()?),
            })
        })
        .filter(|issuer| issuer.valid_until.is_none())
        .collect()
});

/// Every issuer whose code is in force, by code.
pub fn issuers() -> &'static [Issuer] {
    &ALL
}

/// The issuer with this code, if it is in force.
pub fn issuer(code: i64) -> Option<&'static Issuer> {
    let index = ALL.binary_search_by_key(&code, |issuer| issuer.code).ok()?;
    ALL.get(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_17_provinces_and_226_others() {
        let provinces = issuers().iter().filter(|issuer| issuer.is_province()).count();
        assert_eq!((provinces, issuers().len() - provinces), (17, 226));
        assert!(issuers().is_sorted_by_key(|issuer| issuer.code));
    }

    #[test]
    fn a_city_stands_for_its_districts() {
        assert_eq!(
            issuer(41110).map(Issuer::full_name).as_deref(),
            Some("경기도 수원시")
        );
        assert_eq!(issuer(41115), None, "팔달구 is no issuer");
        assert_eq!(issuer(50110), None, "제주시 is no issuer");
        assert_eq!(issuer(45130), None, "군산시 has another code since 2024");
        assert_eq!(issuer(52130).map(|issuer| issuer.name), Some("군산시"));
    }
}
