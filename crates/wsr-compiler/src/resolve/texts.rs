//! Texts as defaults of the built-in text types: each is one that every reader takes.

use crate::model::Shape;

/// What is asked of the texts of a type.
pub(super) struct Kind {
    /// Whether a text is one.
    pub is: fn(&str) -> bool,
    /// What is wrong with one that is none.
    pub problem: &'static str,
    /// One that is.
    pub example: &'static str,
}

/// The texts of a built-in type; none of `string`, which takes any.
pub(super) fn kind(shape: &Shape) -> Option<Kind> {
    let (is, problem, example): (fn(&str) -> bool, _, _) = match shape {
        Shape::Uuid => (is_uuid, "not hyphenated hexadecimal", "67e55044-10b1-426f-9247-bb680e5fe0c8"),
        Shape::Date => (is_date, "no day of the calendar", "2026-05-04"),
        Shape::Timestamp => (is_timestamp, "no RFC 3339 in UTC, ending in Z", "2026-05-04T09:00:00Z"),
        Shape::Email => (is_email, "no address", "ada@example.org"),
        Shape::Uri => (is_uri, "no URI with a scheme", "https://example.org/a"),
        Shape::Ip => (is_ip, "no IPv4 or IPv6 address", "127.0.0.1"),
        _ => return None,
    };
    Some(Kind { is, problem, example })
}

/// `67e55044-10b1-426f-9247-bb680e5fe0c8`
fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `2026-05-04`, a day of the calendar.
fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// `2026-05-04T09:00:00.25Z`: RFC 3339 in UTC, with at most nine digits of a second.
fn is_timestamp(text: &str) -> bool {
    let Some((date, time)) = text.strip_suffix('Z').and_then(|text| text.split_once('T')) else { return false };
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let fraction = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let in_a_day =
        numbers(clock, ':', [2, 2, 2]).is_some_and(|[hour, minute, second]| hour < 24 && minute < 60 && second < 60);
    // What comes later is beyond what a moment in another zone could still be written as.
    is_date(date) && fraction && in_a_day && text < "9999-12-30T22:00:00Z"
}

/// Numbers of these many digits, parted by a sign.
fn numbers(text: &str, sign: char, digits: [usize; 3]) -> Option<[u32; 3]> {
    let mut found = [0; 3];
    let mut parts = text.split(sign);
    for (number, length) in found.iter_mut().zip(digits) {
        let part =
            parts.next().filter(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// `127.0.0.1`, `::1`
fn is_ip(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

/// `ada@example.org`: one address of ASCII letters, without quotes and comments.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    };
    let last = domain.rsplit('.').next().unwrap_or("");
    text.len() <= 254
        && local.len() <= 64
        && local.split('.').all(atom)
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && last.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// One part of a domain's name.
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// `https://example.org/a?b#c`, `urn:isbn:0451450523`: a scheme, and only what RFC 3986 allows behind it.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_is_sound = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let (before, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let authority_is_sound = before.strip_prefix("//").is_none_or(|rest| {
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        let host = authority.rsplit('@').next().unwrap_or("");
        let (name, port) = host.split_once(':').unwrap_or((host, ""));
        authority.matches('@').count() <= 1
            && (!name.is_empty() || scheme == "file")
            && port.bytes().all(|byte| byte.is_ascii_digit())
            && port.len() <= 5
    });
    scheme_is_sound && authority_is_sound && !rest.is_empty() && is_escaped(before) && is_escaped(fragment)
}

/// Whether nothing but what a URI may hold stands there, the rest as `%20`.
fn is_escaped(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
        let allowed = match byte {
            b'%' => hex(bytes.next()) && hex(bytes.next()),
            byte => byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&byte),
        };
        if !allowed {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{is_date, is_email, is_ip, is_timestamp, is_uri};

    fn only(is: fn(&str) -> bool, right: &[&str], wrong: &[&str]) {
        right.iter().for_each(|text| assert!(is(text), "{text:?} is one"));
        wrong.iter().for_each(|text| assert!(!is(text), "{text:?} is none"));
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        only(
            is_date,
            &["2026-05-04", "2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"],
            &["", "2026-5-4", "2026-02-29", "1900-02-29", "2026-13-01", "2026-04-31", "2026-00-10", "2026-01-00"],
        );
        only(is_date, &[], &["2026-01-01T", "+026-01-01", "2026-01-01-01", "２026-01-01", "20260101"]);
    }

    #[test]
    fn timestamps_are_in_utc() {
        only(
            is_timestamp,
            &["1970-01-01T00:00:00Z", "2026-02-28T23:59:59.123456789Z", "9999-12-30T21:59:59Z"],
            &["2026-02-28", "2026-02-28T23:59Z", "2026-02-28T24:00:00Z", "2026-02-28T00:00:00+00:00"],
        );
        only(is_timestamp, &[], &["2026-02-28T00:00:00.Z", "2026-02-28t00:00:00Z", "9999-12-31T00:00:00Z", "now"]);
        only(is_timestamp, &[], &["2026-02-30T00:00:00Z", "2026-02-28T00:00:60Z", "2026-02-28T00:00:00.1234567890Z"]);
    }

    #[test]
    fn addresses_are_checked() {
        only(
            is_ip,
            &["127.0.0.1", "::1", "2001:db8::7"],
            &["", "127.0.0.256", "localhost", "127.0.0.1:80", "fe80::1%1"],
        );
        only(
            is_email,
            &["ada@example.org", "a.b+c@x-y.co.uk"],
            &[
                "",
                "ada",
                "ada@",
                "@example.org",
                "a..b@example.org",
                "a b@example.org",
                "Ada <ada@example.org>",
                "a@b@c.de",
            ],
        );
        only(is_email, &[], &["ada@localhost", "ada@-x.org", "ada@x.1", "ada@exa_mple.org"]);
    }

    #[test]
    fn uris_have_a_scheme() {
        only(
            is_uri,
            &[
                "https://example.org",
                "http://a@b.de:80/c%20d?e=f#g",
                "urn:isbn:0451450523",
                "mailto:a@b.de",
                "file:///a",
            ],
            &[
                "",
                "example.org",
                "/a/b",
                "https://",
                "https://a b",
                "http://a/%2",
                "http://a/%zz",
                "http://a#b#c",
                "1a:b",
            ],
        );
        only(is_uri, &[], &["http://a:b/", "http://[::1]/", "http://é.de", ":a", "http:"]);
    }
}
