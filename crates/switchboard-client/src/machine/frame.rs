//! What a text frame of the server is: one of the envelopes, its parts still as text.

use std::borrow::Cow;

use switchboard_core::{Decode, Decoded, Path, Reader, decode_int64_number};

use super::memory::{Offset, Position};
use super::{Contract, DEEPEST};

/// One of the envelopes.
#[derive(Debug)]
pub(super) enum Frame<'a> {
    Event { name: Cow<'a, str>, payload: &'a str, at: Option<Offset> },
    Ask { name: Cow<'a, str>, ask: u64, payload: &'a str },
    AskOver { ask: u64, error: &'a str },
    Answer { re: u64, payload: &'a str, positions: Vec<Position> },
    Refused { re: Option<u64>, error: &'a str },
    Item { re: u64, item: &'a str },
    Done { re: u64 },
    Positions(Vec<Position>),
    Contract { same: bool, contract: Contract },
    Pong,
}

/// All that may stand in an envelope.
#[derive(Default)]
struct Members<'a> {
    name: Option<Cow<'a, str>>,
    payload: Option<&'a str>,
    item: Option<&'a str>,
    error: Option<&'a str>,
    /// `Some(None)` is null.
    re: Option<Option<u64>>,
    ask: Option<u64>,
    done: bool,
    pong: bool,
    same: Option<bool>,
    contract: Contract,
    positions: Option<Vec<Position>>,
    at: Position,
}

/// Reads a frame; `None` when it is none of the envelopes.
pub(super) fn read(text: &str) -> Option<Frame<'_>> {
    let mut reader = Reader::lenient(text, DEEPEST);
    let members = read_members(&mut reader).ok()?;
    reader.finish().ok()?;
    // A part that was not what it has to be is in the report.
    if reader.report.is_empty() { members.frame() } else { None }
}

fn read_members<'a>(r: &mut Reader<'a>) -> Decoded<Members<'a>> {
    let (mut members, root) = (Members::default(), Path::root());
    r.object(&root)?;
    while let Some(key) = r.next_key()? {
        match &*key {
            "name" => members.name = Some(r.string(&root)?),
            "payload" => members.payload = Some(r.skipped()?),
            "item" => members.item = Some(r.skipped()?),
            "error" => members.error = Some(r.skipped()?),
            "re" => members.re = Some(if r.null() { None } else { Some(decode_int64_number(r, &root)?) }),
            "ask" => members.ask = Some(decode_int64_number(r, &root)?),
            "done" => members.done = r.boolean(&root)?,
            "pong" => {
                members.pong = true;
                r.skip()?;
            }
            "same" => members.same = Some(r.boolean(&root)?),
            "contract" => members.contract.hash = String::decode(r, &root)?,
            "differs" => members.contract.differs = Vec::decode(r, &root)?,
            "unknown" => members.contract.unknown = Vec::decode(r, &root)?,
            "positions" => members.positions = Some(switchboard_core::list(r, &root, Position::read)?),
            key => members.at.member(key, r)?,
        }
    }
    Ok(members)
}

impl<'a> Members<'a> {
    fn frame(self) -> Option<Frame<'a>> {
        let payload = self.payload.unwrap_or("{}");
        if let Some(name) = self.name {
            return Some(match self.ask {
                Some(ask) => Frame::Ask { name, ask, payload },
                None => Frame::Event { name, payload, at: self.at.offset() },
            });
        }
        match (self.re, self.ask, self.error) {
            (Some(re), _, Some(error)) => return Some(Frame::Refused { re, error }),
            (None, Some(ask), Some(error)) => return Some(Frame::AskOver { ask, error }),
            _ => {}
        }
        if let Some(re) = self.re.flatten() {
            let positions = self.positions.unwrap_or_default();
            return match (self.payload, self.item, self.done) {
                (Some(payload), ..) => Some(Frame::Answer { re, payload, positions }),
                (None, Some(item), _) => Some(Frame::Item { re, item }),
                (None, None, true) => Some(Frame::Done { re }),
                (None, None, false) => None,
            };
        }
        match (self.same, self.positions, self.pong) {
            (Some(same), ..) => Some(Frame::Contract { same, contract: self.contract }),
            (None, Some(positions), _) => Some(Frame::Positions(positions)),
            (None, None, true) => Some(Frame::Pong),
            (None, None, false) => None,
        }
    }
}
