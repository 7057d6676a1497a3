//! Rows for programs (`target/drill.json`) and for people (`target/drill.html`, with what the browser showed).

use std::{fmt::Write as _, path::PathBuf};

use serde::Serialize;

use crate::{RECOVERY_S, WORD_S, faults::Fault};

/// One fault.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub fault: String,
    /// From the fault to the status site's word; none where nothing failed for anybody.
    pub public_word_s: Option<f64>,
    pub failed_payments_s: usize,
    pub recovery_s: f64,
    pub lost: usize,
    pub twice: usize,
    pub sessions_lost: usize,
    pub charged_elsewhere: usize,
    pub pass: bool,
}

/// A row, and what else was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    pub row: Row,
    fails: bool,
    not_run: bool,
    misses: Vec<String>,
    notes: Vec<String>,
    pictures: Vec<(String, String)>,
}

impl Seen {
    pub fn new(fault: Fault) -> Self {
        Self {
            row: Row {
                fault: fault.name().to_owned(),
                public_word_s: None,
                failed_payments_s: 0,
                recovery_s: 0.0,
                lost: 0,
                twice: 0,
                sessions_lost: 0,
                charged_elsewhere: 0,
                pass: false,
            },
            fails: fault.fails(),
            not_run: false,
            misses: Vec::new(),
            notes: Vec::new(),
            pictures: Vec::new(),
        }
    }

    /// It could not be played here; such a row does not pass.
    pub fn not_run(&mut self, why: String) {
        self.not_run = true;
        self.row.fault = format!("{} (not run: {why})", self.row.fault);
    }

    /// Something that had to be so was not.
    pub fn miss(&mut self, what: String) {
        self.misses.push(what);
    }

    pub fn note(&mut self, what: String) {
        self.notes.push(what);
    }

    /// A picture beside the report, and what it shows.
    pub fn picture(&mut self, file: String, what: String) {
        self.pictures.push((file, what));
    }

    /// The public was owed a word and had none.
    pub fn told_late(&self) -> bool {
        !self.not_run && self.fails && self.row.public_word_s.is_none()
    }

    /// Judges by the goals.
    pub fn measured(&mut self, row: Row) {
        self.row = row;
        let row = &self.row;
        let mut misses = Vec::new();
        match (self.fails, row.public_word_s) {
            (true, None) => misses.push("the public was not told".to_owned()),
            (true, Some(word)) if word > WORD_S => misses.push(format!("the public was told after {word} s")),
            (false, Some(_)) => misses.push("the public was told of an outage that was none".to_owned()),
            _ => {}
        }
        if !self.fails && row.failed_payments_s > 0 {
            misses.push("payments failed that had no reason to".to_owned());
        }
        if row.recovery_s > RECOVERY_S {
            misses.push(format!("payments worked again only after {} s", row.recovery_s));
        }
        for (what, count) in [
            ("payments were lost", row.lost),
            ("payments were made twice", row.twice),
            ("sessions were lost", row.sessions_lost),
            ("charges went elsewhere", row.charged_elsewhere),
        ] {
            if count > 0 {
                misses.push(format!("{count} {what}"));
            }
        }
        self.misses.append(&mut misses);
        self.row.pass = self.misses.is_empty() && !self.not_run;
    }

    pub fn line(&self) -> String {
        let row = serde_json::to_string(&self.row).unwrap_or_default();
        format!("{row} {} {}", self.misses.join("; "), self.notes.join("; "))
    }
}

/// The workspace's own `target`, whoever runs the test.
pub fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target")
}

/// Writes both.
pub fn write(all: &[Seen]) {
    let rows: Vec<&Row> = all.iter().map(|seen| &seen.row).collect();
    let json = serde_json::to_vec_pretty(&rows).expect("rows");
    std::fs::write(target().join("drill.json"), json).expect("target/drill.json");
    std::fs::write(target().join("drill.html"), html(all)).expect("target/drill.html");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

fn html(all: &[Seen]) -> String {
    let mut rows = String::new();
    for seen in all {
        let row = &seen.row;
        let word = row.public_word_s.map_or("–".to_owned(), |word| word.to_string());
        let verdict = if row.pass { "reached" } else { "missed" };
        let remarks = [&seen.misses[..], &seen.notes[..]].concat().join("; ");
        let mut pictures = String::new();
        for (file, what) in &seen.pictures {
            let what = escaped(what);
            let _ = write!(
                pictures,
                "<figure><a href=\"{file}\"><img src=\"{file}\" alt=\"{what}\" width=\"195\"></a>\
                 <figcaption>{what}</figcaption></figure>"
            );
        }
        let _ = write!(
            rows,
            "<tr class=\"{verdict}\"><th scope=\"row\">{}</th><td>{word}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>\
             <td>{}</td><td>{}</td><td>{verdict}</td><td>{}</td><td><div class=\"pictures\">{pictures}</div></td></tr>",
            escaped(&row.fault),
            row.failed_payments_s,
            row.recovery_s,
            row.lost,
            row.twice,
            row.sessions_lost,
            row.charged_elsewhere,
            escaped(&remarks),
        );
    }
    let at = jiff::Timestamp::now();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>The drill</title><style>\
         body{{font:14px/1.5 system-ui,sans-serif;margin:24px}}table{{border-collapse:collapse}}\
         th,td{{border:1px solid #999;padding:6px 10px;text-align:left;vertical-align:top}}\
         .missed{{background:#fde8e8}}.pictures{{display:flex;gap:8px}}figure{{margin:0;max-width:200px}}\
         figcaption{{font-size:12px}}</style></head><body><h1>19 September, replayed</h1>\
         <p>{at}. Goals: public word within {WORD_S} s where payments fail; payments again within {RECOVERY_S} s after \
         the fault has ended; nothing lost, nothing twice, nobody signed out, nothing charged elsewhere. Payments come ten \
         a second whatever is answered; a second counts as failed where one sent in it had no receipt within 5 s.</p>\
         <table><thead><tr><th>Fault</th><th>Public word, s</th><th>Failed payments, s</th><th>Recovery, s</th>\
         <th>Lost</th><th>Twice</th><th>Sessions lost</th><th>Charged elsewhere</th><th>Goals</th><th>Remarks</th>\
         <th>What the browser showed</th></tr></thead><tbody>{rows}</tbody></table></body></html>"
    )
}
