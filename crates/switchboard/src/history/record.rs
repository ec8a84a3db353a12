//! What a log keeps, for the application.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_core::log::Kept;

use super::LogKey;
use super::receipt::NotKept;
use super::slot::{Slot, State};

/// What a topic or mailbox keeps at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Names the sequence in which offsets count.
    pub epoch: String,
    /// The offset of the last event there was; 0: there was none.
    pub offset: u64,
    /// The events, oldest first.
    pub events: Vec<Recorded>,
}

/// An event that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its place.
    pub offset: u64,
    /// When it was published.
    pub at: Timestamp,
    /// Its full name.
    pub name: String,
    /// What it carries, as on the wire.
    pub payload: Value,
}

impl Record {
    /// Reads a log that has been loaded.
    pub(super) fn of(slot: &Slot) -> Result<Self, NotKept> {
        let state = slot.state.lock();
        let State::Warm(warm) = &*state else { return Err(NotKept::new("the log is not loaded")) };
        let position = warm.log.position();
        let kept: Vec<(u64, Kept)> = warm.log.all().map(|(offset, kept)| (offset, kept.clone())).collect();
        drop(state);
        let events = kept.iter().map(|(offset, kept)| Recorded::of(*offset, kept)).collect::<Result<_, _>>()?;
        Ok(Self { epoch: position.epoch.to_string(), offset: position.offset, events })
    }
}

impl Recorded {
    fn of(offset: u64, kept: &Kept) -> Result<Self, NotKept> {
        let mut json = kept.bytes.to_vec();
        json.push(b'}');
        let mut event: Value = serde_json::from_slice(&json).map_err(NotKept::new)?;
        let name = event["name"].as_str().unwrap_or_default().to_owned();
        let at = i64::try_from(kept.time).ok().and_then(|time| Timestamp::from_millisecond(time).ok());
        Ok(Self { offset, at: at.unwrap_or(Timestamp::MAX), name, payload: event["payload"].take() })
    }
}

impl super::Histories {
    /// What a log keeps, loaded from the store if need be.
    pub async fn record(
        self: &std::sync::Arc<Self>,
        key: LogKey<'_>,
        history: super::History,
    ) -> Result<Record, NotKept> {
        let ((), opening) = self.arrive(key, history, None, || ());
        opening.loaded().await?;
        Record::of(&opening.log().1)
    }
}
