//! What reading and checking one request costs, beside serde_json's derive, which checks no limits.
//!
//! `cargo bench -p switchboard-core` prints nanoseconds a text: the best and the median of 20 batches.
//! The decoders are what the generator writes for this message. Not a gate: figures depend on the machine.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use regex::Regex;
use switchboard_core::{Decode, Decoded, Fault, Forms, Path, Reader, Rejection, Slot, envelope, limit, list};

const LOGIN: &str = r#"{"name":"accounts/login","id":1000000001,"payload":{"username":"kevin42","password":"hunter2hunter2","device":{"kind":"desktop","version":[1,2,3]},"tags":["a","b","c"]}}"#;
const PLAIN: Forms = Forms { plain: true, flat: true, nested: true };

fn main() {
    println!("request of {} bytes; ns a request: best, median", LOGIN.len());
    time("read and checked, pattern as a byte class", || {
        black_box(receive::<Login<Class>>(LOGIN));
    });
    time("read and checked, pattern by regex", || {
        black_box(receive::<Login<Pattern>>(LOGIN));
    });
    let late = late_name();
    time("the same, payload before name", || {
        black_box(receive::<Login<Class>>(&late));
    });
    let flat = LOGIN.replacen("\"payload\":{", "", 1).replacen("]}}", "]}", 1);
    time("the same, flat", || {
        black_box(receive::<Login<Class>>(&flat));
    });
    time("skipped, strictly", || {
        let mut r = Reader::new(black_box(LOGIN), 32);
        r.skip().and_then(|()| r.finish()).expect("it is JSON");
    });
    time("serde_json derive, owned, no limits checked", || {
        black_box(serde_json::from_str::<Whole>(black_box(LOGIN)).expect("it is JSON"));
    });
    time("serde_json::Value", || {
        black_box(serde_json::from_str::<serde_json::Value>(black_box(LOGIN)).expect("it is JSON"));
    });
}

fn late_name() -> String {
    let payload = &LOGIN[LOGIN.find("\"payload\"").unwrap_or(0)..LOGIN.len() - 1];
    format!(r#"{{{payload},"id":1000000001,"name":"accounts/login"}}"#)
}

fn receive<T: Decode>(text: &str) -> u64 {
    let admit = |name: &str| match name {
        "accounts/login" => Ok(7_u16),
        other => Err(Rejection::unknown_message(other, None)),
    };
    let received = envelope::read(black_box(text), PLAIN, 32, admit, |_, r, at| T::decode(r, at));
    assert!(received.outcome.is_ok());
    black_box(received.outcome).ok();
    received.reference.unwrap_or_default()
}

fn time(what: &str, mut run: impl FnMut()) {
    let mut batches: Vec<f64> = (0..20).map(|_| batch(&mut run)).collect();
    batches.sort_by(f64::total_cmp);
    println!("{:6.0} {:6.0}  {what}", batches[0], batches[10]);
}

fn batch(run: &mut impl FnMut()) -> f64 {
    let begin = Instant::now();
    let mut count = 0_u32;
    while begin.elapsed() < Duration::from_millis(25) {
        (0..200).for_each(|_| run());
        count += 200;
    }
    begin.elapsed().as_nanos() as f64 / f64::from(count)
}

trait NameRule {
    fn holds(r: &mut Reader<'_>, at: &Path<'_>, text: &str) -> bool;
}

struct Class;

impl NameRule for Class {
    fn holds(r: &mut Reader<'_>, at: &Path<'_>, text: &str) -> bool {
        limit::class(&mut r.report, at, text, &NAME_BYTES, "/^[a-z0-9_]{3,32}$/")
            & limit::text_len(&mut r.report, at, text, 3, Some(32), "3..=32")
    }
}

struct Pattern;

impl NameRule for Pattern {
    fn holds(r: &mut Reader<'_>, at: &Path<'_>, text: &str) -> bool {
        limit::pattern(&mut r.report, at, text, &NAME, "/^[a-z0-9_]{3,32}$/")
    }
}

static NAME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\A(?:[a-z0-9_]{3,32})\z").expect("it is a pattern"));

static NAME_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = matches!(byte as u8, b'a'..=b'z' | b'0'..=b'9' | b'_');
        byte += 1;
    }
    table
};

