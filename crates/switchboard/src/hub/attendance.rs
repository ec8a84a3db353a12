//! The presence of one topic on the wire: `#here` for who comes, `#joined`, `#changed` and `#left` for who is there.

use std::sync::Arc;

use bytes::Bytes;
use switchboard_core::attendance::{self, Attendance};
use switchboard_core::outbox::{Offer, Overflow};
use switchboard_core::write;

use super::Address;
use crate::connection::ConnectionId;
use crate::delivery::append_event;
use crate::presence::{Saying, Who};
use crate::protocol::TopicInfo;

type News = attendance::News<Arc<Who>, Arc<Saying>>;

/// Who is present in one topic, and what it is called.
#[derive(Debug)]
pub(super) struct Attended {
    line: &'static TopicInfo,
    key: Box<str>,
    attendance: Attendance<Arc<Who>, Arc<Saying>>,
}

impl Attended {
    /// `None` for topics without presence.
    pub fn new(topic: Address<'_>) -> Option<Self> {
        let Address { key, line } = topic;
        line.presence.then(|| Self { line, key: key.into(), attendance: Attendance::new() })
    }

    /// A connection is here for this identity, or for nobody; the frames that tell what is new.
    pub fn seat(&mut self, id: ConnectionId, who: Option<&Arc<Who>>, saying: Option<Arc<Saying>>) -> Vec<Offer> {
        let news = self.attendance.seat(id.0, who, saying);
        news.map(|news| self.news(&news)).collect()
    }

    /// The identity of a connection says this of itself; the frame that tells so.
    pub fn set(&mut self, id: ConnectionId, saying: &Arc<Saying>) -> Option<Offer> {
        let news = self.attendance.set(id.0, Arc::clone(saying));
        news.map(|news| self.news(&news))
    }

    /// Everybody who is here.
    pub fn people(&self) -> impl Iterator<Item = (&Arc<Who>, Option<&Arc<Saying>>)> {
        self.attendance.here()
    }

    /// The frame that tells a new member who is here: so many of them, and how many more there are.
    pub fn here(&self, most: usize) -> Offer {
        self.frame("here", |out| {
            out.extend_from_slice(br#","members":["#);
            for (index, (who, saying)) in self.attendance.here().take(most).enumerate() {
                out.extend_from_slice(if index == 0 { br#"{"who":"# } else { br#",{"who":"# });
                person(out, who, saying);
                out.push(b'}');
            }
            out.push(b']');
            let omitted = self.attendance.count().saturating_sub(most);
            if omitted > 0 {
                out.extend_from_slice(br#","omitted":"#);
                write::int(out, omitted as u64);
            }
        })
    }

    fn news(&self, news: &News) -> Offer {
        let (kind, who, saying) = match news {
            News::Joined(who, saying) => ("joined", who, saying.as_ref()),
            News::Changed(who, saying) => ("changed", who, Some(saying)),
            News::Left(who) => ("left", who, None),
        };
        self.frame(kind, |out| {
            out.extend_from_slice(br#","who":"#);
            person(out, who, saying);
        })
    }

    fn frame(&self, kind: &str, more: impl FnOnce(&mut Vec<u8>)) -> Offer {
        let mut prefix = br#"{"name":"#.to_vec();
        write::string(&mut prefix, &format!("{}#{kind}", self.line.name));
        prefix.extend_from_slice(br#","payload":"#);
        let mut frame = Vec::new();
        append_event(&mut frame, &prefix, |out| {
            out.extend_from_slice(br#"{"topic":"#);
            write::string(out, &self.key);
            more(out);
            out.push(b'}');
        });
        Offer { frame: frame.into(), event: NO_EVENT, overflow: Overflow::Close, key: Bytes::new() }
    }
}

/// No event of the protocol has this number.
const NO_EVENT: u16 = u16::MAX;

/// Behind `"who":`.
fn person(out: &mut Vec<u8>, who: &Who, saying: Option<&Arc<Saying>>) {
    out.extend_from_slice(who.json());
    if let Some(saying) = saying {
        out.extend_from_slice(br#","state":"#);
        out.extend_from_slice(saying.json());
    }
}
