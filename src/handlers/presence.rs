//! `presence/…`: who is there.

use crate::routes::Cx;
use crate::routes::presence::{Handlers, List, Person, Ping, Set, StatusChanged};
use crate::studio::{Member, Studio};

impl Handlers for Studio {
    async fn set(&self, cx: &Cx, set: &Set) -> Result<StatusChanged, switchboard::Error> {
        let Member { id, username } = Member::of(cx)?;
        self.people.set(id, set.status, set.note.clone());
        Ok(StatusChanged { user: id, username, status: set.status, note: set.note.clone() })
    }

    async fn list(&self, _: &Cx, _: &List) -> Result<Vec<Person>, switchboard::Error> {
        Ok(self.people.list())
    }

    async fn ping(&self, _: &Cx, _: &Ping) -> Result<(), switchboard::Error> {
        Ok(())
    }
}
