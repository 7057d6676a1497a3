//! The words that officials put over their columns.

use unicode_normalization::UnicodeNormalization;

use crate::{
    Field,
    cell::{Cell, is_invisible},
    resident,
};

/// Words for each field. The place in the list of lists is the rank: a word of a lower rank is used only
/// where none of a higher rank stands beside it (연락처 beside 휴대전화 is the other phone).
const NAMES: [&[&str]; 3] = [
    &[
        "성명",
        "이름",
        "성함",
        "대상자성명",
        "대상자명",
        "대상자이름",
        "지급대상자명",
        "지급대상자성명",
        "수급자명",
        "수급자성명",
        "수령자명",
        "수령인성명",
        "성명한글",
        "한글성명",
        "name",
        "fullname",
    ],
    &[
        "대상자",
        "지급대상자",
        "수급자",
        "수령자",
        "수령인",
        "성명또는명칭",
        "personname",
        "recipientname",
        "recipient",
        "주민성명",
        "회원명",
        "이용자명",
        "참여자명",
    ],
    &[
        "신청인",
        "신청자",
        "신청인성명",
        "신청자성명",
        "신청인명",
        "신청자명",
        "신청인이름",
        "신청자이름",
        "applicant",
        "applicantname",
    ],
];
const BIRTHS: [&[&str]; 3] = [
    &[
        "생년월일",
        "출생일",
        "출생일자",
        "생일",
        "생년월일자",
        "대상자생년월일",
        "수급자생년월일",
        "지급대상자생년월일",
        "birth",
        "birthdate",
        "dateofbirth",
        "birthday",
        "dob",
    ],
    &[
        "생년월",
        "생년",
        "출생년월일",
        "출생연월일",
        "생연월일",
        "생년월일8자리",
        "생년월일6자리",
    ],
    &["신청인생년월일", "신청자생년월일"],
];
const PHONES: [&[&str]; 3] = [
    &[
        "휴대전화",
        "휴대폰",
        "핸드폰",
        "휴대전화번호",
        "휴대폰번호",
        "핸드폰번호",
        "휴대전화no",
        "hp",
        "hp번호",
        "모바일",
        "이동전화",
        "이동전화번호",
        "대상자휴대전화",
        "대상자휴대폰",
        "대상자휴대전화번호",
        "mobile",
        "mobilephone",
        "cellphone",
        "phone",
        "phonenumber",
        "mobilenumber",
        "mobilephonenumber",
    ],
    &[
        "연락처",
        "연락처휴대전화",
        "연락처휴대폰",
        "대상자연락처",
        "연락전화",
        "연락전화번호",
        "휴대연락처",
        "contact",
        "수급자연락처",
    ],
    &[
        "전화번호",
        "전화",
        "tel",
        "telephone",
        "신청인연락처",
        "신청자연락처",
        "신청인휴대전화",
        "신청자휴대전화",
        "신청인전화번호",
    ],
];
const AMOUNTS: [&[&str]; 3] = [
    &[
        "지급액",
        "지급금액",
        "지급할금액",
        "지급예정액",
        "지급예정금액",
        "지급결정액",
        "실지급액",
        "실지급금액",
        "지급확정액",
        "amount",
        "paymentamount",
        "amountwon",
    ],
    &[
        "지원금",
        "지원금액",
        "지원액",
        "금액",
        "수당액",
        "수당금액",
        "충전금액",
        "충전액",
        "발행금액",
        "발행액",
        "포인트",
        "지원금지급액",
        "상품권금액",
        "소비쿠폰금액",
        "payment",
        "won",
        "지급포인트",
    ],
    &[
        "액수",
        "합계금액",
        "총지급액",
        "총금액",
        "지원결정액",
        "수당",
        "총지원금액",
        "sum",
    ],
];
/// A column that says whose the row is.
pub(super) const ISSUERS: [&str; 24] = [
    "기관코드",
    "시군구코드",
    "행정기관코드",
    "자치단체코드",
    "지자체코드",
    "행정구역코드",
    "법정동코드",
    "지역코드",
    "발행기관코드",
    "시군구",
    "시군구명",
    "지자체",
    "지자체명",
    "자치단체",
    "자치단체명",
    "행정기관",
    "행정기관명",
    "발행기관",
    "발행기관명",
    "지급기관",
    "관할지자체",
    "municipality",
    "municipalitycode",
    "regioncode",
];

/// Columns beside which 시군구 is a part of where the person lives, not whose the row is.
pub(super) const ADDRESS_PARTS: [&str; 9] = [
    "시도",
    "시도명",
    "읍면동",
    "읍면동명",
    "행정동",
    "법정동",
    "도로명",
    "도로명주소",
    "상세주소",
];
pub(super) const ADDRESS_CITY: [&str; 2] = ["시군구", "시군구명"];

