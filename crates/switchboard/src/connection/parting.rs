//! The end of a connection: say why, send what is left, and read on for a moment.
//!
//! A socket that is closed while input is unread is reset by the kernel, and the peer may lose the close frame. So we
//! say that nothing comes any more, then throw away what still comes until the peer has closed too, within bounds.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use tokio::time::timeout;

use super::Connection;
use crate::config::{LINGER, Limits};
use crate::transport::reader::{Ending, Reader};

impl Connection {
    /// Says what there is to say; later frames are not taken.
    pub(super) fn begin(&self, ending: &Ending) {
        match ending {
            Ending::Say(farewell) => {
                self.say_farewell(farewell);
                self.flush();
            }
            Ending::Answered => self.flush(),
            Ending::Gone => self.seal(),
        }
    }
}

/// Ends a connection, within the time for a write and a moment.
pub(super) async fn part(connection: Arc<Connection>, mut reader: Reader, ending: &Ending, limits: &Limits) {
    connection.begin(ending);
    if *ending == Ending::Gone {
        return;
    }
    if timeout(limits.write, poll_fn(|task| connection.poll_flush(task))).await.is_err() {
        return;
    }
    let mut budget = Reader::DISCARD;
    if *ending == Ending::Answered && is_silent(&mut reader, &mut budget).await {
        // The peer has said its last and we have taken all of it: closing now is what RFC 6455 asks of a server.
        return;
    }
    let _ = timeout(LINGER, async {
        poll_fn(|task| connection.poll_shutdown(task)).await;
        poll_fn(|task| reader.poll_discard(task, &mut budget)).await;
    })
    .await;
}

async fn is_silent(reader: &mut Reader, budget: &mut usize) -> bool {
    let before = *budget;
    let ended = poll_fn(|task| Poll::Ready(reader.poll_discard(task, budget).is_ready())).await;
    ended || *budget == before
}
