//! The showcase: a small community radio over one WebSocket. `routes.wsr` says what it speaks.

mod accounts;
mod change_log;
mod desk;
mod handlers;
mod music;
mod polls;
mod routes;
mod studio;
#[cfg(test)]
mod walk;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use switchboard::{Limits, Server};
use switchboard_redb::RedbStore;

use crate::routes::{Routes, Wired};
use crate::studio::Studio;

/// A small community radio, made with Switchboard.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder for accounts, notes, what was said in the rooms and the log of the desk; made when it is not there.
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Shows counters in the Prometheus text format at `/metrics`, to whoever asks.
    #[arg(long)]
    metrics: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colours).with_env_filter(log_filter()).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("studio: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut server = server(Studio::open(&arguments.data)?);
    server = server.store(RedbStore::open(arguments.data.join("histories.redb"))?)?;
    if arguments.metrics {
        server = server.metrics("/metrics");
    }
    let server = server
        .pages(concat!(env!("CARGO_MANIFEST_DIR"), "/web"))
        .limits(Limits { connections_per_address: 2_000, ..Limits::default() })
        .bind(arguments.listen)
        .await?;
    tokio::spawn(music::play(server.switchboard(), Arc::clone(&server.app().desk)));
    let address = server.local_addr();
    println!("studio: listening on http://{address} (WebSocket: ws://{address}/ws)");
    println!(r#"try:    open it in two browser windows, or send {{"name":"presence/ping","id":1}} to /ws"#);
    server.run().await?;
    println!("studio: everybody has been told, good night");
    Ok(())
}

/// The studio as a server that does not listen yet.
fn server(studio: Studio) -> Server<Routes, Wired<Studio>> {
    let studio = Arc::new(studio);
    let leaving = Arc::clone(&studio);
    routes::serve(studio).on_close(move |cx| leaving.forget(cx))
}

/// `RUST_LOG`, or warnings and errors alone.
fn log_filter() -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into())
}
