//! Why a row cannot be paid: each reason names the field and what would be right.

use serde::Serialize;

use crate::Lang;

/// What a roster says of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// 성명.
    Name,
    /// 생년월일.
    Birth,
    /// 휴대전화.
    Phone,
    /// 지급액.
    Amount,
}

impl Field {
    /// All of them, in the order in which a row is judged.
    pub const ALL: [Self; 4] = [Self::Name, Self::Birth, Self::Phone, Self::Amount];

    /// The word that machines read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Phone => "phone",
            Self::Amount => "amount",
        }
    }

    /// The word that people read.
    pub fn label(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Name, Lang::Ko) => "성명",
            (Self::Birth, Lang::Ko) => "생년월일",
            (Self::Phone, Lang::Ko) => "휴대전화",
            (Self::Amount, Lang::Ko) => "지급액",
            (Self::Name, Lang::En) => "name",
            (Self::Birth, Lang::En) => "birth date",
            (Self::Phone, Lang::En) => "mobile phone",
            (Self::Amount, Lang::En) => "amount",
        }
    }
}

macro_rules! reasons {
    ($( $(#[$doc:meta])* $name:ident, $field:ident, $code:literal, $ko:literal, $en:literal; )*) => {
        /// Why one row cannot be paid.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Why { $( $(#[$doc])* $name, )* }

        impl Why {
            /// All reasons, for whoever translates or tests them.
            pub const ALL: &[Self] = &[ $( Self::$name, )* ];

            /// The field that is wrong.
            pub fn field(self) -> Field {
                match self { $( Self::$name => Field::$field, )* }
            }

            /// The word that machines read and databases keep.
            pub fn code(self) -> &'static str {
                match self { $( Self::$name => $code, )* }
            }

            /// What is wrong and what would be right, in one sentence.
            pub fn message(self, lang: Lang) -> &'static str {
                match (self, lang) { $( (Self::$name, Lang::Ko) => $ko, (Self::$name, Lang::En) => $en, )* }
            }
        }
    };
}

