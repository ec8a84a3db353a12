//! What all handlers share.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::accounts::Accounts;
use crate::change_log::ChangeLog;
use crate::desk::Desk;
use crate::polls::Polls;
use crate::routes::presence::{Person, Status, StatusChanged};
use crate::routes::{Cx, UserId, Username};

/// The application: handed to `serve`, `&self` of every handler.
pub struct Studio {
    /// Who has an account.
    pub accounts: Accounts,
    /// The faders.
    pub desk: Arc<Desk>,
    /// The open questions.
    pub polls: Polls,
    /// Who is there.
    pub people: People,
    /// What was done to the desk.
    pub log: ChangeLog,
}

impl Studio {
    /// Opens or makes the data folder.
    pub fn open(data: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(data)?;
        Ok(Self {
            accounts: Accounts::open(&data.join("accounts.redb")).map_err(io::Error::other)?,
            desk: Arc::default(),
            polls: Polls::default(),
            people: People::default(),
            log: ChangeLog::new(data.join("changes.jsonl")),
        })
    }

    /// A connection has gone or signed out. The others are told when it was a user's last one
    /// and they had heard of that user's status before.
    pub fn forget(&self, cx: &Cx) {
        let Some(user) = cx.get::<Member>() else { return };
        cx.remove::<Member>();
        if let Some(person) = self.people.remove(user.id, cx) {
            let gone =
                StatusChanged { user: person.user, username: person.username, status: Status::Offline, note: None };
            cx.switchboard().push(gone).to_all();
        }
    }
}

/// Who a connection is: kept with the connection from signing in to signing out.
#[derive(Clone)]
pub struct Member {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub username: Username,
}

impl Member {
    /// The signed-in user of a connection; the flow lets nobody else reach the handlers that ask.
    pub fn of(cx: &Cx) -> Result<Self, switchboard::Error> {
        cx.get::<Self>().ok_or_else(|| switchboard::Error::msg("a member's message came from nobody"))
    }
}

/// Everybody who is signed in, once each, however many connections they have.
#[derive(Default)]
pub struct People(Mutex<HashMap<UserId, Presence>>);

struct Presence {
    person: Person,
    connections: Vec<Cx>,
    announced: bool,
}

impl People {
    /// One more connection of this user.
    pub fn add(&self, member: &Member, cx: &Cx) {
        let mut people = self.0.lock();
        let presence = people.entry(member.id).or_insert_with(|| Presence {
            person: Person { user: member.id, username: member.username.clone(), status: Status::Online, note: None },
            connections: Vec::new(),
            announced: false,
        });
        presence.connections.push(cx.clone());
    }

    /// The connection by which this user has come last.
    pub fn latest(&self, user: UserId) -> Option<Cx> {
        self.0.lock().get(&user)?.connections.last().cloned()
    }

    /// A new status, which the others are about to hear.
    pub fn set(&self, user: UserId, status: Status, note: Option<String>) {
        if let Some(presence) = self.0.lock().get_mut(&user) {
            presence.person.status = status;
            presence.person.note = note;
            presence.announced = true;
        }
    }

    /// All of them, by name.
    pub fn list(&self) -> Vec<Person> {
        let mut people: Vec<_> = self.0.lock().values().map(|presence| presence.person.clone()).collect();
        people.sort_by(|a, b| a.username.cmp(&b.username));
        people
    }

    /// One connection less. The person is returned when it was the last one and the others know of them.
    fn remove(&self, user: UserId, cx: &Cx) -> Option<Person> {
        let mut people = self.0.lock();
        let presence = people.get_mut(&user)?;
        presence.connections.retain(|other| other.connection_id() != cx.connection_id());
        if !presence.connections.is_empty() {
            return None;
        }
        people.remove(&user).filter(|presence| presence.announced).map(|presence| presence.person)
    }
}