/// Ends of a word for a column that no list above holds: 청년성명, 1인당 지급액, 긴급생활비.
const LOOSE_NAMES: [&str; 12] = [
    "성명",
    "이름",
    "성함",
    "대상자명",
    "수혜자",
    "수혜자명",
    "지원대상자",
    "지급대상",
    "학생명",
    "아동명",
    "대표자명",
    "세대주",
];
const LOOSE_BIRTHS: [&str; 5] = ["생년월일", "생년월", "출생일", "생일", "birth"];
const LOOSE_PHONES: [&str; 8] = [
    "휴대전화",
    "휴대폰",
    "핸드폰",
    "모바일",
    "연락처",
    "전화",
    "phone",
    "mobile",
];
const LOOSE_AMOUNTS: [&str; 26] = [
    "지급액",
    "지급총액",
    "지원금",
    "지원액",
    "지원총액",
    "지원비",
    "금액",
    "수당",
    "장려금",
    "보조금",
    "위로금",
    "격려금",
    "축하금",
    "장학금",
    "생활비",
    "급여",
    "급여액",
    "인센티브",
    "캐시백",
    "환급액",
    "환급금",
    "쿠폰액",
    "상품권",
    "바우처",
    "포인트",
    "amount",
];
/// Somebody else's name or number, which a loose reading must not take for the person's.
const NOT_THEIRS: [&str; 17] = [
    "보호자",
    "대리인",
    "배우자",
    "부모",
    "담당",
    "작성자",
    "확인자",
    "접수자",
    "추천인",
    "예금주",
    "가맹점",
    "업체",
    "상호",
    "기관",
    "은행",
    "파일",
    "비상",
];
/// A telephone that gets no text message.
const NOT_MOBILE: [&str; 9] = [
    "자택",
    "집전화",
    "유선",
    "직장",
    "회사",
    "사무실",
    "팩스",
    "fax",
    "일반전화",
];
/// Sums of money that are not what the row pays.
const NOT_PAID: [&str; 14] = [
    "누계",
    "누적",
    "기지급",
    "전월",
    "잔액",
    "잔여",
    "자부담",
    "한도",
    "이월",
    "반납",
    "환수",
    "공제",
    "신청",
    "예산",
];

/// A header cell brought down to what counts.
pub(super) struct Label {
    /// Letters and digits, what stands in brackets left out.
    pub key: String,
    /// The same with what stands in brackets.
    pub full: String,
}

pub(super) fn label(cell: &Cell) -> Option<Label> {
    let Cell::Text(text) = cell else { return None };
    if text.len() > 300 {
        return None;
    }
    let (mut key, mut full, mut depth) = (String::new(), String::new(), 0_i32);
    for c in text
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_invisible(*c))
    {
        match c {
            '(' | '[' | '<' | '〔' | '【' => depth += 1,
            ')' | ']' | '>' | '〕' | '】' => depth = (depth - 1).max(0),
            c if c.is_alphanumeric() => {
                full.push(c);
                if depth == 0 {
                    key.push(c);
                }
            }
            _ => {}
        }
    }
    (!full.is_empty()).then_some(Label { key, full })
}

/// The field a header may mean and how plainly it says so: smaller is plainer.
pub(super) fn meaning(label: &Label) -> Option<(Field, usize)> {
    let has = |words: &[&str]| words.iter().any(|word| label.full.contains(word));
    let lists = [NAMES, BIRTHS, PHONES, AMOUNTS];
    for (word, in_brackets) in [(&label.full, 0), (&label.key, 1)] {
        for (field, list) in Field::ALL.into_iter().zip(lists) {
            if let Some(rank) = list.iter().position(|words| words.contains(&word.as_str())) {
                if field == Field::Phone && rank > 0 {
                    if has(&NOT_MOBILE) {
                        return None;
                    }
                    if has(&LOOSE_PHONES[..4]) {
                        // 전화번호(휴대폰) beside 전화번호.
                        return Some((field, 2));
                    }
                }
                // An amount's unit and a date's pattern in brackets make no other column of it.
                return Some((field, rank * 4 + in_brackets));
            }
        }
    }
    loosely(label).map(|field| (field, 12))
}

/// The field of a header that no list holds, by how it ends or what is in it.
fn loosely(label: &Label) -> Option<Field> {
    let has = |words: &[&str]| words.iter().any(|word| label.full.contains(word));
    if label.full.chars().count() > 25 || has(&NOT_THEIRS) {
        return None;
    }
    if has(&LOOSE_BIRTHS) {
        return Some(Field::Birth);
    }
    if has(&LOOSE_PHONES) {
        return (!has(&NOT_MOBILE)).then_some(Field::Phone);
    }
    let word = label.key.trim_end_matches(|c: char| c.is_ascii_digit());
    if LOOSE_NAMES.iter().any(|end| word.ends_with(end)) {
        return Some(Field::Name);
    }
    let word = word.strip_suffix('원').unwrap_or(word);
    (!has(&NOT_PAID) && LOOSE_AMOUNTS.iter().any(|end| word.ends_with(end))).then_some(Field::Amount)
}

/// Whether a header announces resident registration numbers. 생년월일(주민등록번호 앞 6자리) does not: it asks
/// for the birth date that such a number begins with.
pub(super) fn is_resident(label: &Label) -> bool {
    const ONLY_BIRTH: [&str; 8] = ["앞", "금지", "제외", "아님", "불가", "말것", "않", "미기재"];
    const MORE: [&str; 4] = ["뒤", "뒷", "7", "13"];
    let birth = !resident::is_header(&label.key)
        && LOOSE_BIRTHS.iter().any(|word| label.key.contains(word))
        && ONLY_BIRTH.iter().any(|word| label.full.contains(word))
        && !MORE.iter().any(|word| label.full.contains(word));
    resident::is_header(&label.full) && !birth
}
