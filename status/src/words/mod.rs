//! Every word that a person reads, in Korean and English (`status/locales/<language>/<resource>.json`), and
//! how times, days and shares are written.

mod format;
mod named;

pub use format::Times;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

pub use i18n::Locale as Lang;

/// One text in the reader's language: `word!(lang, front.all_well)`, `word!(lang, front.since, time = …)`.
/// Always a `String`.
macro_rules! word {
    ($lang:expr, $($key:tt)*) => { leptos_i18n::td_string!($lang, $($key)*).to_string() };
}
pub(crate) use word;

impl Lang {
    /// Both, Korean first.
    pub const BOTH: [Self; 2] = [Self::ko, Self::en];

    /// `ko` or `en`, as in `<html lang>` and `?lang=`.
    pub fn code(self) -> &'static str {
        self.pick("ko", "en")
    }

    /// The language of a code, if it is one of ours.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::BOTH.into_iter().find(|lang| lang.code() == code)
    }

    /// The other one.
    pub fn other(self) -> Self {
        self.pick(Self::en, Self::ko)
    }

    /// The Korean or the English of two.
    pub fn pick<T>(self, ko: T, en: T) -> T {
        match self {
            Self::ko => ko,
            Self::en => en,
        }
    }

    /// The reader's language by an `Accept-Language` header: the better liked of ours, Korean when neither is
    /// named.
    pub fn accepted(header: &str) -> Self {
        let mut best = (Self::ko, 0.0_f32);
        for part in header.split(',').take(20) {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(1.0, |weight| weight.trim().parse::<f32>().unwrap_or(0.0));
            let code = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
            if let Some(lang) = Self::of_code(&code).filter(|_| weight > best.1) {
                best = (lang, weight);
            }
        }
        best.0
    }
}
