//! The console: a page at `/_switchboard` that shows a running server and lets one try its messages.
//!
//! The page and its files are public, what they show is not: the schema and the live view want the token. What the page
//! sends goes over a WebSocket like anybody's, without rights of its own. Deliberately absent: changing anything by HTTP.

mod guesses;
mod http;
mod live;
mod watched;

use std::fmt;
use std::io;
use std::net::SocketAddr;

use uuid::Uuid;

pub(crate) use self::http::Desk;
pub(crate) use self::watched::Watched;

/// The path of the page; its files and what it reads are below.
const PATH: &str = "/_switchboard";

/// What is asked of the console by this path: nothing for the page itself. `None`: it is somebody else's.
pub(crate) fn path_below(path: &str) -> Option<&str> {
    path.strip_prefix(PATH).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A page at `/_switchboard` for those who have its token, see [`Server::console`](crate::Server::console): every message
/// of the protocol as a form, what comes back, the live connections and what has been counted.
///
/// Whoever has the token sees the identities, topics and addresses of all connections. It is sent as
/// `Authorization: Bearer`, so on other than loopback addresses the server belongs behind TLS.
///
/// ```
/// use switchboard::Console;
///
/// let console = Console::random();
/// println!("{}", console.url("127.0.0.1:8080".parse()?));
/// assert!(Console::new("too short").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Console {
    token: Box<str>,
    /// Nobody has chosen it, so nobody has decided that it may be asked for from anywhere.
    random: bool,
}

impl Console {
    /// With this token, on whatever address the server listens.
    ///
    /// # Errors
    /// The token has fewer than 16 characters, or others than a bearer token may have (RFC 6750): letters, digits and
    /// `-._~+/`, with `=` at its end.
    pub fn new(token: impl Into<Box<str>>) -> Result<Self, UnfitToken> {
        let token = token.into();
        let may_be_sent = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        if !token.trim_end_matches('=').bytes().all(may_be_sent) {
            return Err(UnfitToken("has characters other than letters, digits and -._~+/"));
        }
        if token.len() < SHORTEST {
            return Err(UnfitToken("has fewer than 16 characters"));
        }
        Ok(Self { token, random: false })
    }

    /// With a new token of 122 random bits, for a server on a loopback address: on any other one,
    /// [`Server::bind`](crate::Server::bind) fails.
    pub fn random() -> Self {
        Self { token: Uuid::new_v4().simple().to_string().into(), random: true }
    }

    /// The token. Keep it out of logs.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Where a browser finds it on a server at this address, the token in the fragment: that is not sent, so it is in
    /// no log of a server.
    pub fn url(&self, address: SocketAddr) -> String {
        format!("http://{address}{PATH}#token={}", self.token)
    }

    /// Whether it may be served at these addresses.
    pub(crate) fn allow(&self, addresses: &[SocketAddr]) -> io::Result<()> {
        match addresses.iter().all(|address| address.ip().to_canonical().is_loopback()) || !self.random {
            true => Ok(()),
            false => Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "a console with a random token is for loopback addresses",
            )),
        }
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

/// Why a text is no token of a [`Console`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnfitToken(&'static str);

impl fmt::Display for UnfitToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the console's token {}", self.0)
    }
}

impl std::error::Error for UnfitToken {}

const SHORTEST: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_can_be_sent() {
        for good in ["0123456789abcdef", "AZaz09-._~+/AZaz", "0123456789abcd=="] {
            assert_eq!(Console::new(good).unwrap().token(), good);
        }
        for (bad, why) in [
            ("", "fewer than 16"),
            ("0123456789abcde", "fewer than 16"),
            ("0123456789abcdef ", "characters other"),
            ("0123456789=abcdef", "characters other"),
            ("0123456789abcdé0", "characters other"),
            ("0123456789\r\nabcdef", "characters other"),
        ] {
            let error = Console::new(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad:?}: {error}");
        }
    }

    #[test]
    fn a_random_token_is_for_loopback_alone() {
        let (random, chosen) = (Console::random(), Console::new("0123456789abcdef").unwrap());
        assert_ne!(random.token(), Console::random().token());
        for (address, loopback) in [
            ("127.0.0.1:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("0.0.0.0:1", false),
            ("192.0.2.7:1", false),
            ("[::]:1", false),
        ] {
            let addresses = ["127.0.0.2:1".parse().unwrap(), address.parse().unwrap()];
            assert_eq!(random.allow(&addresses).is_ok(), loopback, "{address}");
            assert!(chosen.allow(&addresses).is_ok(), "{address}");
        }
    }

    #[test]
    fn neighbours_of_its_path_are_not_its_own() {
        assert_eq!(path_below("/_switchboard"), Some(""));
        assert_eq!(path_below("/_switchboard/live"), Some("/live"));
        assert_eq!(path_below("/_switchboards"), None);
        assert_eq!(path_below("/"), None);
    }

    #[test]
    fn a_token_is_not_shown_by_accident() {
        let console = Console::new("0123456789abcdef").unwrap();
        assert!(!format!("{console:?}").contains("0123456789abcdef"));
        let url = console.url("127.0.0.1:8080".parse().unwrap());
        assert_eq!(url, "http://127.0.0.1:8080/_switchboard#token=0123456789abcdef");
    }
}
