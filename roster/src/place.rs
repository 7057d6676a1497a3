//! Whose roster it is: a title line or a code column that names another municipality.
//!
//! Only full names count (성남시, not 성남), only as words of their own, and never an address: people on a
//! roster may live anywhere. The province of one's own municipality is no stranger.

use unicode_normalization::UnicodeNormalization;

use crate::{Issuer, Place};

/// What may follow a municipality's name in Korean without making another word of it.
const AFTER: [&str; 16] = [
    "청", "장", "의", "에서", "은", "는", "이", "가", "에", "민", "로", "와", "과", "형", "내", "관내",
];

/// Provinces that changed their names, old and new, and the short way to write the cities.
const ALIASES: [(&str, &str); 12] = [
    ("강원특별자치도", "강원도"),
    ("전북특별자치도", "전라북도"),
    ("제주특별자치도", "제주도"),
    ("서울특별시", "서울시"),
    ("부산광역시", "부산시"),
    ("대구광역시", "대구시"),
    ("인천광역시", "인천시"),
    ("광주광역시", "광주시"),
    ("대전광역시", "대전시"),
    ("울산광역시", "울산시"),
    ("세종특별자치시", "세종시"),
    ("서울특별시", "서울"),
];

/// The other municipality that a title names, if it names one and not our own.
pub(crate) fn stranger_in_text(text: &str, issuer: &Issuer) -> Option<String> {
    let text: String = text.nfkc().take(2_000).collect();
    let own = &issuer.own;
    let ours = occurrences(&text, &own.name)
        .any(|at| province_before(&text[..at], issuer).is_none_or(|p| same(&p, &own.province)));
    if ours || alias_of(&own.name).any(|name| occurrences(&text, name).next().is_some()) {
        return None;
    }
    let twin = occurrences(&text, &own.name)
        .find_map(|at| province_before(&text[..at], issuer))
        .map(|province| format!("{province} {}", own.name));
    if twin.is_some() {
        return twin;
    }
    // A city has districts (구) of its own, which no list of issuers holds: 남구 alone may be ours.
    let has_districts = own.name.ends_with('시') && own.code % 1000 != 0;
    let is_district = |place: &Place| place.name.ends_with('구') && place.name.chars().count() == 2;
    issuer
        .others
        .iter()
        .filter(|place| {
            place.code != own.code && place.name != own.province && !same(&place.name, &own.province)
        })
        .filter(|place| place.name != own.name)
        .find_map(|place| {
            let at = occurrences(&text, &place.name).next()?;
            if place.code % 1000 == 0 && place.name.chars().count() < 3 {
                return None;
            }
            let province = province_before(&text[..at], issuer);
            if has_districts && is_district(place) && province.is_none() {
                return None;
            }
            // Part of our own province's roster for one of its municipalities.
            if own.code % 1000 == 0 && same(&place.province, &own.name) {
                return None;
            }
            Some(province.map_or_else(
                || place.name.clone(),
                |province| format!("{province} {}", place.name),
            ))
        })
}

/// The other municipality that a cell of a code column names.
pub(crate) fn stranger_in_code(text: &str, issuer: &Issuer) -> Option<String> {
    let text: String = text.nfkc().take(200).collect();
    let digits = text.trim().trim_end_matches(".0");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return stranger_in_text(&text, issuer);
    }
    if digits.len() != 5 && digits.len() != 10 {
        return None;
    }
    let code: i64 = digits[..5].parse().ok()?;
    if belongs(code, issuer.own.code) {
        return None;
    }
    issuer
        .others
        .iter()
        .find(|place| place.code == code)
        .or_else(|| {
            issuer
                .others
                .iter()
                .find(|place| place.code % 1000 != 0 && belongs(code, place.code))
        })
        .map(|place| place.name.clone())
}

/// Whether a code is a municipality's own, one of its districts' (41135 of 41130), or lies in a province.
fn belongs(code: i64, own: i64) -> bool {
    code == own || (own % 1000 == 0 && code / 1000 == own / 1000) || (own % 10 == 0 && code / 10 == own / 10)
}

