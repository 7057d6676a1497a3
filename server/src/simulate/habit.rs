//! What the simulator does with an order.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Does what it is told, and says so.
    Honest,
    /// Does it, and says for a minute and more that it will.
    Late,
    /// Does it twice.
    Double,
    /// Says that it will, and never does.
    Never,
    /// Says that it will not, and does.
    Contradictory,
    /// Does it, and never answers.
    Silent,
    /// By turns, decided by seed and reference: about half of the orders honestly.
    Mixed,
}

/// What becomes of one order; of the same words as [`Mode`], without `Mixed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Habit {
    Honest,
    Late,
    Double,
    Never,
    Contradictory,
    Silent,
}

impl Mode {
    /// What this mode means for one order.
    pub(super) fn habit(self, seed: u64, reference: &str) -> Habit {
        match self {
            Self::Honest => Habit::Honest,
            Self::Late => Habit::Late,
            Self::Double => Habit::Double,
            Self::Never => Habit::Never,
            Self::Contradictory => Habit::Contradictory,
            Self::Silent => Habit::Silent,
            Self::Mixed => {
                const TURNS: [Habit; 10] = [
                    Habit::Honest,
                    Habit::Honest,
                    Habit::Honest,
                    Habit::Honest,
                    Habit::Honest,
                    Habit::Late,
                    Habit::Double,
                    Habit::Never,
                    Habit::Contradictory,
                    Habit::Silent,
                ];
                let digest = Sha256::digest(format!("{seed}:{reference}"));
                TURNS[usize::from(u16::from_be_bytes([digest[0], digest[1]])) % TURNS.len()]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_reference_misbehave_alike_and_every_habit_has_its_turn() {
        let of = |seed, number: i32| Mode::Mixed.habit(seed, &format!("d{number}"));
        let met: std::collections::BTreeSet<String> =
            (0..200).map(|number| format!("{:?}", of(7, number))).collect();
        assert_eq!(met.len(), 6);
        assert!((0..200).all(|number| of(7, number) == of(7, number)));
        assert!((0..200).any(|number| of(7, number) != of(8, number)));
    }
}
