//! The reader itself: where it stands, and how it gets through objects and arrays.

use std::borrow::Cow;

use crate::path::Path;
use crate::report::{Decoded, Fault, Report};

/// The greatest depth that a reader can be given.
pub const DEEPEST: usize = 128;

/// Reads one JSON text, value by value, without building anything.
///
/// The caller says what it expects. A value of another type is skipped, so that reading can go on behind
/// it, and is recorded in [`Reader::report`]. Once a method has returned [`Fault::Malformed`] there is
/// nothing left to read and [`Reader::malformed`] says why.
///
/// ```
/// use switchboard_core::{Decode, Path, Reader};
///
/// let mut r = Reader::new(r#"{"room":"lobby","seats":[1,2]}"#, 32);
/// let at = Path::root();
/// r.object(&at).unwrap();
/// assert_eq!(r.next_key().unwrap().as_deref(), Some("room"));
/// assert_eq!(r.string(&at.key("room")).unwrap(), "lobby");
/// assert_eq!(r.next_key().unwrap().as_deref(), Some("seats"));
/// assert_eq!(Vec::<u8>::decode(&mut r, &at.key("seats")).unwrap(), [1, 2]);
/// assert_eq!(r.next_key().unwrap(), None);
/// r.finish().unwrap();
/// ```
#[derive(Debug)]
pub struct Reader<'a> {
    /// What has been found wrong so far.
    pub report: Report,
    pub(super) text: &'a str,
    pub(super) position: usize,
    /// Objects and arrays that are open.
    pub(super) depth: usize,
    max_depth: usize,
    /// The innermost open object or array has had no member yet.
    fresh: bool,
    /// Members `name`, `id` and `since` of the outermost object are the envelope's.
    flat: bool,
    malformed: Option<(usize, &'static str)>,
    /// Bytes are `b"…"` here, and 64-bit integers numbers: the text was MessagePack before.
    packed: bool,
    /// What is skipped will be read, so its numbers may have any size.
    pub(super) looking_ahead: usize,
    /// Keys that nobody knows are passed over.
    lenient: bool,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `text` that refuses more than `max_depth` open objects and arrays;
    /// what passes [`DEEPEST`] counts as that.
    #[inline]
    pub fn new(text: &'a str, max_depth: usize) -> Self {
        Self {
            report: Report::new(),
            text,
            position: 0,
            depth: 0,
            max_depth: max_depth.min(DEEPEST),
            fresh: false,
            flat: false,
            malformed: None,
            packed: false,
            looking_ahead: 0,
            lenient: false,
        }
    }

    /// The same for what a server sends, which may have grown since: keys that nobody knows are passed over.
    pub fn lenient(text: &'a str, max_depth: usize) -> Self {
        Self { lenient: true, ..Self::new(text, max_depth) }
    }

    /// The same for text that [`unpack`](crate::pack::unpack) has made.
    pub fn packed(text: &'a str, max_depth: usize) -> Self {
        Self { packed: true, ..Self::new(text, max_depth) }
    }

    /// Whether the text was MessagePack before.
    #[inline]
    pub(crate) fn is_packed(&self) -> bool {
        self.packed
    }

    /// Bytes of text that was MessagePack before, in base64.
    pub(crate) fn packed_bytes(&mut self, at: &Path<'_>) -> Decoded<Cow<'a, str>> {
        if self.peek() != Some(b'b') {
            return Err(self.mismatch(at, "bytes"));
        }
        self.position += 1;
        self.string(at)
    }

    /// How many bytes have been read.
    #[inline]
    pub fn position(&self) -> usize {
        self.position
    }

    /// Where the text stops being JSON, in bytes, and why; `None` as long as it has not.
    pub fn malformed(&self) -> Option<(usize, &'static str)> {
        self.malformed
    }

    /// Enters an object. A value of another type is skipped and recorded.
    #[inline]
    pub fn object(&mut self, at: &Path<'_>) -> Decoded<()> {
        if self.peek() == Some(b'{') { self.open() } else { Err(self.mismatch(at, "object")) }
    }

    /// The next key of the object that was entered last, or `None` once it has been left.
    ///
    /// Behind a key its value has to be read or skipped.
    #[inline]
    pub fn next_key(&mut self) -> Decoded<Option<Cow<'a, str>>> {
        while self.next_member(b'}')? {
            let key = self.key()?;
            if !(self.flat && self.depth == 1 && matches!(&*key, "name" | "id" | "since")) {
                return Ok(Some(key));
            }
            self.skip()?;
        }
        Ok(None)
    }

    /// Enters an array. A value of another type is skipped and recorded.
    #[inline]
    pub fn array(&mut self, at: &Path<'_>) -> Decoded<()> {
        if self.peek() == Some(b'[') { self.open() } else { Err(self.mismatch(at, "array")) }
    }

    /// Whether the array that was entered last has another item, which then has to be read or skipped.
    #[inline]
    pub fn next_item(&mut self) -> Decoded<bool> {
        self.next_member(b']')
    }

    /// A string, borrowed from the text unless it has escapes.
    #[inline]
    pub fn string(&mut self, at: &Path<'_>) -> Decoded<Cow<'a, str>> {
        if self.peek() == Some(b'"') { self.quoted() } else { Err(self.mismatch(at, "string")) }
    }

    /// The same for what is not of a payload: a value of another type is passed over and gives `None`.
    pub(crate) fn text_or_skip(&mut self) -> Decoded<Option<Cow<'a, str>>> {
        if self.peek() == Some(b'"') { self.quoted().map(Some) } else { self.skip().map(|()| None) }
    }

    /// `true` or `false`.
    #[inline]
    pub fn boolean(&mut self, at: &Path<'_>) -> Decoded<bool> {
        match self.peek() {
            Some(b't') => self.literal("true").map(|()| true),
            Some(b'f') => self.literal("false").map(|()| false),
            _ => Err(self.mismatch(at, "boolean")),
        }
    }

    /// Eats this literal if it comes next. Behind a number one has to look on by oneself.
    #[inline]
    pub(crate) fn eat(&mut self, json: &str) -> bool {
        self.peek();
        let is_next = self.literal_is_next(json);
        if is_next {
            self.position += json.len();
        }
        is_next
    }

    /// The text from `start` up to here.
    pub(crate) fn text_from(&self, start: usize) -> &'a str {
        &self.text[start..self.position]
    }

    /// Passes one value of any type and gives its text.
    pub fn skipped(&mut self) -> Decoded<&'a str> {
        self.peek();
        let start = self.position;
        self.skip()?;
        Ok(self.text_from(start))
    }

    /// Eats `null` if it comes next.
    #[inline]
    pub fn null(&mut self) -> bool {
        self.peek() == Some(b'n') && self.literal_is_next("null") && {
            self.position += "null".len();
            true
        }
    }

    /// Looks for the text of the member `tag` in the object that has just been entered, and stays where it is.
    ///
    /// For objects whose other members depend on a tag, which need not come first. `None` if no member of
    /// this name is a string.
    #[inline]
    pub fn peek_tag(&mut self, tag: &str) -> Decoded<Option<Cow<'a, str>>> {
        let (start, depth, fresh) = (self.position, self.depth, self.fresh);
        // What is passed here is read again, by whoever knows whether a number may be as large as that.
        self.looking_ahead += 1;
        let mut found = None;
        while let Some(key) = self.next_key()? {
            if key == tag && self.peek() == Some(b'"') {
                found = Some(self.quoted()?);
                break;
            }
            self.skip()?;
        }
        self.looking_ahead -= 1;
        self.rewind(start, depth);
        self.fresh = fresh;
        Ok(found)
    }

    /// The members of the object that has just been entered, as a value of the type `json`.
    pub fn members(&mut self, at: &Path<'_>) -> Decoded<serde_json::Value> {
        self.value_members(at).map(serde_json::Value::Object)
    }

    /// Records that `key` is not a member of the object at `at`, unless such are passed over, and skips its value.
    #[cold]
    pub fn unknown_key(&mut self, at: &Path<'_>, key: &str) -> Decoded<()> {
        if self.lenient {
            return self.skip();
        }
        self.report.add(&at.key(key), "unknown_key", "a known key", key);
        self.skip()
    }

    /// Records that the member at `at` has come before, and skips this value.
    #[cold]
    pub fn duplicate_key(&mut self, at: &Path<'_>) -> Decoded<()> {
        self.report.add(at, "duplicate_key", "the key once", "the key again");
        self.skip()
    }

    /// Checks that nothing but white space is left.
    #[inline]
    pub fn finish(&mut self) -> Decoded<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.fail("text behind the end of the value")),
        }
    }

    /// Goes back to a value that begins at `position` inside `depth` open objects and arrays.
    pub(crate) fn rewind(&mut self, position: usize, depth: usize) {
        self.position = position;
        self.depth = depth;
        self.fresh = false;
    }

    /// From now on hides the members `name`, `id` and `since` of the outermost object.
    pub(crate) fn hide_envelope(&mut self) {
        self.flat = true;
    }

    /// The first byte of what comes next, behind white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.position += 1,
                other => return other,
            }
        }
    }

    /// Records where and why the text is not JSON; the first reason stands.
    #[cold]
    pub(super) fn fail(&mut self, why: &'static str) -> Fault {
        self.malformed.get_or_insert((self.position, why));
        Fault::Malformed
    }

    /// Skips a value that is not the constant, and says what is there: the type if it is no number or text.
    #[cold]
    pub(crate) fn not_the_constant(&mut self, at: &Path<'_>, want: &'static str) -> Fault {
        let got = match self.peek() {
            Some(b't') => "true",
            Some(b'f') => "false",
            other => type_name(other),
        };
        match self.skip() {
            Ok(()) => self.report.add(at, "const", want, got),
            Err(fault) => fault,
        }
    }

    /// Skips a value of the wrong type and records it; something that is no value at all is malformed.
    #[cold]
    pub(super) fn mismatch(&mut self, at: &Path<'_>, want: &'static str) -> Fault {
        let got = type_name(self.peek());
        match self.skip() {
            Ok(()) => self.report.add(at, "type", want, got),
            Err(fault) => fault,
        }
    }

    /// The byte in front of the reader.
    #[inline]
    pub(super) fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    /// Enters the object or array whose bracket comes next.
    #[inline]
    pub(super) fn open(&mut self) -> Decoded<()> {
        if self.depth >= self.max_depth {
            return Err(self.fail("nested too deep"));
        }
        self.position += 1;
        self.depth += 1;
        self.fresh = true;
        Ok(())
    }

    /// Eats the comma, or the bracket that closes; whether a member follows.
    #[inline]
    pub(super) fn next_member(&mut self, close: u8) -> Decoded<bool> {
        let fresh = std::mem::replace(&mut self.fresh, false);
        match self.peek() {
            Some(b',') if !fresh => self.position += 1,
            Some(byte) if byte == close => {
                self.position += 1;
                self.depth = self.depth.saturating_sub(1);
                return Ok(false);
            }
            Some(_) if fresh => {}
            _ => return Err(self.not_a_member(close)),
        }
        Ok(true)
    }

    #[cold]
    fn not_a_member(&mut self, close: u8) -> Fault {
        match (self.byte(), close) {
            (None, _) => self.fail("unexpected end"),
            (_, b'}') => self.fail("expected `,` or `}`"),
            _ => self.fail("expected `,` or `]`"),
        }
    }

    /// A key and the colon behind it.
    #[inline]
    pub(super) fn key(&mut self) -> Decoded<Cow<'a, str>> {
        self.at_key()?;
        let key = self.quoted()?;
        self.colon()?;
        Ok(key)
    }

    #[inline]
    pub(super) fn at_key(&mut self) -> Decoded<()> {
        match self.peek() {
            Some(b'"') => Ok(()),
            None => Err(self.fail("unexpected end")),
            Some(_) => Err(self.fail("expected a key in double quotes")),
        }
    }

    #[inline]
    pub(super) fn colon(&mut self) -> Decoded<()> {
        match self.peek() {
            Some(b':') => {
                self.position += 1;
                Ok(())
            }
            None => Err(self.fail("unexpected end")),
            Some(_) => Err(self.fail("expected `:`")),
        }
    }

    #[inline]
    pub(super) fn literal(&mut self, word: &'static str) -> Decoded<()> {
        if !self.literal_is_next(word) {
            return Err(self.fail("expected a value"));
        }
        self.position += word.len();
        Ok(())
    }

    #[inline]
    fn literal_is_next(&self, word: &str) -> bool {
        self.text.as_bytes()[self.position..].starts_with(word.as_bytes())
    }
}

/// What JSON calls a value that begins with this byte.
fn type_name(first: Option<u8>) -> &'static str {
    match first {
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b'"') => "string",
        Some(b't' | b'f') => "boolean",
        Some(b'n') => "null",
        Some(b'b') => "bytes",
        _ => "number",
    }
}

#[cfg(test)]
mod tests;