/// Where a name stands as a word: not in the middle of another.
fn occurrences<'t>(text: &'t str, name: &str) -> impl Iterator<Item = usize> + use<'t> {
    let name = name.to_owned();
    let length = name.len();
    let found: Vec<usize> = if name.is_empty() {
        Vec::new()
    } else {
        text.match_indices(&name).map(|(at, _)| at).collect()
    };
    found.into_iter().filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = &text[at + length..];
        let starts = before.is_none_or(|c| !c.is_alphabetic() || matches!(c, '도' | '시'));
        let ends = after.chars().next().is_none_or(|c| !c.is_alphanumeric())
            || AFTER.iter().any(|word| {
                after
                    .strip_prefix(word)
                    .is_some_and(|rest| rest.chars().next().is_none_or(|c| !c.is_alphabetic()))
            });
        starts && ends
    })
}

/// The 시·도 that stands right before a name.
fn province_before(text: &str, issuer: &Issuer) -> Option<String> {
    let text = text.trim_end();
    issuer
        .others
        .iter()
        .chain([&issuer.own])
        .map(|place| {
            if place.province.is_empty() {
                &place.name
            } else {
                &place.province
            }
        })
        .find(|province| {
            !province.is_empty()
                && (text.ends_with(province.as_str())
                    || alias_of(province).any(|alias| text.ends_with(alias)))
        })
        .cloned()
}

fn alias_of(name: &str) -> impl Iterator<Item = &'static str> {
    ALIASES
        .iter()
        .filter(move |(new, old)| *new == name || *old == name)
        .map(move |(new, old)| if *new == name { *old } else { *new })
        .collect::<Vec<_>>()
        .into_iter()
}

fn same(a: &str, b: &str) -> bool {
    a == b || alias_of(a).any(|alias| alias == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(code: i64, name: &str, province: &str) -> Place {
        Place {
            code,
            name: name.into(),
            province: province.into(),
        }
    }

    fn seongnam() -> Issuer {
        Issuer {
            own: place(41130, "성남시", "경기도"),
            others: vec![
                place(41000, "경기도", ""),
                place(41110, "수원시", "경기도"),
                place(11000, "서울특별시", ""),
                place(11140, "중구", "서울특별시"),
                place(27110, "중구", "대구광역시"),
                place(46000, "전라남도", ""),
                place(41610, "광주시", "경기도"),
                place(29000, "광주광역시", ""),
                place(47110, "포항시", "경상북도"),
            ],
        }
    }

    #[test]
    fn a_title_that_names_another_municipality_is_known() {
        let ours = seongnam();
        for (title, found) in [
            ("수원시 청년기본소득 지급대상자", Some("수원시")),
            ("경기도 수원시청 명단", Some("경기도 수원시")),
            ("2026년 4분기(수원시)", Some("수원시")),
            ("전라남도 청년수당", Some("전라남도")),
            ("서울특별시 중구 명단", Some("서울특별시")),
            ("성남시 청년기본소득", None),
            ("경기도 성남시 명단", None),
            ("경기도 청년기본소득", None),
            ("2026년 4분기 청년기본소득 지급대상자", None),
            ("새수원시장 상품권", None),
            ("남구 명단", None),
        ] {
            assert_eq!(stranger_in_text(title, &ours).as_deref(), found, "{title}");
        }
        let daegu = Issuer {
            own: place(27110, "중구", "대구광역시"),
            others: seongnam().others,
        };
        assert_eq!(
            stranger_in_text("서울특별시 중구 명단", &daegu).as_deref(),
            Some("서울특별시 중구")
        );
        assert_eq!(stranger_in_text("대구광역시 중구 명단", &daegu), None);
        assert_eq!(stranger_in_text("중구 명단", &daegu), None);
    }

    #[test]
    fn a_code_that_is_another_municipalitys_is_known() {
        let ours = seongnam();
        for (code, found) in [
            ("41130", None),
            ("41135", None),
            ("4113500000", None),
            ("41110", Some("수원시")),
            ("4111710300", Some("수원시")),
            ("3780000", None),
            ("99999", None),
            ("수원시 팔달구", Some("수원시")),
            ("분당구청", None),
        ] {
            assert_eq!(stranger_in_code(code, &ours).as_deref(), found, "{code}");
        }
    }
}
