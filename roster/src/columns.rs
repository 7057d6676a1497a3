//! Which column is which: the header row under the titles, and the words officials put in it.

use unicode_normalization::UnicodeNormalization;

use crate::{
    Field, FileProblem,
    cell::{Cell, RawRow, column_name},
    problem::shown,
    resident,
};

/// The header is one of the first rows, or none is.
pub(crate) const HEADER_ROWS: usize = 50;

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
        "h.p",
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
const ISSUERS: [&str; 24] = [
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

/// Where everything stands.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    /// In the rows that were looked through.
    pub first: usize,
    /// Rows that the header takes: one or two.
    pub height: usize,
    /// Columns of name, birth, phone and amount.
    pub columns: [usize; 4],
    /// The headers of these columns, as in the file.
    pub labels: [String; 4],
    /// Columns that say whose the row is.
    pub issuers: Vec<usize>,
    /// Columns where thirteen digits are an account, not a person.
    pub numbered: Vec<usize>,
    /// What 1 means in the amount column, in won.
    pub unit_won: i64,
}

/// What a look through the first rows found.
pub(crate) enum Found {
    Header(Header),
    /// The nearest thing to a header.
    None {
        missing: Vec<Field>,
        seen: Vec<String>,
    },
}

/// A header cell brought down to what counts.
struct Label {
    /// Letters and digits, what stands in brackets left out.
    key: String,
    /// The same with what stands in brackets.
    full: String,
}

