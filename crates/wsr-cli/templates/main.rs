//! Serves on ws://127.0.0.1:8080/ws until Ctrl-C.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt::init();
    let server = {crate}::serve({crate}::App.into());
    Ok(server.bind("127.0.0.1:8080").await?.run().await?)
}
