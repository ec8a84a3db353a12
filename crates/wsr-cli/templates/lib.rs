//! What is done with the messages of `routes.wsr`.

switchboard::routes!("routes.wsr");

/// What all handlers share.
pub struct App;

impl Handlers for App {
    async fn greet(&self, _cx: &Cx, message: &Greet) -> Result<Greeting, switchboard::Error> {
        let text = format!("Hello, {}!", message.name);
        Ok(Greeting { text })
    }
}
