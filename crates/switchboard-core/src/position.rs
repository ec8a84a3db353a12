//! Positions: how far a client has heard a topic or its mailbox, so that it can be told what it has missed.
//!
//! They come in the key `since` of an envelope:
//! `"since":[{"topic":"chat/rooms/lobby","epoch":"9f…","offset":17},{"mailbox":true,"epoch":"…","offset":3}]`

use crate::json::Reader;
use crate::path::Path;
use crate::report::Decoded;

/// One place up to which a client has heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The topic's full name; `None` is the mailbox.
    pub topic: Option<String>,
    /// Which life of it the offset counts in.
    pub epoch: String,
    /// The last one heard.
    pub offset: u64,
}

impl Position {
    /// Positions that one envelope may have.
    pub const MOST: usize = 256;

    /// Reads the list that comes next: a value that is no such list is passed over, and it is said why.
    pub(crate) fn read_list(r: &mut Reader<'_>) -> Decoded<Result<Vec<Self>, &'static str>> {
        let mut positions = Vec::new();
        if r.peek() != Some(b'[') {
            r.skip()?;
            return Ok(Err("not a list of positions"));
        }
        r.array(&Path::root())?;
        let mut wrong = None;
        while r.next_item()? {
            match Self::read(r)? {
                Ok(position) if positions.len() < Self::MOST => positions.push(position),
                Ok(_) => wrong = wrong.or(Some("more than 256 positions")),
                Err(why) => wrong = wrong.or(Some(why)),
            }
        }
        Ok(wrong.map_or(Ok(positions), Err))
    }

    fn read(r: &mut Reader<'_>) -> Decoded<Result<Self, &'static str>> {
        if r.peek() != Some(b'{') {
            r.skip()?;
            return Ok(Err(FORM));
        }
        let (mut topic, mut mailbox, mut epoch, mut offset) = (None, None, None, None);
        let mut once = true;
        r.object(&Path::root())?;
        while let Some(key) = r.next_key()? {
            once &= match &*key {
                "topic" => topic.replace(r.text_or_skip()?).is_none(),
                "epoch" => epoch.replace(r.text_or_skip()?).is_none(),
                "offset" => offset.replace(r.safe_natural()?).is_none(),
                "mailbox" if r.eat("true") => mailbox.replace(()).is_none(),
                _ => r.skip().map(|()| false)?,
            };
        }
        let (Some(Some(epoch)), Some(Some(offset))) = (epoch, offset) else { return Ok(Err(FORM)) };
        let topic = match (once, topic, mailbox) {
            (true, Some(Some(topic)), None) => Some(topic.into_owned()),
            (true, None, Some(())) => None,
            _ => return Ok(Err(FORM)),
        };
        Ok(Ok(Self { topic, epoch: epoch.into_owned(), offset }))
    }
}

const FORM: &str = r#"a position is {"topic":"…","epoch":"…","offset":17} or {"mailbox":true,"epoch":"…","offset":17}"#;
