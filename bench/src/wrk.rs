//! A load from outside by `wrk`, whose own work is small beside the server's.

use std::time::Duration;

use crate::Anything;

/// Requests a second that were answered well, with sixteen connections kept open.
pub async fn requests_s(length: Duration, headers: &[(&str, &str)], url: &str) -> Anything<f64> {
    let mut command = tokio::process::Command::new("wrk");
    command.args(["-t1", "-c16", &format!("-d{}s", length.as_secs().max(1))]);
    for (name, value) in headers {
        command.args(["-H", &format!("{name}: {value}")]);
    }
    let output = command
        .arg(url)
        .output()
        .await
        .map_err(|error| format!("wrk: {error}; scripts/setup bench installs it"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    // A page that was refused is no page.
    if let Some(line) = text.lines().find(|line| line.contains("Non-2xx")) {
        return Err(format!("{url}: {line}").into());
    }
    let figure = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Requests/sec:"))
        .ok_or_else(|| format!("wrk said nothing of {url}: {text}"))?;
    Ok(figure.trim().parse()?)
}
