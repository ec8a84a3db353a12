//! Text with a meaning: what is one, and how it is written by an encoder. Slow, by hand, from the documents.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;

/// Padded base64 of RFC 4648, whose last bits are zero; how many bytes it is.
pub fn base64_len(text: &str) -> Option<u64> {
    const SIGNS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bare = text.trim_end_matches('=');
    let padding = text.len() - bare.len();
    if !text.len().is_multiple_of(4) || padding > 2 || bare.chars().any(|sign| !SIGNS.contains(sign)) {
        return None;
    }
    let last = bare.chars().last().and_then(|sign| SIGNS.find(sign)).unwrap_or_default();
    let spare = last % (1 << (2 * padding));
    (spare == 0).then(|| (text.len() / 4 * 3 - padding) as u64)
}

/// A hyphenated UUID, in small letters.
pub fn uuid(text: &str) -> Option<String> {
    matches(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text).then(|| text.to_lowercase())
}

/// A day of the calendar from the year 0 to 9999.
pub fn date(text: &str) -> Option<String> {
    (matches(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) && is_day(text)).then(|| text.to_owned())
}

/// RFC 3339 in UTC with `Z`, without leap seconds, with up to nine digits of a second; written without zeros at
/// its end. The last one there is is some hours before the year 10000.
pub fn timestamp(text: &str) -> Option<String> {
    let shape = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z";
    if !matches(shape, text) || !is_day(&text[..10]) || *text >= *"9999-12-30T22:00:01" {
        return None;
    }
    let bare = text.trim_end_matches('Z');
    let bare = if bare.contains('.') { bare.trim_end_matches('0').trim_end_matches('.') } else { bare };
    Some(format!("{bare}Z"))
}

fn is_day(text: &str) -> bool {
    let part = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap_or_default();
    let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Digits and letters of a pattern are those of ASCII.
pub fn ascii(pattern: &str) -> String {
    pattern.replace(r"\d", "[0-9]").replace(r"\w", "[0-9A-Za-z_]")
}

/// Between two patterns that both have to match.
pub const AND: char = '\0';

/// Whether a pattern matches the whole text.
pub fn matches(pattern: &str, text: &str) -> bool {
    pattern.split(AND).all(|pattern| matches_one(pattern, text))
}

fn matches_one(pattern: &str, text: &str) -> bool {
    thread_local! {
        static KNOWN: RefCell<HashMap<String, Regex>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        let regex = known
            .entry(pattern.to_owned())
            .or_insert_with(|| Regex::new(&format!(r"\A(?:{})\z", ascii(pattern))).expect("checked by the compiler"));
        regex.is_match(text)
    })
}

/// Addresses and whether they are some. There is nothing simple to say about them, so they are listed.
pub const EMAILS: &[(&str, bool)] = &[
    ("ann@example.com", true),
    ("a.b+c@sub.example.org", true),
    ("\"a b\"@example.com", true),
    ("ann@[127.0.0.1]", true),
    ("x@y", true),
    ("ann@", false),
    ("@example.com", false),
    (".ann@example.com", false),
    ("ann@exa mple.com", false),
    ("Ann <ann@example.com>", false),
    ("ann@-x.com", false),
];

/// The same for URIs.
pub const URIS: &[(&str, bool)] = &[
    ("https://example.com/a?b=c#d", true),
    ("urn:isbn:0451450523", true),
    ("mailto:ann@example.com", true),
    ("http://[2001:db8::7]:80/", true),
    ("a:", true),
    ("//example.com", false),
    ("https://exa mple.com", false),
    ("https://example.com/%4", false),
    ("1a:b", false),
    ("http://example.com/ü", false),
];

/// The same for addresses of machines, and how they are written.
pub const IPS: &[(&str, Option<&str>)] = &[
    ("192.0.2.1", Some("192.0.2.1")),
    ("0.0.0.0", Some("0.0.0.0")),
    ("255.255.255.255", Some("255.255.255.255")),
    ("::", Some("::")),
    ("2001:DB8:0:0:0:0:0:7", Some("2001:db8::7")),
    ("::ffff:192.0.2.1", Some("::ffff:192.0.2.1")),
    ("192.0.2", None),
    ("192.0.2.256", None),
    ("192.0.02.1", None),
    ("::1%lo", None),
    (":::1", None),
    ("1:2:3:4:5:6:7", None),
];
