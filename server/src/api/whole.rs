//! Whole numbers as JSON has them: `172` and `172.0` are one number, and a description cannot say otherwise.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// The largest number up to which every whole one has a float of its own.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

struct Whole(i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl Visitor<'_> for Numbers {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Whole, E> {
                Ok(Whole(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Whole, E> {
                i64::try_from(number)
                    .map(Whole)
                    .map_err(|_| E::custom("the number is too large"))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Whole, E> {
                if number.fract() == 0.0 && number.abs() < EXACT_MAX {
                    Ok(Whole(number as i64))
                } else {
                    Err(E::custom("must be a whole number"))
                }
            }
        }
        deserializer.deserialize_any(Numbers)
    }
}

/// For a field that must be there.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Whole::deserialize(deserializer).map(|whole| whole.0)
}

/// For a field that may be null.
pub(super) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<Whole>::deserialize(deserializer)?.map(|whole| whole.0))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_whole_number_is_read_however_it_is_written_and_no_other() {
        let read = |text: &str| {
            serde_json::from_str::<super::Whole>(text)
                .map(|whole| whole.0)
                .ok()
        };
        assert_eq!(
            (read("172"), read("172.0"), read("1.72e2"), read("-1")),
            (Some(172), Some(172), Some(172), Some(-1))
        );
        for wrong in ["1.5", "1e300", "\"1\"", "9223372036854775808", "true", "null"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
