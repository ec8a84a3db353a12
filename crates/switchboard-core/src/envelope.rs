//! The envelope around a payload, in its three forms.
//!
//! plain `{"name":"chat/send","id":7,"payload":{…}}` · flat `{"name":"chat/send","id":7,"room":…}` ·
//! nested `{"name":{"chat":{"name":"send"}},"id":7,"payload":{…}}`. Keys may come in any order.
//!
//! A plain or nested envelope whose name comes before its payload is read in one pass; otherwise the
//! payload is passed over first, checked but not decoded, and decoded once the name is known. Either way
//! the message is let in, or not, before its payload is decoded, and the text is read to its end: text
//! that is not JSON is `malformed` whatever else is wrong with it, and the id is found wherever it stands.
//!
//! What has no name is no message; it may still be one of the [control envelopes](crate::control).

use std::borrow::Cow;

use crate::json::{Reader, Source};
use crate::path::Path;
use crate::position::Position;
use crate::rejection::Rejection;
use crate::report::{Decoded, Fault, cut};

/// Which forms of envelope a protocol accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forms {
    /// `{"name":"a/b","id":1,"payload":{…}}`
    pub plain: bool,
    /// `{"name":"a/b","id":1,"field":…}`
    pub flat: bool,
    /// `{"name":{"a":{"name":"b"}},"id":1,"payload":{…}}`
    pub nested: bool,
}

impl Default for Forms {
    /// Plain alone.
    fn default() -> Self {
        Self { plain: true, flat: false, nested: false }
    }
}

/// What became of one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Received<T> {
    /// The envelope's id, where it has a good one; also of what is refused, even of malformed text, as
    /// far as it could be read.
    pub reference: Option<u64>,
    /// The key `since`: how far the client has heard what it asks to go on with.
    pub since: Vec<Position>,
    /// The payload, or why there is none.
    pub outcome: Result<T, Rejection>,
}

/// Reads one envelope and its payload.
///
/// `admit` gets the full name, `chat/send`, before anything of the payload is decoded, and gives what
/// `decode` needs to know, or a refusal. It is asked at most once, and not if the envelope has been found
/// wrong by then. `decode` reads exactly one value. A payload that is left out is `{}`. At most
/// `max_depth` objects and arrays may be open at once, the envelope's own among them.
pub fn read<'s, R, T>(
    text: impl Into<Source<'s>>,
    forms: Forms,
    max_depth: usize,
    admit: impl FnOnce(&str) -> Result<R, Rejection>,
    decode: impl FnOnce(&R, &mut Reader<'_>, &Path<'_>) -> Decoded<T>,
) -> Received<T> {
    let mut envelope = Envelope::new(text.into(), forms, max_depth);
    let mut early = None;
    let mut later = Some((admit, decode));
    let read = envelope.members(|r, name| {
        if let Some((admit, decode)) = later.take() {
            early = Some(match admit(name) {
                Ok(route) => outcome(r, |r, at| decode(&route, r, at))?,
                Err(rejection) => {
                    r.skip()?;
                    Err(rejection)
                }
            });
        }
        Ok(())
    });
    let reference = envelope.id;
    let since = envelope.since.take().unwrap_or_default();
    if read.is_err() {
        return Received { reference, since, outcome: Err(malformed(&envelope.r)) };
    }
    let outcome = match (envelope.verdict(), early, later) {
        (Err(wrong), ..) => Err(Rejection::malformed(wrong)),
        (Ok(_), Some(outcome), _) => outcome,
        (Ok(name), None, Some((admit, decode))) => admit(&name).and_then(|route| {
            let mut r = envelope.payload_reader(max_depth);
            outcome(&mut r, |r, at| decode(&route, r, at)).unwrap_or_else(|_| Err(malformed(&r)))
        }),
        // Only an outcome takes the callbacks away.
        (Ok(_), None, None) => Err(Rejection::malformed("no payload was read")),
    };
    Received { reference, since, outcome }
}

/// The name and the id of a message that has to wait, as far as they can be read without reading everything: each is
/// looked for only as far as it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Glance<'a> {
    text: Source<'a>,
    max_depth: usize,
}

impl<'a> Glance<'a> {
    /// At this text.
    pub fn new(text: impl Into<Source<'a>>, max_depth: usize) -> Self {
        Self { text: text.into(), max_depth }
    }

