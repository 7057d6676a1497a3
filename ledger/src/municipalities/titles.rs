//! Which issuer a title names: `2026년 수원시 민생회복 소비쿠폰 지급대상자 명단`.

use super::issuers::{Issuer, issuers};

/// Every issuer that could be meant by a name in `text`, by code. Used to notice that a roster is another
/// municipality's, so a name that several share (`중구`) gives them all, unless the 시·도 stands before it;
/// a 시·도 that only says where its city lies (`경기도 수원시`) is not named itself.
///
/// A name counts where a word begins (`성동구` does not name `동구`), and only with its 시, 군, 구 or 도: `수원` alone
/// may be anything.
pub fn find_names_in(text: &str) -> Vec<&'static Issuer> {
    let mut found: Vec<&'static Issuer> = Vec::new();
    let mut rest = text;
    let mut at_word = true;
    while let Some(first) = rest.chars().next() {
        if at_word && let Some((length, issuers)) = name_at(rest) {
            found.extend(issuers);
            rest = &rest[length..];
            at_word = false;
        } else {
            at_word = !is_hangul(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    found.sort_by_key(|issuer| issuer.code);
    found.dedup();
    found
}

/// The longest name at the beginning of `text`: how many bytes, and who is meant.
fn name_at(text: &str) -> Option<(usize, Vec<&'static Issuer>)> {
    let mut province = None;
    for (name, code) in province_names() {
        if text.starts_with(&name) && province.as_ref().is_none_or(|(length, _)| *length < name.len()) {
            province = Some((name.len(), code));
        }
    }
    if let Some((length, code)) = province {
        let after = &text[length..];
        let gap = after.len() - after.trim_start().len();
        let inside = |issuer: &&Issuer| issuer.code / 1000 == code / 1000;
        if let Some((own, members)) = member_at(&after[gap..], inside) {
            return Some((length + gap + own, members));
        }
    }
    let bare = member_at(text, |_| true);
    let named = province.filter(|(length, _)| text[..*length].ends_with(['시', '도']));
    match (named, bare) {
        // 광주시 is a city of 경기도, and what people call 광주광역시.
        (Some((length, code)), Some((own, mut members))) if own >= length => {
            members.extend(issuers().iter().filter(|issuer| issuer.code == code));
            Some((own, members))
        }
        (Some((length, code)), _) => Some((length, issuers().iter().filter(|i| i.code == code).collect())),
        (None, bare) => bare,
    }
}

fn member_at(text: &str, allowed: impl Fn(&&Issuer) -> bool) -> Option<(usize, Vec<&'static Issuer>)> {
    let members = || {
        issuers()
            .iter()
            .filter(|issuer| !issuer.is_province() && text.starts_with(issuer.name))
    };
    let length = members()
        .filter(|issuer| allowed(issuer))
        .map(|issuer| issuer.name.len())
        .max()?;
    Some((
        length,
        members()
            .filter(|issuer| allowed(issuer) && issuer.name.len() == length)
            .collect(),
    ))
}

/// What a 시·도 is called, with its code: in full, of old, and short. The short forms without 시 or 도 only
/// qualify a city behind them.
fn province_names() -> impl Iterator<Item = (String, i64)> {
    const OTHERS: [(&str, i64); 12] = [
        ("강원도", 51000),
        ("강원", 51000),
        ("전라북도", 52000),
        ("전북", 52000),
        ("제주도", 50000),
        ("경기", 41000),
        ("충북", 43000),
        ("충남", 44000),
        ("전남", 46000),
        ("경북", 47000),
        ("경남", 48000),
        ("제주", 50000),
    ];
    let full = issuers()
        .iter()
        .filter(|issuer| issuer.is_province())
        .flat_map(|issuer| {
            let short: String = issuer.name.chars().take(2).collect();
            let is_city = issuer.name.ends_with('시');
            let city = is_city.then(|| [(format!("{short}시"), issuer.code), (short, issuer.code)]);
            std::iter::once((issuer.name.to_owned(), issuer.code)).chain(city.into_iter().flatten())
        });
    full.chain(OTHERS.into_iter().map(|(name, code)| (name.to_owned(), code)))
}

fn is_hangul(letter: char) -> bool {
    ('가'..='힣').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_name_their_issuer() {
        for (title, expected) in [
            ("2026년 수원시 민생회복 소비쿠폰 지급대상자", &[41110][..]),
            ("경기도 수원시 청년기본소득", &[41110]),
            ("경기도수원시청년기본소득", &[41110]),
            ("지급명단(수원시)", &[41110]),
            ("경기도 청년기본소득", &[41000]),
            ("서울 중구 지급대상", &[11140]),
            ("서울시 청년수당", &[11000]),
            ("성동구 명단", &[11200]),
            ("고성군", &[48820, 51820]),
            ("강원도 고성군", &[51820]),
            ("광주시 명단", &[29000, 41610]),
            ("경기 부양 수당 명단", &[]),
            ("수원 갈비집 명단", &[]),
            ("", &[]),
        ] {
            let codes: Vec<i64> = find_names_in(title).iter().map(|issuer| issuer.code).collect();
            assert_eq!(codes, expected, "{title}");
        }
    }
}