#[allow(dead_code)]
struct Login<N> {
    username: String,
    password: String,
    device: Device,
    tags: Vec<String>,
    rule: std::marker::PhantomData<N>,
}

impl<N: NameRule> Decode for Login<N> {
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        let mut username = Slot::new();
        let mut password = Slot::new();
        let mut device = Slot::new();
        let mut tags = Slot::new();
        r.object(at)?;
        while let Some(key) = r.next_key()? {
            match &*key {
                "username" => username.read(r, &at.key("username"), |r, at| {
                    let text = String::decode(r, at)?;
                    if N::holds(r, at, &text) { Ok(text) } else { Err(Fault::Invalid) }
                })?,
                "password" => password.read(r, &at.key("password").secret(), |r, at| text(r, at, 8, 128))?,
                "device" => device.read(r, &at.key("device"), Device::decode)?,
                "tags" => tags.read(r, &at.key("tags"), |r, at| {
                    let items = list(r, at, |r, at| text(r, at, 1, 24))?;
                    if limit::len(&mut r.report, at, items.len(), 0, Some(16), "..=16") {
                        Ok(items)
                    } else {
                        Err(Fault::Invalid)
                    }
                })?,
                key => r.unknown_key(at, key)?,
            }
        }
        let username = username.required(r, &at.key("username"));
        let password = password.required(r, &at.key("password"));
        let device = device.required(r, &at.key("device"));
        let tags = tags.required(r, &at.key("tags"));
        Ok(Self {
            username: username?,
            password: password?,
            device: device?,
            tags: tags?,
            rule: std::marker::PhantomData,
        })
    }
}

fn text(r: &mut Reader<'_>, at: &Path<'_>, min: u64, max: u64) -> Decoded<String> {
    let text = String::decode(r, at)?;
    if limit::text_len(&mut r.report, at, &text, min, Some(max), "as declared") {
        Ok(text)
    } else {
        Err(Fault::Invalid)
    }
}

#[allow(dead_code)]
struct Device {
    kind: Kind,
    version: Vec<u16>,
}

impl Decode for Device {
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        let mut kind = Slot::new();
        let mut version = Slot::new();
        r.object(at)?;
        while let Some(key) = r.next_key()? {
            match &*key {
                "kind" => kind.read(r, &at.key("kind"), Kind::decode)?,
                "version" => version.read(r, &at.key("version"), |r, at| {
                    let items = list(r, at, u16::decode)?;
                    if limit::len(&mut r.report, at, items.len(), 3, Some(3), "3") {
                        Ok(items)
                    } else {
                        Err(Fault::Invalid)
                    }
                })?,
                key => r.unknown_key(at, key)?,
            }
        }
        let kind = kind.required(r, &at.key("kind"));
        let version = version.required(r, &at.key("version"));
        Ok(Self { kind: kind?, version: version? })
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Desktop,
    Mobile,
    Tablet,
    Embedded,
}

impl Decode for Kind {
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        let text = r.string(at)?;
        match &*text {
            "desktop" => Ok(Self::Desktop),
            "mobile" => Ok(Self::Mobile),
            "tablet" => Ok(Self::Tablet),
            "embedded" => Ok(Self::Embedded),
            other => Err(r.report.add(at, "one_of", "desktop | mobile | tablet | embedded", other)),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Whole {
    name: String,
    id: u64,
    payload: OwnedLogin,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct OwnedLogin {
    username: String,
    password: String,
    device: OwnedDevice,
    tags: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct OwnedDevice {
    kind: OwnedKind,
    version: [u16; 3],
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum OwnedKind {
    Desktop,
    Mobile,
    Tablet,
    Embedded,
}
