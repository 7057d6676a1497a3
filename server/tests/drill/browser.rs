//! The resident's browser: `end2end/drill.mjs` as a process, told what to look at by lines of JSON.

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// A page, its picture, and a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

pub struct Browser {
    _child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Browser {
    /// Starts it; `None` where there is no Node or no Chromium.
    pub async fn start() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end");
        let mut child = Command::new("node")
            .arg("drill.mjs")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .ok()?;
        let orders = child.stdin.take()?;
        let answers = BufReader::new(child.stdout.take()?).lines();
        let mut browser = Self {
            _child: child,
            orders,
            answers,
        };
        browser.answer().await.filter(|answer| answer["ready"] == true)?;
        Some(browser)
    }

    async fn answer(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(PATIENCE, self.answers.next_line())
            .await
            .ok()?
            .ok()??;
        serde_json::from_str(&line).ok()
    }

    async fn order(&mut self, order: Value) -> Option<Value> {
        self.orders
            .write_all(format!("{order}\n").as_bytes())
            .await
            .ok()?;
        self.answer().await
    }

    /// Signs in by the form.
    pub async fn sign_in(&mut self, url: &str, login: &str, password: &str) -> bool {
        let order = json!({ "signIn": url, "login": login, "password": password });
        let answer = self.order(order).await;
        answer.is_some_and(|answer| answer["failed"].is_null())
    }

    /// Looks at a page and keeps a picture; what it says of it.
    pub async fn look(&mut self, url: &str, file: &Path) -> Option<Value> {
        self.order(json!({ "look": url, "file": file.display().to_string() }))
            .await
    }
}
