//! The server that tests kill: its histories and mailboxes are in the file that is named.

use std::process::ExitCode;

use switchboard_redb::RedbStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("kept-server: name a file");
        return ExitCode::from(2);
    };
    match serve(&path).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kept-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(path: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let bound = history_tests::server().store(RedbStore::open(path)?)?.threads(2).bind("127.0.0.1:0").await?;
    println!("{}", bound.local_addr());
    Ok(bound.run().await?)
}