    /// The full name, in whatever form it stands there.
    pub fn name(self) -> Option<Cow<'a, str>> {
        self.find("name", |envelope| {
            envelope.read_name()?;
            Ok(envelope.name.take().map(|name| name.full))
        })
    }

    /// The id.
    pub fn id(self) -> Option<u64> {
        self.find("id", |envelope| envelope.r.safe_positive())
    }

    fn find<T>(self, key: &str, read: impl FnOnce(&mut Envelope<'a>) -> Decoded<Option<T>>) -> Option<T> {
        let mut envelope = Envelope::new(self.text, Forms::default(), self.max_depth);
        if envelope.r.peek() != Some(b'{') {
            return None;
        }
        envelope.r.object(&Path::root()).ok()?;
        while let Some(found) = envelope.r.next_key().ok()? {
            if found == key {
                return read(&mut envelope).ok()?;
            }
            envelope.r.skip().ok()?;
        }
        None
    }
}

/// Decodes the payload that comes next: a value, or all that is wrong with it.
#[inline]
fn outcome<'a, T>(
    r: &mut Reader<'a>,
    decode: impl FnOnce(&mut Reader<'a>, &Path<'_>) -> Decoded<T>,
) -> Decoded<Result<T, Rejection>> {
    match decode(r, &Path::root()) {
        Err(Fault::Malformed) => Err(Fault::Malformed),
        Ok(value) if r.report.is_empty() => Ok(Ok(value)),
        _ => Ok(Err(Rejection::invalid_payload(std::mem::take(&mut r.report)))),
    }
}

#[cold]
fn malformed(r: &Reader<'_>) -> Rejection {
    let (position, why) = r.malformed().unwrap_or((r.position(), "not JSON"));
    Rejection::malformed(format!("not JSON: {why} at byte {position}"))
}

/// An envelope as far as it has been read.
struct Envelope<'a> {
    r: Reader<'a>,
    text: Source<'a>,
    forms: Forms,
    name: Option<Name<'a>>,
    id: Option<u64>,
    id_came: bool,
    since: Option<Vec<Position>>,
    /// Where the payload begins, once it has come.
    payload: Option<usize>,
    /// The first key that no plain envelope has.
    field: Option<Cow<'a, str>>,
    /// The first thing that makes this no envelope although it is JSON.
    wrong: Option<String>,
}

/// A message's full name.
struct Name<'a> {
    full: Cow<'a, str>,
    nested: bool,
}

impl<'a> Envelope<'a> {
    #[inline]
    fn new(text: Source<'a>, forms: Forms, max_depth: usize) -> Self {
        let r = text.reader(max_depth);
        let (name, id, since, payload, field, wrong) = (None, None, None, None, None, None);
        Self { r, text, forms, name, id, id_came: false, since, payload, field, wrong }
    }

    /// Reads the whole text. `payload` is called in front of a payload that can be decoded in passing.
    #[inline]
    fn members(&mut self, mut payload: impl FnMut(&mut Reader<'a>, &str) -> Decoded<()>) -> Decoded<()> {
        if self.r.peek() != Some(b'{') {
            self.r.skip()?;
            self.wrong(|| "the envelope is not an object".to_owned());
            return self.r.finish();
        }
        self.r.object(&Path::root())?;
        while let Some(key) = self.r.next_key()? {
            match &*key {
                "name" => self.read_name()?,
                "id" => self.read_id()?,
                "payload" => self.read_payload(&mut payload)?,
                "since" => self.read_since()?,
                _ => {
                    self.field.get_or_insert(key);
                    self.r.skip()?;
                }
            }
        }
        self.r.finish()
    }

    #[inline]
    fn read_name(&mut self) -> Decoded<()> {
        if self.name.is_some() {
            return self.duplicate("name");
        }
        let name = match self.r.peek() {
            Some(b'"') => Name { full: self.r.string(&Path::root())?, nested: false },
            Some(b'{') => Name { full: self.nested_name()?, nested: true },
            _ => {
                self.r.skip()?;
                self.wrong(|| "`name` is neither a string nor an object".to_owned());
                Name { full: Cow::Borrowed(""), nested: false }
            }
        };
        self.name = Some(name);
        Ok(())
    }

    /// `{"chat":{"rooms":{"name":"open"}}}` is `chat/rooms/open`.
    #[cold]
    fn nested_name(&mut self) -> Decoded<Cow<'a, str>> {
        let mut full = String::new();
        let mut levels = 0;
        // Inwards, as long as there is an object in the first member …
        while self.r.peek() == Some(b'{') {
            self.r.object(&Path::root())?;
            levels += 1;
            match self.r.next_key()? {
                Some(key) if key == "name" && self.r.peek() == Some(b'"') => {
                    let last = self.r.string(&Path::root())?;
                    self.part(&mut full, &last);
                    break;
                }
                Some(part) => {
                    self.part(&mut full, &part);
                    full.push('/');
                    if self.r.peek() != Some(b'{') {
                        self.r.skip()?;
                        self.bad_nested_name();
                        break;
                    }
                }
                None => {
                    self.bad_nested_name();
                    levels -= 1;
                    break;
                }
            }
        }
        // … and out again, where nothing more may come.
        for _ in 0..levels {
            while self.r.next_key()?.is_some() {
                self.r.skip()?;
                self.bad_nested_name();
            }
        }
        Ok(Cow::Owned(full))
    }

