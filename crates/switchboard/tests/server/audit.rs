//! What `@audit` leaves in the log, and what it does not.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::start;

/// Keeps a line for each event of the target.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// The lines so far, without the numbers of connections.
    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "connection" {
            self.0.push_str(" connection");
        } else {
            let _ = write!(self.0, " {}={value:?}", field.name());
        }
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "switchboard::audit"
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0.trim_start().to_owned());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// One test, since a log is of the whole process.
#[tokio::test]
async fn messages_and_events_are_logged_with_what_became_of_them_and_nothing_else() {
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let server = start().await;
    let mut client = server.client().await;
    client.ask("parlour/audited", 1, json!({"text": "a secret"})).await;
    assert_eq!(log.lines(), [r#"kind="message" name="parlour/audited" outcome="ok" connection"#]);

    client.ask("parlour/sign_in", 2, json!({"to": "ann"})).await;
    client.ask("parlour/audited", 3, json!({"text": 7})).await;
    let refused = r#"kind="message" name="parlour/audited" outcome="invalid_payload" connection identity="ann""#;
    assert_eq!(log.lines(), [refused]);

    client.ask("parlour/audited", 4, json!({"text": "tell"})).await;
    let heard = [
        r#"kind="event" name="parlour/told" outcome="sent" connection identity="ann""#,
        r#"kind="message" name="parlour/audited" outcome="ok" connection identity="ann""#,
    ];
    assert_eq!(log.lines(), heard);
}
