//! The showcase: a small community radio over one WebSocket. `routes.wsr` says what it speaks.

mod accounts;
mod change_log;
mod desk;
mod handlers;
mod music;
mod rooms;
mod routes;
mod studio;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use switchboard::Limits;
use switchboard_redb::RedbStore;

use crate::studio::Studio;

/// A small community radio, made with Switchboard.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder for accounts, notes and the log of the desk; made when it is not there.
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
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
    let studio = Arc::new(Studio::open(&arguments.data)?);
    let leaving = studio.clone();
    let history = RedbStore::open(arguments.data.join("history.redb"))?;
    let server = routes::serve(studio)
        .store(history)?
        .pages(concat!(env!("CARGO_MANIFEST_DIR"), "/web"))
        .limits(Limits { connections_per_address: 2_000, ..Limits::default() })
        .on_close(move |cx| leaving.forget(cx))
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

/// `RUST_LOG`, or warnings and errors alone.
fn log_filter() -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into())
}

#[cfg(test)]
mod tests {
    use switchboard::testkit;

    use super::*;

    #[tokio::test]
    async fn whatever_clients_send_is_answered_as_declared() {
        testkit::walk(|| {
            let folder = tempfile::tempdir().expect("a folder for one walk");
            let studio = Arc::new(Studio::open(folder.path()).expect("it opens in an empty folder"));
            let leaving = studio.clone();
            routes::serve(studio).on_close(move |cx| {
                let _lives_as_long_as_the_server = &folder;
                leaving.forget(cx);
            })
        })
        .steps(150)
        .run()
        .await;
    }
}
