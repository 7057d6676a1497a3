//! Why a whole file is refused. Each problem has a code for machines and says in both languages what would
//! be right; none carries what stands in a cell beyond header words with their digits masked.

use serde::Serialize;

use crate::Field;

/// The language of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Korean.
    Ko,
    /// English.
    En,
}

/// Why a file is no roster that can be read. Nobody is paid from it; rows already handed out must be
/// thrown away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum FileProblem {
    /// No byte in it.
    Empty,
    /// Longer than the limit, in bytes.
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// One row is longer than the limit, in bytes.
    RowTooLong {
        /// The row, as Excel numbers it.
        row: u32,
        /// The limit.
        limit_bytes: u64,
    },
    /// More rows than the limit.
    TooManyRows {
        /// The limit.
        limit_rows: u32,
    },
    /// A picture, a PDF, a program: known by its first bytes.
    NotARoster {
        /// What it is, as far as it is known: `png`, `jpeg`, `gif`, `pdf`, `hwp`, `html`, `zip`, `binary`, ….
        kind: String,
    },
    /// The workbook format of 2003 and before (or xlsb, or ods).
    OldWorkbook {
        /// `xls`, `xlsb` or `ods`.
        kind: String,
    },
    /// Protected by a password.
    Password,
    /// Unpacks to far more than it is.
    ZipBomb,
    /// More text than is kept in memory; CSV has no such limit.
    TooMuchText {
        /// The limit.
        limit_bytes: u64,
    },
    /// A workbook that cannot be read to its end.
    BrokenWorkbook,
    /// Text that is neither UTF-8, UTF-16 nor CP949.
    Encoding {
        /// About where, as Excel numbers rows.
        row: u32,
    },
    /// A quotation mark that does not end, or stands where none may.
    BrokenQuote {
        /// The row where the field begins.
        row: u32,
    },
    /// No row names the four columns.
    Header {
        /// The fields for which no column was found.
        missing: Vec<Field>,
        /// The words that stand where a header would, digits masked.
        seen: Vec<String>,
    },
    /// Two columns that may mean the same.
    Columns {
        /// What both may mean.
        field: Field,
        /// Their headers, as in the file, digits masked.
        columns: Vec<String>,
    },
    /// A column or a cell with resident registration numbers.
    ResidentNumber {
        /// The row, as Excel numbers it.
        row: u32,
        /// The column, as Excel names it.
        column: String,
    },
    /// Another municipality's roster.
    OtherMunicipality {
        /// The municipality that is named.
        found: String,
        /// The municipality that it should be.
        own: String,
        /// Where it is named.
        row: u32,
    },
    /// A header and no one under it.
    NoRows,
    /// The sum of all rows is beyond 64 bits.
    TotalTooLarge,
    /// The file could not be read from its disk.
    Read {
        /// The kind of the failure.
        kind: String,
    },
}

