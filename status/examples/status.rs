//! A status site with the demo's past, for looking at: `cargo run -p status --example status -- DIR [PORT]`.
//! The desk's login is `operator`, the password `operator-operator`.

use std::{net::SocketAddr, path::PathBuf};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let dir = PathBuf::from(args.next().ok_or("give a folder")?);
    let port: u16 = args.next().map_or(Ok(0), |port| port.parse())?;
    match status::fill_demo(&dir, "operator", "operator-operator").await {
        Ok(()) | Err(status::StatusError::NotEmpty) => {}
        Err(error) => return Err(error.into()),
    }
    let site = status::bind(status::Config::new(SocketAddr::from(([127, 0, 0, 1], port)), dir)).await?;
    println!("http://{}", site.addr());
    site.run(async {
        let _ = tokio::signal::ctrl_c().await;
    })
    .await?;
    Ok(())
}
