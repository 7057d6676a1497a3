//! Rows that are nobody: sums, notes, examples, headers printed again.
//!
//! A row that may be a person is never left out: it is better refused with a reason than gone without a word.

use unicode_normalization::UnicodeNormalization;

use crate::{
    cell::{Cell, RawRow, is_invisible, is_space},
    columns::Header,
};

/// Whether a row under the header is no person's.
pub(crate) fn is_nobody(row: &RawRow, header: &Header, titles: &[String]) -> bool {
    let four = header.columns.map(|column| row.cell(column));
    let [name, birth, phone, amount] = four;
    four.into_iter().all(Cell::is_blank)
        || is_unused(name, birth, phone, amount)
        || is_total(row, header)
        || is_note(row, header, titles)
        || is_example(row, header)
        || is_numbering(row)
        || is_hint(birth, phone, amount)
        || header.is_again(row)
}

/// A line of the form that nobody filled in: at most the nought that its formula makes of it.
fn is_unused(name: &Cell, birth: &Cell, phone: &Cell, amount: &Cell) -> bool {
    let nought = match amount {
        Cell::Number(value) | Cell::Scaled { value, .. } => *value == 0.0,
        Cell::Text(text) => matches!(text.trim_matches(is_space), "0" | "-"),
        _ => false,
    };
    nought && [name, birth, phone].into_iter().all(Cell::is_blank)
}

/// A row of sums: 합계, 소계, 총 25명, total, with nobody's birth date or phone.
fn is_total(row: &RawRow, header: &Header) -> bool {
    let [name, birth, phone, _] = header.columns.map(|column| row.cell(column));
    let digits = |cell: &Cell| cell.display().chars().filter(|c| c.is_numeric()).count();
    if digits(birth) >= 6 || digits(phone) >= 9 || matches!(birth, Cell::Serial { .. }) {
        return false;
    }
    // Behind the amount a word may be a remark, unless nobody is named in the row.
    let before = if name.is_blank() {
        row.cells.len()
    } else {
        header.columns[3].max(header.columns[0] + 1)
    };
    row.cells.iter().take(before).any(is_sum)
}

fn is_sum(cell: &Cell) -> bool {
    const WORDS: [&str; 19] = [
        "계",
        "합",
        "총",
        "총액",
        "총인원",
        "총금액",
        "총지급액",
        "총지급금액",
        "총원",
        "총건수",
        "전체",
        "평균",
        "計",
        "合計",
        "小計",
        "總計",
        "sum",
        "total",
        "average",
    ];
    const ENDS: [&str; 6] = ["합계", "총계", "소계", "누계", "total", "총합"];
    let Cell::Text(text) = cell else { return false };
    if text.len() > 200 {
        return false;
    }
    let text: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let text = text.split(['(', '[', ':', '=']).next().unwrap_or_default();
    let last = text.split(|c: char| is_space(c)).rfind(|part| !part.is_empty());
    let word: String = text
        .chars()
        .filter(|c| c.is_alphabetic() && !is_invisible(*c))
        .collect();
    let bare = word.strip_suffix(['명', '원', '건', '인']).unwrap_or(&word);
    WORDS.contains(&word.as_str())
        || WORDS.contains(&bare)
        || (last == Some("계") && text.chars().count() <= 20)
        || (word.chars().count() <= 20
            && ENDS
                .iter()
                .any(|end| bare.ends_with(end) || bare.starts_with(end)))
}

