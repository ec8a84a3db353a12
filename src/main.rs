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
use switchboard::{Console, Limits, Server};
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
    /// Serves a console for this server at `/_switchboard`, to who has the token that is printed; on a loopback address
    /// alone.
    #[arg(long, conflicts_with = "console_token_file")]
    console: bool,
    /// The same on any address, with the token in this file: 16 characters or more.
    #[arg(long, value_name = "FILE")]
    console_token_file: Option<PathBuf>,
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
    let console = console(&arguments)?;
    if let Some(console) = &console {
        server = server.console(console.clone());
    }
    let server = server
        .client("/client.js", include_str!("../web/client.js"))
        .pages(concat!(env!("CARGO_MANIFEST_DIR"), "/web"))
        .limits(Limits { connections_per_address: 2_000, ..Limits::default() })
        .bind(arguments.listen)
        .await?;
    tokio::spawn(music::play(server.switchboard(), Arc::clone(&server.app().desk)));
    let address = server.local_addr();
    println!("studio: listening on http://{address} (WebSocket: ws://{address}/ws)");
    if let Some(console) = console {
        match arguments.console {
            true => println!("console: {}", console.url(address)),
            false => println!("console: http://{address}/_switchboard, with the token in your file"),
        }
    }
    println!(r#"try:    open it in two browser windows, or send {{"name":"presence/ping","id":1}} to /ws"#);
    server.run().await?;
    println!("studio: everybody has been told, good night");
    Ok(())
}

/// The console, if one is wanted.
fn console(arguments: &Arguments) -> Result<Option<Console>, Box<dyn std::error::Error + Send + Sync>> {
    let Some(file) = &arguments.console_token_file else {
        return Ok(arguments.console.then(Console::random));
    };
    let token = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Some(Console::new(token.trim())?))
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
