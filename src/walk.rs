//! The whole studio in memory, and clients that send it whatever they may, and what they may not.

use switchboard::testkit::{self, json};

use crate::server;
use crate::studio::Studio;

#[tokio::test]
async fn whatever_clients_send_the_studio_answers_as_promised() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_owned();
    let mut walk = testkit::walk(move || {
        let own = tempfile::tempdir_in(&folder).unwrap().keep();
        server(Studio::open(&own).unwrap())
    });
    walk = walk.begin(|chance, number| {
        let role = ["listener", "mixer", "decoder"][chance.below(3)];
        let username = format!("walker-{number}-{}", chance.below(1_000_000));
        [("accounts/register", json!({ "username": username, "password": "correct horse", "as": role }))].into()
    });
    // Chance seldom asks for a room that anybody is in.
    walk = walk.with(|chance, _, payload| {
        if let Some(room) = payload.get_mut("room") {
            *room = json!(["lobby", "attic", "desk-one"][chance.below(3)]);
        }
    });
    let walked = walk.run().await;
    assert!(walked.answered > 100, "{walked:?}");
}