/// A line under or between the tables.
fn is_note(row: &RawRow, header: &Header, titles: &[String]) -> bool {
    const SIGNS: [char; 14] = [
        '※', '*', '☞', '○', '◦', '•', '-', '□', '■', '▶', '#', '·', '―', '─',
    ];
    const INSIDE: [&str; 10] = [
        "이하여백",
        "이하 여백",
        "끝.",
        "작성자",
        "작성일",
        "담당자",
        "확인자",
        "결재",
        "붙임",
        "위와 같이",
    ];
    const LABELS: [&str; 12] = [
        "작성자",
        "작성일",
        "작성일자",
        "담당자",
        "담당부서",
        "확인자",
        "검토자",
        "결재",
        "문의",
        "문의처",
        "연락처",
        "비고",
    ];
    const OFFICES: [&str; 9] = [
        "시장",
        "군수",
        "구청장",
        "동장",
        "읍장",
        "면장",
        "도지사",
        "과장",
        "귀하",
    ];
    let [name, birth, phone, amount] = header.columns.map(|column| row.cell(column));
    let alone = row.cells.iter().filter(|cell| !cell.is_blank()).count() == 1;
    if name.is_blank() {
        // Printed further to the right, across several columns.
        return alone
            && [birth, phone, amount].into_iter().any(|cell| {
                matches!(cell, Cell::Text(text) if text.trim_start_matches(is_space).starts_with(SIGNS)
                    || INSIDE.iter().any(|inside| text.contains(inside)))
            });
    }
    let Cell::Text(text) = name else { return false };
    let text = text.trim_matches(is_space);
    let word: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    if amount.is_blank() && (LABELS.contains(&word.as_str()) || ["주)", "주:", "※"].contains(&text)) {
        return true;
    }
    if ![birth, phone, amount].into_iter().all(Cell::is_blank) {
        return false;
    }
    text.starts_with(SIGNS)
        || ["주)", "주:", "주 "].iter().any(|start| text.starts_with(start))
        || ["끝", "이상", "이상끝", "이하여백"].contains(&word.as_str())
        || INSIDE.iter().any(|inside| text.contains(inside))
        || titles.iter().any(|title| title == text)
        || (alone
            && (text.chars().count() > 20
                || !text.contains(char::is_alphabetic)
                || (word.chars().count() > 3 && OFFICES.iter().any(|office| word.ends_with(office)))))
}

/// The columns numbered under their header: ①, ②, ③ or 1, 2, 3.
fn is_numbering(row: &RawRow) -> bool {
    let mut numbers = row.cells.iter().filter(|cell| !cell.is_blank()).map(|cell| {
        let text: String = cell
            .display()
            .nfkc()
            .take(8)
            .filter(char::is_ascii_digit)
            .collect();
        text.parse::<usize>().ok()
    });
    let Some(Some(first)) = numbers.next() else {
        return false;
    };
    let mut count = 1;
    let counted = numbers.all(|number| {
        count += 1;
        number == Some(first + count - 1)
    });
    counted && count >= 4
}

/// How the columns are to be filled in: (YYYY-MM-DD), '-' 포함, 숫자만 입력.
fn is_hint(birth: &Cell, phone: &Cell, amount: &Cell) -> bool {
    const WORDS: [&str; 9] = [
        "입력", "형식", "기재", "필수", "선택", "숫자", "포함", "없이", "yyyy",
    ];
    let hints = [birth, phone, amount].into_iter().filter(|cell| {
        matches!(cell, Cell::Text(text) if text.len() <= 200 && {
            let text = text.to_lowercase();
            WORDS.iter().any(|word| text.contains(word))
        })
    });
    hints.count() >= 2
}

/// The example that a form shows how to fill it in.
fn is_example(row: &RawRow, header: &Header) -> bool {
    const WORDS: [&str; 8] = [
        "예시",
        "작성예시",
        "작성예",
        "기재예시",
        "입력예시",
        "샘플",
        "sample",
        "example",
    ];
    let at = header.columns[0];
    row.cells.iter().take(at + 1).enumerate().any(|(column, cell)| {
        let Cell::Text(text) = cell else { return false };
        let text: String = text
            .nfkc()
            .filter(|c| !is_space(*c))
            .flat_map(char::to_lowercase)
            .take(40)
            .collect();
        let word: String = text.chars().filter(|c| c.is_alphabetic()).collect();
        let marked = ["(예시)", "예시)", "예)", "(예)", "<예시>", "[예시]"];
        WORDS.contains(&word.as_str()) || (column == at && marked.iter().any(|mark| text.starts_with(mark)))
    })
}