reasons! {
    /// The name is empty.
    NameMissing, Name, "name-missing",
        "성명이 비어 있습니다. 대상자의 성명을 적어 주세요.",
        "The name is empty. Write the person's name.";
    /// Fewer than 2 or more than 50 characters.
    NameLength, Name, "name-length",
        "성명은 2자 이상 50자 이하여야 합니다.",
        "The name must have 2 to 50 characters.";
    /// No letter in it, a control character, letters hidden (홍*동), or more than one person.
    NameUnreadable, Name, "name-unreadable",
        "성명을 읽을 수 없습니다. 한 사람의 이름을 가리지 말고 글자로 적어 주세요.",
        "The name cannot be read. Write one person's whole name in letters.";
    /// A formula without its result.
    NameUncounted, Name, "name-uncounted",
        "성명 칸의 수식에 계산된 값이 없습니다. 엑셀에서 열어 저장하거나 값을 직접 적어 주세요.",
        "The formula in the name has no result. Open the file in Excel and save it, or write the value itself.";
    /// The birth date is empty.
    BirthMissing, Birth, "birth-missing",
        "생년월일이 비어 있습니다. 1973-04-16과 같이 적어 주세요.",
        "The birth date is empty. Write it as 1973-04-16.";
    /// Not written as a date.
    BirthUnreadable, Birth, "birth-unreadable",
        "생년월일을 읽을 수 없습니다. 1973-04-16과 같이 적어 주세요.",
        "The birth date cannot be read. Write it as 1973-04-16.";
    /// A day that the calendar does not have.
    BirthImpossible, Birth, "birth-impossible",
        "달력에 없는 생년월일입니다. 실제 날짜를 1973-04-16과 같이 적어 주세요.",
        "The birth date is not in the calendar. Write a real day as 1973-04-16.";
    /// After today.
    BirthFuture, Birth, "birth-future",
        "생년월일이 오늘보다 뒤입니다. 지난 날짜를 적어 주세요.",
        "The birth date is after today. Write a day in the past.";
    /// More than 130 years ago.
    BirthTooEarly, Birth, "birth-too-early",
        "생년월일이 130년보다 더 오래되었습니다. 연도를 확인해 주세요.",
        "The birth date is more than 130 years ago. Check the year.";
    /// Two digits of a year (or a number that may be a date or a serial) that fit more than one day.
    BirthAmbiguous, Birth, "birth-ambiguous",
        "생년월일이 어느 날인지 하나로 정할 수 없습니다. 연도를 네 자리로, 1973-04-16과 같이 적어 주세요.",
        "The birth date fits more than one day. Write the year in four digits, as 1973-04-16.";
    /// A formula without its result.
    BirthUncounted, Birth, "birth-uncounted",
        "생년월일 칸의 수식에 계산된 값이 없습니다. 엑셀에서 열어 저장하거나 값을 직접 적어 주세요.",
        "The formula in the birth date has no result. Open the file in Excel and save it, or write the value itself.";
    /// The phone is empty.
    PhoneMissing, Phone, "phone-missing",
        "휴대전화가 비어 있습니다. 010-1234-5678과 같이 적어 주세요.",
        "The mobile phone is empty. Write it as 010-1234-5678.";
    /// Something other than digits and separators.
    PhoneUnreadable, Phone, "phone-unreadable",
        "휴대전화를 읽을 수 없습니다. 번호 하나를 010-1234-5678과 같이 적어 주세요.",
        "The mobile phone cannot be read. Write one number, as 010-1234-5678.";
    /// Too few or too many digits.
    PhoneLength, Phone, "phone-length",
        "휴대전화의 자릿수가 맞지 않습니다. 010-1234-5678과 같이 모두 적어 주세요.",
        "The mobile phone has too few or too many digits. Write all of them, as 010-1234-5678.";
    /// Not 01x.
    PhoneNotMobile, Phone, "phone-not-mobile",
        "휴대전화 번호가 아닙니다. 010 등 01로 시작하는 번호를 적어 주세요.",
        "This is not a mobile number. Write one that begins with 01, as 010-1234-5678.";
    /// A formula without its result.
    PhoneUncounted, Phone, "phone-uncounted",
        "휴대전화 칸의 수식에 계산된 값이 없습니다. 엑셀에서 열어 저장하거나 값을 직접 적어 주세요.",
        "The formula in the mobile phone has no result. Open the file in Excel and save it, or write the value itself.";
    /// The amount is empty.
    AmountMissing, Amount, "amount-missing",
        "지급액이 비어 있습니다. 100000 또는 100,000과 같이 적어 주세요.",
        "The amount is empty. Write it as 100000 or 100,000.";
    /// Not a number.
    AmountUnreadable, Amount, "amount-unreadable",
        "지급액이 숫자가 아닙니다. 100000 또는 100,000과 같이 숫자로 적어 주세요.",
        "The amount is not a number. Write it in digits, as 100000 or 100,000.";
    /// Commas not at every third digit.
    AmountGrouping, Amount, "amount-grouping",
        "지급액의 쉼표 자리가 맞지 않습니다. 100,000과 같이 세 자리마다 적어 주세요.",
        "The commas of the amount are misplaced. Write them at every third digit, as 100,000.";
    /// Less than nothing.
    AmountNegative, Amount, "amount-negative",
        "지급액이 음수입니다. 1원 이상을 적어 주세요.",
        "The amount is negative. Write 1 won or more.";
    /// Nothing.
    AmountZero, Amount, "amount-zero",
        "지급액이 0원입니다. 1원 이상을 적어 주세요.",
        "The amount is zero. Write 1 won or more.";
    /// Part of a won.
    AmountFraction, Amount, "amount-fraction",
        "지급액에 1원 미만이 있습니다. 원 단위의 정수로 적어 주세요.",
        "The amount has a fraction of a won. Write whole won.";
    /// Above the most that one row may pay.
    AmountTooLarge, Amount, "amount-too-large",
        "지급액이 한 사람에게 지급할 수 있는 금액보다 큽니다. 금액과 단위(원)를 확인해 주세요.",
        "The amount is above what one person may be paid. Check the figure and its unit (won).";
    /// A formula without its result.
    AmountUncounted, Amount, "amount-uncounted",
        "지급액 칸의 수식에 계산된 값이 없습니다. 엑셀에서 열어 저장하거나 값을 직접 적어 주세요.",
        "The formula in the amount has no result. Open the file in Excel and save it, or write the value itself.";
    /// Shown in thousands where the header says nothing of thousands, or the other way about.
    AmountScaled, Amount, "amount-scaled",
        "지급액 칸의 표시 형식이 뒷자리를 가려 금액이 다르게 보입니다. 표시 형식을 숫자로 바꾸고 원 단위로 적어 주세요.",
        "The cell's format hides digits of the amount. Set the format to Number and write the amount in won.";
    /// A comma of the amount was taken for the end of the field.
    AmountSplit, Amount, "amount-split",
        "지급액이 쉼표에서 두 칸으로 나뉘었습니다. 쉼표 없이 100000과 같이 적거나 .xlsx로 저장해 주세요.",
        "The amount was split at its comma. Write it without commas, as 100000, or save the file as .xlsx.";
}
