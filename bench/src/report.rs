//! Rows of figures, for people and for `target/bench.json`.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::Anything;

/// Which way is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// One figure, and what it is held against.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    name: String,
    value: f64,
    unit: String,
    control: Option<String>,
    control_value: Option<f64>,
    ratio: Option<f64>,
    goal: Option<f64>,
    better: Better,
}

impl Row {
    /// Held against a control: the ratio is to reach the goal.
    pub fn against(&mut self, control: &str, control_value: f64, goal: f64, better: Better) {
        self.control = Some(control.to_owned());
        self.control_value = Some(control_value);
        self.ratio = Some(self.value / control_value);
        self.goal = Some(goal);
        self.better = better;
    }

    fn verdict(&self) -> &'static str {
        let (Some(ratio), Some(goal)) = (self.ratio, self.goal) else {
            return "";
        };
        let reached = match self.better {
            Better::Higher => ratio >= goal,
            Better::Lower => ratio <= goal,
        };
        if reached { "reached" } else { "missed" }
    }
}

/// All rows of a run.
#[derive(Debug, Default)]
pub struct Report(Vec<Row>);

impl Report {
    /// A figure; of two of one name the later stays.
    pub fn row(&mut self, name: &str, value: f64, unit: &str) -> &mut Row {
        eprintln!("{name}: {value:.2} {unit}");
        self.0.retain(|row| row.name != name);
        self.0.push(Row {
            name: name.to_owned(),
            value,
            unit: unit.to_owned(),
            control: None,
            control_value: None,
            ratio: None,
            goal: None,
            better: if unit.ends_with("/s") {
                Better::Higher
            } else {
                Better::Lower
            },
        });
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    /// Whether a row of this name is there.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|row| row.name == name)
    }

    /// Into `target/bench.json`, beside the rows of other names.
    pub fn write(&self) -> Anything<()> {
        let folder = PathBuf::from("target");
        let file = folder.join("bench.json");
        let mut rows: Vec<Row> = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(_) => Vec::new(),
        };
        rows.retain(|row| !self.has(&row.name));
        rows.extend(self.0.iter().cloned());
        std::fs::create_dir_all(folder)?;
        std::fs::write(file, serde_json::to_vec_pretty(&rows)?)?;
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.0 {
            write!(f, "{:<46} {:>11.2} {:<14}", row.name, row.value, row.unit)?;
            if let (Some(control), Some(value), Some(ratio), Some(goal)) =
                (&row.control, row.control_value, row.ratio, row.goal)
            {
                let sign = if row.better == Better::Higher {
                    "≥"
                } else {
                    "≤"
                };
                write!(
                    f,
                    " {ratio:.2} {sign} {goal} × {value:.2} ({control}): {}",
                    row.verdict()
                )?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
