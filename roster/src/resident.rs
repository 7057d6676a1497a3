//! Resident registration numbers (주민등록번호) are never stored, logged or echoed (DESIGN 13): here they
//! are only recognised, so that the file can be refused.

use unicode_normalization::UnicodeNormalization;

/// Whether a header, already brought down to letters and digits, names such a number. 주민등록상 주소 and
/// 주민등록일 do not.
pub(crate) fn is_header(key: &str) -> bool {
    const WORDS: [&str; 13] = [
        "주민등록번호",
        "주민번호",
        "주민등록no",
        "주민no",
        "주민앞자리",
        "주민뒷자리",
        "주민뒤",
        "외국인등록번호",
        "외국인번호",
        "거소신고번호",
        "고유식별번호",
        "residentregistration",
        "residentnumber",
    ];
    if key.chars().count() > 40 {
        return false;
    }
    WORDS.iter().any(|word| key.contains(word))
        || key == "rrn"
        || key.split_once("주민등록").is_some_and(|(_, rest)| {
            rest.is_empty()
                || ["앞", "뒤", "뒷", "증번호", "13"]
                    .iter()
                    .any(|more| rest.starts_with(more))
        })
}

/// Whether six digits that begin with a real month and day are followed by seven, with a mark between.
pub(crate) fn is_in(text: &str) -> bool {
    if text.len() < 13 {
        return false;
    }
    if text.is_ascii() {
        scan(text.as_bytes())
    } else {
        scan(plain(text).as_bytes())
    }
}

/// Whether the whole text is thirteen digits of that shape: 7304161234567.
pub(crate) fn is_bare(text: &str) -> bool {
    if text.len() < 13 || text.len() > 60 {
        return false;
    }
    let text: String = plain(text).split_whitespace().collect();
    text.len() == 13
        && text.bytes().all(|b| b.is_ascii_digit())
        && fits(&text.as_bytes()[..6], text.as_bytes()[6])
}

/// Full-width digits and every kind of dash as ASCII.
fn plain(text: &str) -> String {
    text.nfkc()
        .filter(|c| !crate::cell::is_invisible(*c))
        .map(|c| match c {
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | 'ー' | 'ㅡ' | '~' | '·' => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect()
}

fn scan(bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = digits_end(bytes, at);
        if end - at == 6 {
            let mut next = end;
            let mut marks = 0;
            while next < bytes.len() && next - end <= 4 && matches!(bytes[next], b' ' | b'-' | b'\t' | b'~') {
                marks += usize::from(bytes[next] != b' ');
                next += 1;
            }
            if next > end
                && marks <= 1
                && digits_end(bytes, next) - next == 7
                && fits(&bytes[at..end], bytes[next])
            {
                return true;
            }
        }
        at = end;
    }
    false
}

fn digits_end(bytes: &[u8], from: usize) -> usize {
    from + bytes[from.min(bytes.len())..]
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count()
}

fn fits(birth: &[u8], first: u8) -> bool {
    let two = |at: usize| (birth[at] - b'0') * 10 + birth[at + 1] - b'0';
    (1..=12).contains(&two(2)) && (1..=31).contains(&two(4)) && (b'1'..=b'8').contains(&first)
}

#[cfg(test)]
mod tests {
    use super::{is_bare, is_in};

    #[test]
    fn a_resident_number_is_known_in_every_dress() {
        for text in [
            "730416-1234567",
            "홍길동(730416-1234567)",
            "７３０４１６－１２３４５６７",
            "730416 - 1234567",
            "730416–1234567",
        ] {
            assert!(is_in(text), "{text}");
        }
        for text in [
            "731316-1234567",
            "730416-9234567",
            "1730416-1234567",
            "730416-12345678",
            "010-1234-5678",
            "730416-1******",
        ] {
            assert!(!is_in(text), "{text}");
        }
        assert!(is_bare("7304161234567"));
        assert!(!is_bare("7399161234567"));
    }
}
