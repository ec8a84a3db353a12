//! Text of a kind: email addresses and URIs. Holding one proves that the text is one.

use std::borrow::Borrow;
use std::fmt::{self, Display};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Deref;
use std::str::FromStr;

use email_address::{EmailAddress, Options};
use iri_string::types::UriStr;

use crate::check::Check;
use crate::decode::{Decode, Key};
use crate::encode::Encode;
use crate::json::Reader;
use crate::path::Path;
use crate::report::{Decoded, Invalid, Report};
use crate::write;

/// One email address, without a display name: RFC 5321, with letters beyond ASCII as RFC 6531 has them.
///
/// ```
/// use switchboard_core::Email;
///
/// let email: Email = "ann@example.com".parse().unwrap();
/// assert_eq!(email.as_str(), "ann@example.com");
/// assert!(Email::new("Ann <ann@example.com>").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

/// A URI as RFC 3986 has it: with a scheme, in ASCII, also with a fragment.
///
/// ```
/// use switchboard_core::Uri;
///
/// assert!(Uri::new("https://example.com/a?b=c#d").is_ok());
/// assert!(Uri::new("mailto:ann@example.com").is_ok());
/// assert!(Uri::new("/a").is_err(), "a reference is no URI");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uri(String);

impl Email {
    const WANT: &'static str = "an email address";

    fn of(text: &str) -> Option<Self> {
        // The crate takes ` <a@b>` for an address with an empty display name.
        if text.ends_with('>') {
            return None;
        }
        let address = EmailAddress::parse_with_options(text, Options::default().without_display_text()).ok()?;
        is_domain(address.domain()).then(|| Self(address.into()))
    }
}

impl Uri {
    const WANT: &'static str = "a URI";

    fn of(text: &str) -> Option<Self> {
        UriStr::new(text).is_ok().then(|| Self(text.to_owned()))
    }
}

/// What stands behind the `@`: labels of letters, digits and hyphens, or an address in brackets. The crate takes any
/// `atext` for a label and any text for an address.
fn is_domain(domain: &str) -> bool {
    match domain.strip_prefix('[').and_then(|domain| domain.strip_suffix(']')) {
        Some(literal) => match literal.strip_prefix("IPv6:") {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => literal.parse::<Ipv4Addr>().is_ok(),
        },
        None => domain.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '.' | '-')),
    }
}

macro_rules! texts {
    ($($type:ident)*) => {$(
        impl $type {
            /// Takes text that is one.
            ///
            /// # Errors
            ///
            /// When it is none.
            pub fn new(text: impl AsRef<str>) -> Result<Self, Invalid> {
                let mut report = Report::new();
                Self::of(text.as_ref())
                    .ok_or_else(|| {
                        report.add(&Path::root(), "format", Self::WANT, text.as_ref());
                        report.into()
                    })
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, without its promise.
            pub fn into_inner(self) -> String {
                self.0
            }
        }

        impl Decode for $type {
            fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
                let text = r.string(at)?;
                Self::decode_key(&text, &mut r.report, at)
            }
        }

        impl Key for $type {
            fn decode_key(text: &str, report: &mut Report, at: &Path<'_>) -> Decoded<Self> {
                Self::of(text).ok_or_else(|| report.add(at, "format", Self::WANT, text))
            }

            fn encode_key(&self, out: &mut Vec<u8>) {
                write::string(out, &self.0);
            }
        }

        impl Encode for $type {
            fn encode(&self, out: &mut Vec<u8>) {
                write::string(out, &self.0);
            }
        }

        impl Check for $type {
            #[inline]
            fn check(&self, _: &mut Report, _: &Path<'_>) {}
        }

        impl Deref for $type {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $type {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $type {
            type Error = Invalid;

            fn try_from(text: &str) -> Result<Self, Invalid> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::new(text)
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.0
            }
        }
    )*};
}

texts! { Email Uri }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_people_have_them() {
        for text in [
            "ann@example.com",
            "a+b_c@sub.example.co",
            "\"ann lee\"@example.com",
            "te~st@example.com",
            "ann@localhost",
            "ann@[127.0.0.1]",
            "ann@[IPv6:::1]",
            "ünï@bücher.example",
        ] {
            assert!(Email::new(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_not_quite_an_address_is_refused() {
        for text in [
            "",
            "ann",
            "@example.com",
            "ann@",
            ".ann@example.com",
            "ann.@example.com",
            "a..n@example.com",
            "ann@example..com",
            "ann@-example.com",
            "ann lee@example.com",
            "Ann <ann@example.com>",
            " <ann@example.com>",
            "<ann@example.com>",
            "ann@exa=mple.com",
            "ann@[127.0.0.300]",
            "ann@[IPv6:x]",
            "ann@example.com\n",
        ] {
            assert!(Email::new(text).is_err(), "{text}");
        }
        assert!(Email::new(format!("{}@example.com", "a".repeat(65))).is_err());
    }

    #[test]
    fn a_uri_has_a_scheme_and_only_its_own_signs() {
        for text in ["http://a.b/?c=d#e", "urn:oasis:names", "tel:+1-816", "ldap://[2001:db8::7]/c=GB?x", "a:"] {
            assert!(Uri::new(text).is_ok(), "{text}");
        }
        for text in ["", "//a.b/c", "/a", "a", "http:// a.b", "http://a.b/\"", "http://a.b/ü", "http://a.b/%4", ":a"] {
            assert!(Uri::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn texts_of_a_kind_are_read_and_written_like_text() {
        let mut r = Reader::new(r#""ann@ex\u0061mple.com""#, 8);
        let email = Email::decode(&mut r, &Path::root()).unwrap();
        let mut out = Vec::new();
        email.encode(&mut out);
        assert_eq!(out, br#""ann@example.com""#);
        let mut r = Reader::new(r#""/a""#, 8);
        assert!(Uri::decode(&mut r, &Path::root()).is_err());
        assert_eq!(r.report.violations()[0].rule, "format");
    }
}