fn label(cell: &Cell) -> Option<Label> {
    let Cell::Text(text) = cell else { return None };
    if text.len() > 300 {
        return None;
    }
    let (mut key, mut full, mut depth) = (String::new(), String::new(), 0_i32);
    for c in text.nfkc().flat_map(char::to_lowercase) {
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
fn meaning(label: &Label) -> Option<(Field, usize)> {
    let lists = [NAMES, BIRTHS, PHONES, AMOUNTS];
    for (word, in_brackets) in [(&label.full, 0), (&label.key, 1)] {
        for (field, list) in Field::ALL.into_iter().zip(lists) {
            if let Some(rank) = list.iter().position(|words| words.contains(&word.as_str())) {
                // An amount's unit and a date's pattern in brackets make no other column of it.
                return Some((field, rank * 2 + in_brackets));
            }
        }
    }
    None
}

/// Whether a cell is a header of this field.
pub(crate) fn names(cell: &Cell, field: Field) -> bool {
    label(cell)
        .and_then(|label| meaning(&label))
        .is_some_and(|(found, _)| found == field)
}

/// Looks for the header in the first rows of a sheet.
pub(crate) fn find(rows: &[RawRow]) -> Result<Found, FileProblem> {
    let mut best: Option<(usize, Vec<Field>, Vec<String>)> = None;
    // A single row first, so that a title is never taken for the upper half of a header.
    for height in [1, 2] {
        for at in 0..rows.len().min(HEADER_ROWS) {
            let below = rows
                .get(at + 1)
                .filter(|next| next.number == rows[at].number + 1 && no_digits(next));
            if height == 2 && below.is_none() {
                continue;
            }
            let labels = labels_of(&rows[at], below.filter(|_| height == 2));
            let fields = fields_of(&labels);
            let known: Vec<Field> = Field::ALL
                .into_iter()
                .filter(|field| fields.iter().any(|(_, f, _)| f == field))
                .collect();
            refuse_resident_column(&rows[at], height, &labels, &known)?;
            if known.len() == 4 {
                if let Some(below) = below {
                    refuse_resident_column(below, 1, &labels_of(below, None), &known)?;
                }
                return header(rows, at, height, &labels, &fields).map(Found::Header);
            }
            if best.as_ref().is_none_or(|(count, ..)| *count < known.len()) {
                let missing = Field::ALL
                    .into_iter()
                    .filter(|field| !known.contains(field))
                    .collect();
                let seen = rows[at]
                    .cells
                    .iter()
                    .filter(|cell| !cell.is_blank())
                    .map(|cell| shown(&cell.display()));
                best = Some((
                    known.len(),
                    missing,
                    seen.filter(|word| !word.is_empty()).take(20).collect(),
                ));
            }
        }
    }
    let (_, missing, seen) = best.unwrap_or((0, Field::ALL.to_vec(), Vec::new()));
    Ok(Found::None { missing, seen })
}

/// Each column's label and header text; of two header rows the lower says more.
fn labels_of(top: &RawRow, below: Option<&RawRow>) -> Vec<(usize, Label, String)> {
    let width = top.cells.len().max(below.map_or(0, |row| row.cells.len()));
    let mut labels = Vec::new();
    for column in 0..width {
        let upper = label(top.cell(column)).map(|label| (label, top.cell(column).display()));
        let lower =
            below.and_then(|row| label(row.cell(column)).map(|label| (label, row.cell(column).display())));
        let chosen = match (upper, lower) {
            (Some(upper), Some(lower)) => {
                let keep = meaning(&lower.0).is_none()
                    && meaning(&upper.0).is_some()
                    && !resident::is_header(&lower.0.full);
                Some(if keep { upper } else { lower })
            }
            (upper, lower) => lower.or(upper),
        };
        if let Some((label, text)) = chosen {
            labels.push((column, label, text));
        }
    }
    labels
}

fn fields_of(labels: &[(usize, Label, String)]) -> Vec<(usize, Field, usize)> {
    labels
        .iter()
        .filter_map(|(column, label, _)| meaning(label).map(|(field, rank)| (*column, field, rank)))
        .collect()
}

fn refuse_resident_column(
    row: &RawRow,
    height: usize,
    labels: &[(usize, Label, String)],
    known: &[Field],
) -> Result<(), FileProblem> {
    if known.is_empty() {
        return Ok(());
    }
    match labels
        .iter()
        .find(|(_, label, _)| resident::is_header(&label.full))
    {
        Some((column, ..)) => Err(FileProblem::ResidentNumber {
            row: row.number + u32::from(height == 2 && label(row.cell(*column)).is_none()),
            column: column_name(*column),
        }),
        None => Ok(()),
    }
}

fn header(
    rows: &[RawRow],
    at: usize,
    height: usize,
    labels: &[(usize, Label, String)],
    fields: &[(usize, Field, usize)],
) -> Result<Header, FileProblem> {
    let text_of = |column: usize| {
        labels
            .iter()
            .find(|(c, ..)| *c == column)
            .map(|(_, _, text)| text.clone())
            .unwrap_or_default()
    };
    let mut columns = [0; 4];
    for (slot, field) in Field::ALL.into_iter().enumerate() {
        let best = fields
            .iter()
            .filter(|(_, f, _)| *f == field)
            .map(|(.., rank)| *rank)
            .min()
            .unwrap_or_default();
        let candidates: Vec<usize> = fields
            .iter()
            .filter(|(_, f, rank)| *f == field && *rank == best)
            .map(|(column, ..)| *column)
            .collect();
        let [column] = candidates[..] else {
            let columns = candidates.iter().map(|column| shown(&text_of(*column))).collect();
            return Err(FileProblem::Columns { field, columns });
        };
        columns[slot] = column;
    }
    // A second row that only says more about the columns (자택, 휴대전화, 원) is header, not a person.
    if height == 1
        && let Some(next) = rows.get(at + 1)
        && no_digits(next)
        && next
            .cells
            .iter()
            .any(|cell| label(cell).is_some_and(|label| meaning(&label).is_some() || is_remark(&label)))
        && Field::ALL.into_iter().zip(columns).all(|(_, column)| {
            let cell = next.cell(column);
            cell.is_blank() || label(cell).is_some_and(|label| meaning(&label).is_some() || is_remark(&label))
        })
    {
        let both = labels_of(&rows[at], Some(next));
        let fields = fields_of(&both);
        if Field::ALL
            .into_iter()
            .all(|field| fields.iter().any(|(_, f, _)| *f == field))
        {
            return header(rows, at, 2, &both, &fields);
        }
    }
    let labels_text = columns.map(text_of);
    let header_rows = &rows[at..(at + height).min(rows.len())];
    let unit_won = header_rows
        .iter()
        .map(|row| unit_of(row.cell(columns[3])))
        .chain(rows[..at].iter().flat_map(|row| row.cells.iter().map(title_unit)))
        .flatten()
        .next()
        .unwrap_or(1);
    let having = |words: &dyn Fn(&Label) -> bool| -> Vec<usize> {
        labels
            .iter()
            .filter(|(_, label, _)| words(label))
            .map(|(column, ..)| *column)
            .collect()
    };
    Ok(Header {
        first: at,
        height,
        columns,
        labels: labels_text,
        issuers: having(&|label| {
            ISSUERS.contains(&label.full.as_str()) || ISSUERS.contains(&label.key.as_str())
        }),
        numbered: having(&|label| {
            [
                "계좌",
                "카드",
                "바코드",
                "관리번호",
                "접수번호",
                "account",
                "card",
            ]
            .iter()
            .any(|word| label.full.contains(word))
        }),
        unit_won,
    })
}

/// Words of a second header row that are no field.
fn is_remark(label: &Label) -> bool {
    const WORDS: [&str; 14] = [
        "원",
        "자택",
        "집",
        "집전화",
        "자택전화",
        "유선",
        "직장",
        "단위원",
        "한글",
        "필수",
        "선택",
        "양력",
        "년월일",
        "숫자만",
    ];
    WORDS.contains(&label.full.as_str())
}

fn no_digits(row: &RawRow) -> bool {
    !row.is_blank()
        && row.cells.iter().all(|cell| match cell {
            Cell::Empty => true,
            Cell::Text(text) => !text.nfkc().any(char::is_numeric),
            _ => false,
        })
}

/// The unit in the header of the amounts: 지급액(천원).
fn unit_of(cell: &Cell) -> Option<i64> {
    let label = label(cell)?;
    let unit = label
        .full
        .strip_prefix(label.key.as_str())
        .filter(|rest| !rest.is_empty())
        .unwrap_or(&label.full);
    unit_word(unit.strip_prefix("단위").unwrap_or(unit))
}

/// The unit in a title: (단위: 천원).
fn title_unit(cell: &Cell) -> Option<i64> {
    let full = label(cell)?.full;
    let (_, rest) = full.split_once("단위")?;
    ["천원", "만원", "백만원", "원"]
        .into_iter()
        .find(|word| rest.starts_with(word))
        .and_then(unit_word)
}

fn unit_word(word: &str) -> Option<i64> {
    match word {
        "원" => Some(1),
        "천원" => Some(1_000),
        "만원" => Some(10_000),
        "백만원" => Some(1_000_000),
        _ => None,
    }
}
