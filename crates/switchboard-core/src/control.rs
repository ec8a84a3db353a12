//! What a client sends that is no message: envelopes without a name.
//!
//! `{"cancel":7}` takes a message back · `{"re":12,"payload":{…}}` and `{"re":12,"error":{…}}` answer what the server
//! has asked · `{"contract":"…","messages":{…}}` says which protocol the client was made for · `{"ping":3}` wants a sign of
//! life.
//!
//! These are found by [`read`] once [`envelope::read`](crate::envelope::read) has found no message, so that messages pay
//! nothing for them; and while messages wait for their turn, in which case a first key `name` ends the search.

use std::borrow::Cow;

use crate::json::{Reader, Source};
use crate::path::Path;
use crate::rejection::Rejection;
use crate::report::{Decoded, cut};

/// One control envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control<'a> {
    /// The client no longer wants the answer to its message with this id.
    Cancel(u64),
    /// The client answers the ask with this number.
    Answer(u64, Answer<'a>),
    /// The client says what it was made for.
    Hello(Hello<'a>),
    /// The client asks whether somebody is there; it wants this number back.
    Ping(u64),
}

/// A client's answer, as JSON that has been checked for being such and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// What was asked for.
    Payload(Cow<'a, str>),
    /// One of the declared errors.
    Error(Cow<'a, str>),
}

/// What a client was made for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hello<'a> {
    /// The fingerprint of the whole protocol.
    pub contract: Cow<'a, str>,
    /// The fingerprints of the messages it knows, by name.
    pub messages: Fingerprints<'a>,
    /// Those of the events.
    pub events: Fingerprints<'a>,
    /// Those of what it can be asked.
    pub asks: Fingerprints<'a>,
}

impl<'a> Hello<'a> {
    /// The fingerprints of all that it knows.
    pub fn all(&self) -> impl Iterator<Item = &(Cow<'a, str>, Cow<'a, str>)> {
        self.messages.iter().chain(&self.events).chain(&self.asks)
    }
}

/// Names and what stands for what they mean.
pub type Fingerprints<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Reads a control envelope, or says what is wrong with it. `None`: this is something else, a message or no JSON.
pub fn read<'a>(text: impl Into<Source<'a>>, max_depth: usize) -> Option<Result<Control<'a>, Rejection>> {
    let mut r = text.into().reader(max_depth);
    if r.peek() != Some(b'{') {
        return None;
    }
    let members = Members::read(&mut r).ok()??;
    members.is_control().then(|| members.control().map_err(Rejection::malformed))
}

/// The members of an envelope without a name.
#[derive(Default)]
struct Members<'a> {
    cancel: Option<Option<u64>>,
    ping: Option<Option<u64>>,
    re: Option<Option<u64>>,
    payload: Option<&'a str>,
    error: Option<&'a str>,
    contract: Option<Option<Cow<'a, str>>>,
    messages: Option<Option<Fingerprints<'a>>>,
    events: Option<Option<Fingerprints<'a>>>,
    asks: Option<Option<Fingerprints<'a>>>,
    /// The first key that belongs to none of them, and the first that came twice.
    unknown: Option<Cow<'a, str>>,
    twice: Option<Cow<'a, str>>,
}

impl<'a> Members<'a> {
    /// `None`: there is a name.
    fn read(r: &mut Reader<'a>) -> Decoded<Option<Self>> {
        let mut members = Self::default();
        r.object(&Path::root())?;
        while let Some(key) = r.next_key()? {
            let first = match &*key {
                "name" => return Ok(None),
                "cancel" => members.cancel.replace(r.safe_positive()?).is_none(),
                "ping" => members.ping.replace(r.safe_positive()?).is_none(),
                "re" => members.re.replace(r.safe_positive()?).is_none(),
                "payload" => members.payload.replace(r.skipped()?).is_none(),
                "error" => members.error.replace(r.skipped()?).is_none(),
                "contract" => members.contract.replace(r.text_or_skip()?).is_none(),
                "messages" => members.messages.replace(fingerprints(r)?).is_none(),
                "events" => members.events.replace(fingerprints(r)?).is_none(),
                "asks" => members.asks.replace(fingerprints(r)?).is_none(),
                _ => {
                    r.skip()?;
                    members.unknown.get_or_insert(key);
                    continue;
                }
            };
            if !first {
                members.twice.get_or_insert(key);
            }
        }
        r.finish()?;
        Ok(Some(members))
    }

    fn is_control(&self) -> bool {
        self.cancel.is_some() || self.ping.is_some() || self.re.is_some() || self.contract.is_some()
    }

    fn lists_nothing(&self) -> bool {
        self.messages.is_none() && self.events.is_none() && self.asks.is_none()
    }

    fn control(self) -> Result<Control<'a>, String> {
        if let Some(key) = self.twice {
            return Err(format!("duplicate key `{}` in the envelope", cut(key)));
        }
        if let Some(key) = self.unknown {
            return Err(format!("unknown key `{}` in an envelope without a name; {FORMS}", cut(key)));
        }
        let (bare, unversed) = (self.payload.is_none() && self.error.is_none(), self.lists_nothing());
        match (self.cancel, self.ping, self.re, self.contract) {
            (Some(id), None, None, None) if bare && unversed => {
                id.map(Control::Cancel).ok_or_else(|| format!("`cancel` {WHOLE}"))
            }
            (None, Some(number), None, None) if bare && unversed => {
                number.map(Control::Ping).ok_or_else(|| format!("`ping` {WHOLE}"))
            }
            (None, None, Some(ask), None) if unversed => {
                let ask = ask.ok_or_else(|| format!("`re` {WHOLE}"))?;
                let answer = match (self.payload, self.error) {
                    (Some(payload), None) => Answer::Payload(payload.into()),
                    (None, Some(error)) => Answer::Error(error.into()),
                    _ => return Err("an answer has either `payload` or `error`".to_owned()),
                };
                Ok(Control::Answer(ask, answer))
            }
            (None, None, None, Some(contract)) if bare => {
                let contract = contract.ok_or("`contract` is not a string")?;
                let messages = listed("messages", self.messages)?;
                let (events, asks) = (listed("events", self.events)?, listed("asks", self.asks)?);
                Ok(Control::Hello(Hello { contract, messages, events, asks }))
            }
            _ => Err(format!("`name` is missing; {FORMS}")),
        }
    }
}

fn listed<'a>(key: &str, list: Option<Option<Fingerprints<'a>>>) -> Result<Fingerprints<'a>, String> {
    list.unwrap_or(Some(Vec::new())).ok_or_else(|| format!("`{key}` is not an object of strings"))
}

/// An object of strings; `None` for anything else, which is passed over.
fn fingerprints<'a>(r: &mut Reader<'a>) -> Decoded<Option<Fingerprints<'a>>> {
    if r.peek() != Some(b'{') {
        return r.skip().map(|()| None);
    }
    let mut found = Some(Vec::new());
    r.object(&Path::root())?;
    while let Some(name) = r.next_key()? {
        match (r.text_or_skip()?, &mut found) {
            (Some(print), Some(found)) => found.push((name, print)),
            _ => found = None,
        }
    }
    Ok(found)
}

const WHOLE: &str = "is not a whole number from 1 to 9007199254740991";
const FORMS: &str =
    r#"without one there are {"cancel":1}, {"re":1,"payload":…}, {"re":1,"error":…}, {"contract":"…"}, {"ping":1}"#;