impl FileProblem {
    /// The word that machines read.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too-large",
            Self::RowTooLong { .. } => "row-too-long",
            Self::TooManyRows { .. } => "too-many-rows",
            Self::NotARoster { .. } => "not-a-roster",
            Self::OldWorkbook { .. } => "old-workbook",
            Self::Password => "password",
            Self::ZipBomb => "zip-bomb",
            Self::TooMuchText { .. } => "too-much-text",
            Self::BrokenWorkbook => "broken-workbook",
            Self::Encoding { .. } => "encoding",
            Self::BrokenQuote { .. } => "broken-quote",
            Self::Header { .. } => "header",
            Self::Columns { .. } => "columns",
            Self::ResidentNumber { .. } => "resident-number",
            Self::OtherMunicipality { .. } => "other-municipality",
            Self::NoRows => "no-rows",
            Self::TotalTooLarge => "total-too-large",
            Self::Read { .. } => "read",
        }
    }

    /// What is wrong and what would be right.
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Ko => self.korean(),
            Lang::En => self.english(),
        }
    }

    fn korean(&self) -> String {
        match self {
            Self::Empty => "파일이 비어 있습니다. 대상자 명단이 든 .xlsx 또는 CSV 파일을 올려 주세요.".into(),
            Self::TooLarge { limit_bytes } => format!(
                "파일이 한도({})보다 큽니다. 명단을 나누어 올려 주세요.",
                size(*limit_bytes)
            ),
            Self::RowTooLong { row, limit_bytes } => format!(
                "{row}행이 한 줄의 한도({})보다 깁니다. 명단 파일이 맞는지, 줄바꿈이 있는지 확인해 주세요.",
                size(*limit_bytes)
            ),
            Self::TooManyRows { limit_rows } => {
                format!("행이 {limit_rows}개보다 많습니다. 명단을 나누어 올려 주세요.")
            }
            Self::NotARoster { kind } => format!(
                "명단 파일이 아닙니다({kind}). 엑셀 통합 문서(.xlsx) 또는 CSV로 저장한 명단을 올려 주세요."
            ),
            Self::OldWorkbook { kind } => format!(
                "읽을 수 없는 통합 문서 형식(.{kind})입니다. 엑셀에서 '다른 이름으로 저장'을 눌러 .xlsx로 저장해 주세요."
            ),
            Self::Password => {
                "암호가 걸린 문서입니다. 엑셀에서 암호를 해제하고 저장한 뒤 올려 주세요.".into()
            }
            Self::ZipBomb => {
                "압축을 풀면 지나치게 커지는 파일입니다. 엑셀에서 명단만 새 문서에 옮겨 저장해 주세요.".into()
            }
            Self::TooMuchText { limit_bytes } => format!(
                "통합 문서의 글이 한도({})보다 많습니다. CSV로 저장해 올려 주세요.",
                size(*limit_bytes)
            ),
            Self::BrokenWorkbook => {
                "통합 문서가 손상되어 읽을 수 없습니다. 엑셀에서 열어 .xlsx로 다시 저장해 주세요.".into()
            }
            Self::Encoding { row } => format!(
                "{row}행 근처의 글자를 읽을 수 없습니다. 'CSV UTF-8' 또는 .xlsx로 다시 저장해 주세요."
            ),
            Self::BrokenQuote { row } => format!(
                "{row}행에서 따옴표(\")의 짝이 맞지 않습니다. 따옴표를 지우거나 .xlsx로 저장해 올려 주세요."
            ),
            Self::Header { missing, seen } => format!(
                "제목 행을 찾지 못했습니다. 없는 열: {}. 첫 50행 안의 한 행에 성명, 생년월일, 휴대전화, 지급액 열이 있어야 합니다. \
                 찾은 글: {}",
                missing
                    .iter()
                    .map(|field| field.label(Lang::Ko))
                    .collect::<Vec<_>>()
                    .join(", "),
                if seen.is_empty() {
                    "없음".into()
                } else {
                    seen.join(", ")
                }
            ),
            Self::Columns { field, columns } => format!(
                "'{}'에 해당하는 열이 여럿입니다({}). 지급에 쓸 열만 '{}'(으)로 이름 지어 주세요.",
                field.label(Lang::Ko),
                columns.join(", "),
                field.label(Lang::Ko)
            ),
            Self::ResidentNumber { row, column } => format!(
                "{row}행 {column}열에 주민등록번호가 있습니다. 주민등록번호는 받지 않으며 파일을 저장하지 않았습니다. \
                 그 열을 지우고 생년월일만 적어 다시 올려 주세요."
            ),
            Self::OtherMunicipality { found, own, row } => {
                format!("{row}행이 다른 지자체({found})를 가리킵니다. {own}의 명단인지 확인해 주세요.")
            }
            Self::NoRows => {
                "제목 행 아래에 대상자가 한 명도 없습니다. 대상자를 적은 명단을 올려 주세요.".into()
            }
            Self::TotalTooLarge => "지급액의 합계가 너무 큽니다. 금액과 단위(원)를 확인해 주세요.".into(),
            Self::Read { .. } => "파일을 읽는 중에 문제가 생겼습니다. 다시 올려 주세요.".into(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Empty => "The file is empty. Upload the roster as .xlsx or CSV.".into(),
            Self::TooLarge { limit_bytes } => {
                format!("The file is larger than the limit ({}). Upload the roster in parts.", size(*limit_bytes))
            }
            Self::RowTooLong { row, limit_bytes } => format!(
                "Row {row} is longer than a row may be ({}). Check that this is a roster with one person to a line.",
                size(*limit_bytes)
            ),
            Self::TooManyRows { limit_rows } => {
                format!("There are more than {limit_rows} rows. Upload the roster in parts.")
            }
            Self::NotARoster { kind } => {
                format!("This is no roster ({kind}). Upload a workbook (.xlsx) or a CSV file.")
            }
            Self::OldWorkbook { kind } => format!(
                "Workbooks of this format (.{kind}) are not read. In Excel choose Save As and the format .xlsx."
            ),
            Self::Password => {
                "The workbook is protected by a password. Remove the password in Excel, save and upload again.".into()
            }
            Self::ZipBomb => {
                "The file unpacks to far more than it is. Copy the roster alone into a new workbook and save it.".into()
            }
            Self::TooMuchText { limit_bytes } => format!(
                "The workbook has more text than the limit ({}). Save it as CSV and upload that.", size(*limit_bytes)
            ),
            Self::BrokenWorkbook => {
                "The workbook is damaged and cannot be read. Open it in Excel and save it as .xlsx again.".into()
            }
            Self::Encoding { row } => format!(
                "The characters near row {row} cannot be read. Save the file as CSV UTF-8 or as .xlsx."
            ),
            Self::BrokenQuote { row } => format!(
                "A quotation mark (\") in row {row} has no partner. Remove it, or save the file as .xlsx."
            ),
            Self::Header { missing, seen } => format!(
                "No header row was found. Missing: {}. One of the first 50 rows must name the columns name (성명), \
                 birth date (생년월일), mobile phone (휴대전화) and amount (지급액). Seen: {}",
                missing.iter().map(|field| field.label(Lang::En)).collect::<Vec<_>>().join(", "),
                if seen.is_empty() { "nothing".into() } else { seen.join(", ") }
            ),
            Self::Columns { field, columns } => format!(
                "More than one column may be the {} ({}). Name only the one to be used {}.",
                field.label(Lang::En), columns.join(", "), field.label(Lang::Ko)
            ),
            Self::ResidentNumber { row, column } => format!(
                "Row {row}, column {column} holds a resident registration number. These are never accepted and \
                 the file was not kept. Remove the column, write the birth date alone and upload again."
            ),
            Self::OtherMunicipality { found, own, row } => {
                format!("Row {row} names another municipality ({found}). Upload a roster of {own}.")
            }
            Self::NoRows => "There is nobody under the header row. Upload a roster with people in it.".into(),
            Self::TotalTooLarge => "The sum of the amounts is too large. Check the figures and their unit (won).".into(),
            Self::Read { .. } => "The file could not be read. Upload it again.".into(),
        }
    }
}

impl std::fmt::Display for FileProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.english())
    }
}

impl std::error::Error for FileProblem {}

impl From<std::io::Error> for FileProblem {
    fn from(error: std::io::Error) -> Self {
        Self::Read {
            kind: error.kind().to_string(),
        }
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        b if b >= 1 << 30 => format!("{} GiB", b >> 30),
        b if b >= 1 << 20 => format!("{} MiB", b >> 20),
        b if b >= 1 << 10 => format!("{} KiB", b >> 10),
        b => format!("{b} B"),
    }
}

/// A word of the file that may be shown: short, digits masked.
pub(crate) fn shown(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let text = text
        .split(crate::cell::is_space)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    text.nfkc()
        .map(|c| if c.is_numeric() { '·' } else { c })
        .filter(|c| !c.is_control())
        .take(20)
        .collect()
}