    fn part(&mut self, full: &mut String, part: &str) {
        if part.is_empty() || part.contains('/') {
            self.bad_nested_name();
        }
        full.push_str(part);
    }

    fn bad_nested_name(&mut self) {
        self.wrong(|| "a nested name has one member a level, like {\"chat\":{\"name\":\"send\"}}".to_owned());
    }

    #[inline]
    fn read_id(&mut self) -> Decoded<()> {
        if std::mem::replace(&mut self.id_came, true) {
            return self.duplicate("id");
        }
        self.id = self.r.safe_positive()?;
        if self.id.is_none() {
            self.wrong(|| "`id` is not a whole number from 1 to 9007199254740991".to_owned());
        }
        Ok(())
    }

    #[cold]
    fn read_since(&mut self) -> Decoded<()> {
        if self.since.is_some() {
            return self.duplicate("since");
        }
        let read = Position::read_list(&mut self.r)?;
        if let Err(why) = &read {
            self.wrong(|| format!("`since`: {why}"));
        }
        self.since = Some(read.unwrap_or_default());
        Ok(())
    }

    #[inline]
    fn read_payload(&mut self, payload: &mut impl FnMut(&mut Reader<'a>, &str) -> Decoded<()>) -> Decoded<()> {
        if self.payload.is_some() {
            return self.duplicate("payload");
        }
        self.r.peek();
        self.payload = Some(self.r.position());
        match &self.name {
            Some(name) if self.wrong.is_none() && self.field.is_none() && self.takes_payload(name) => {
                payload(&mut self.r, &name.full)
            }
            _ => self.r.skip(),
        }
    }

    fn takes_payload(&self, name: &Name<'_>) -> bool {
        if name.nested { self.forms.nested } else { self.forms.plain }
    }

    /// The name of a text that is an envelope in a form that is accepted, or what is wrong with it.
    fn verdict(&mut self) -> Result<Cow<'a, str>, String> {
        if let Some(wrong) = self.wrong.take() {
            return Err(wrong);
        }
        let Some(name) = self.name.take() else {
            return Err("`name` is missing".to_owned());
        };
        if let Some(field) = &self.field
            && (self.payload.is_some() || !self.forms.flat)
        {
            return Err(self.not_accepted(&format!("unknown key `{}` in the envelope", cut(field))));
        }
        let name_fits = if name.nested { self.forms.nested } else { self.forms.plain || self.forms.flat };
        if !name_fits || self.payload.is_some() && !self.takes_payload(&name) {
            return Err(self.not_accepted("this form of envelope is not accepted here"));
        }
        Ok(name.full)
    }

    /// What is wrong, and which forms the protocol accepts.
    #[cold]
    fn not_accepted(&self, what: &str) -> String {
        let forms = [(self.forms.plain, PLAIN), (self.forms.flat, FLAT), (self.forms.nested, NESTED)];
        let accepted: Vec<&str> = forms.iter().filter(|(accepted, _)| *accepted).map(|(_, form)| *form).collect();
        format!("{what}; accepted: {}", accepted.join(", "))
    }

    /// A reader in front of the payload of an envelope that has been read to its end.
    fn payload_reader(&mut self, max_depth: usize) -> Reader<'a> {
        let mut r = self.text.reader(max_depth);
        match (self.payload, &self.field) {
            (Some(position), _) => r.rewind(position, 1),
            (None, Some(_)) => r.hide_envelope(),
            (None, None) => r = Reader::new("{}", max_depth),
        }
        r
    }

    #[cold]
    fn duplicate(&mut self, key: &str) -> Decoded<()> {
        self.wrong(|| format!("duplicate key `{key}` in the envelope"));
        self.r.skip()
    }

    #[cold]
    fn wrong(&mut self, why: impl FnOnce() -> String) {
        self.wrong.get_or_insert_with(why);
    }
}

const PLAIN: &str = r#"plain {"name":"a/b","id":1,"payload":{…}}"#;
const FLAT: &str = r#"flat {"name":"a/b","id":1,"field":…}"#;
const NESTED: &str = r#"nested {"name":{"a":{"name":"b"}},"id":1,"payload":{…}}"#;
