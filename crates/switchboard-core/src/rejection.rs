//! How a peer hears "no": one closed table of codes, and what each has to say.

use std::fmt::{self, Display};
use std::time::Duration;

use crate::report::{Report, Violation, cut};
use crate::write;

/// The reasons for refusing a message. The list is closed: every client knows all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// Not JSON, or no envelope.
    Malformed,
    /// More bytes than the message may have.
    TooLarge,
    /// No message has this name.
    UnknownMessage,
    /// The payload breaks the rules of its type.
    InvalidPayload,
    /// The flow is in a state that does not let this message in.
    NotNow,
    /// The sender lacks a role.
    NotAllowed,
    /// Too many of them.
    RateLimited,
    /// The application said no, with an error that the protocol declares.
    Refused,
    /// The application took too long.
    Timeout,
    /// The sender took it back.
    Cancelled,
    /// Something broke on our side.
    Internal,
    /// The server is about to leave.
    ShuttingDown,
}

impl Code {
    /// All codes.
    pub const ALL: [Self; 12] = [
        Self::Malformed,
        Self::TooLarge,
        Self::UnknownMessage,
        Self::InvalidPayload,
        Self::NotNow,
        Self::NotAllowed,
        Self::RateLimited,
        Self::Refused,
        Self::Timeout,
        Self::Cancelled,
        Self::Internal,
        Self::ShuttingDown,
    ];

    /// The code as it is on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::UnknownMessage => "unknown_message",
            Self::InvalidPayload => "invalid_payload",
            Self::NotNow => "not_now",
            Self::NotAllowed => "not_allowed",
            Self::RateLimited => "rate_limited",
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
            Self::ShuttingDown => "shutting_down",
        }
    }

    /// Whether it was the peer who did something wrong, and not the server.
    pub const fn peer_at_fault(self) -> bool {
        !matches!(self, Self::Timeout | Self::Internal | Self::ShuttingDown)
    }

    /// Whether the same message may succeed later.
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::NotNow | Self::RateLimited | Self::Timeout | Self::Internal | Self::ShuttingDown)
    }
}

impl Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One refusal, with all that the peer is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    // Boxed: refusals are rare, and results that may be one are passed around by value.
    told: Box<Told>,
}

#[derive(Clone, Debug, PartialEq)]
struct Told {
    code: Code,
    detail: Detail,
}

#[derive(Clone, Debug, PartialEq)]
enum Detail {
    Nothing,
    Message(String),
    Limit(u64),
    Unknown { name: String, nearest: Option<String> },
    Violations(Report),
    State { flow: String, state: String, allowed: Vec<String>, omitted: usize, topic: Option<String> },
    Needs(Vec<String>),
    Topic(String),
    RetryAfter(&'static str, Duration),
    After(Duration),
    By(&'static str),
    Members(Vec<u8>),
    Id(String),
}

impl Rejection {
    /// The text is not JSON or not an envelope, for this reason.
    #[cold]
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(Code::Malformed, Detail::Message(message.into()))
    }

    /// The message has more than `limit` bytes.
    #[cold]
    pub fn too_large(limit: u64) -> Self {
        Self::new(Code::TooLarge, Detail::Limit(limit))
    }

    /// No message is called `name`, of which 64 characters are kept; [`nearest`] finds what was meant.
    #[cold]
    pub fn unknown_message(name: &str, nearest: Option<&str>) -> Self {
        Self::new(Code::UnknownMessage, Detail::Unknown { name: cut(name), nearest: nearest.map(str::to_owned) })
    }

    /// The payload breaks these rules.
    #[cold]
    pub fn invalid_payload(report: Report) -> Self {
        Self::new(Code::InvalidPayload, Detail::Violations(report))
    }

    /// The flow is in `state`, where only these messages are let in; the peer hears of 32 of them.
    #[cold]
    pub fn not_now(flow: &str, state: &str, allowed: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut names = allowed.into_iter();
        let allowed = names.by_ref().take(MOST_NAMES).map(|name| name.as_ref().to_owned()).collect();
        let (flow, state) = (flow.to_owned(), state.to_owned());
        let detail = Detail::State { flow, state, allowed, omitted: names.count(), topic: None };
        Self::new(Code::NotNow, detail)
    }

    /// The same of a flow on a topic.
    #[cold]
    pub fn of_topic(mut self, name: &str) -> Self {
        if let Detail::State { topic, .. } = &mut self.told.detail {
            *topic = Some(name.to_owned());
        }
        self
    }

    /// One of these roles is needed.
    #[cold]
    pub fn not_allowed(needs: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let needs = needs.into_iter().map(|role| role.as_ref().to_owned()).collect();
        Self::new(Code::NotAllowed, Detail::Needs(needs))
    }

    /// The sender may not join this topic.
    #[cold]
    pub fn barred(topic: impl Into<String>) -> Self {
        Self::new(Code::NotAllowed, Detail::Topic(topic.into()))
    }

    /// Too many, counted `by` connection, identity or address, or all of a connection's, or topics of a flow; the next
    /// one may come after this time.
    #[cold]
    pub fn rate_limited(by: &'static str, retry_after: Duration) -> Self {
        Self::new(Code::RateLimited, Detail::RetryAfter(by, retry_after))
    }

    /// So many of its kind run already as may at once; one of them has to end first.
    #[cold]
    pub fn too_many_at_once() -> Self {
        Self::new(Code::RateLimited, Detail::By("concurrent"))
    }

    /// A declared error: the members of the error object as JSON, `"kind":"locked","until":…`.
    #[cold]
    pub fn refused(members: Vec<u8>) -> Self {
        Self::new(Code::Refused, Detail::Members(members))
    }

    /// The chain did not end in this time.
    #[cold]
    pub fn timeout(after: Duration) -> Self {
        Self::new(Code::Timeout, Detail::After(after))
    }

    /// The sender has taken the message back.
    #[cold]
    pub fn cancelled() -> Self {
        Self::new(Code::Cancelled, Detail::Nothing)
    }

    /// Something broke; the log has it under this id.
    #[cold]
    pub fn internal(id: impl Display) -> Self {
        Self::new(Code::Internal, Detail::Id(id.to_string()))
    }

    /// The server is about to leave.
    #[cold]
    pub fn shutting_down() -> Self {
        Self::new(Code::ShuttingDown, Detail::Nothing)
    }

    fn new(code: Code, detail: Detail) -> Self {
        Self { told: Box::new(Told { code, detail }) }
    }

    /// Which of the reasons it is.
    pub fn code(&self) -> Code {
        self.told.code
    }

    /// Who was counted when there were too many: `all`, `connection`, `identity`, `address`, `topics` or `concurrent`.
    pub fn limited_by(&self) -> Option<&'static str> {
        match self.told.detail {
            Detail::RetryAfter(by, _) | Detail::By(by) => Some(by),
            _ => None,
        }
    }

    /// What is wrong with the payload; empty for every other code.
    pub fn violations(&self) -> &[Violation] {
        match &self.told.detail {
            Detail::Violations(report) => report.violations(),
            _ => &[],
        }
    }

    /// Appends the refusal of the message with this id: `{"re":7,"error":{"code":"timeout"}}`.
    pub fn encode(&self, reference: Option<u64>, out: &mut Vec<u8>) {
        self.encode_under("re", reference, out);
    }

    /// Appends the refusal of an answer to this ask: `{"ask":12,"error":{"code":"timeout"}}`.
    pub fn encode_for_ask(&self, ask: u64, out: &mut Vec<u8>) {
        self.encode_under("ask", Some(ask), out);
    }

    fn encode_under(&self, key: &str, number: Option<u64>, out: &mut Vec<u8>) {
        out.push(b'{');
        write::key(out, key);
        match number {
            Some(number) => write::int(out, number),
            None => write::null(out),
        }
        out.extend_from_slice(b",\"error\":{");
        write::key(out, "code");
        write::string(out, self.told.code.as_str());
        self.told.detail.encode(out);
        out.extend_from_slice(b"}}");
    }
}

impl Detail {
    /// Appends the members behind `code`.
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Nothing => {}
            Self::Message(message) => text(out, "message", message),
            Self::Limit(limit) => number(out, "limit", *limit as u128),
            Self::Unknown { name, nearest } => {
                text(out, "name", name);
                if let Some(nearest) = nearest {
                    text(out, "nearest", nearest);
                }
            }
            Self::Violations(report) => {
                write::key(out, "violations");
                write::list(out, report.violations(), violation);
                if report.omitted() > 0 {
                    number(out, "omitted", report.omitted() as u128);
                }
            }
            Self::State { flow, state, allowed, omitted, topic } => {
                if let Some(topic) = topic {
                    text(out, "topic", topic);
                }
                text(out, "flow", flow);
                text(out, "state", state);
                names(out, "allowed", allowed);
                if *omitted > 0 {
                    number(out, "omitted", *omitted as u128);
                }
            }
            Self::Needs(roles) => names(out, "needs", roles),
            Self::After(time) => number(out, "after_ms", milliseconds_up(*time)),
            Self::By(by) => text(out, "by", by),
            Self::Topic(topic) => text(out, "topic", topic),
            Self::RetryAfter(by, time) => {
                text(out, "by", by);
                number(out, "retry_after_ms", milliseconds_up(*time));
            }
            Self::Members(members) if members.is_empty() => {}
            Self::Members(members) => {
                out.push(b',');
                out.extend_from_slice(members);
            }
            Self::Id(id) => text(out, "id", id),
        }
    }
}

/// The refusal in one line, for logs. It shows what the peer is shown, hence no secrets.
impl Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told.code.fmt(f)?;
        let mut members = Vec::new();
        self.told.detail.encode(&mut members);
        // Each detail begins with the comma behind the code.
        match members.strip_prefix(b",") {
            Some(members) => write!(f, " {}", String::from_utf8_lossy(members)),
            None => Ok(()),
        }
    }
}

/// The one of `names` that a peer may have meant: at most a third of its letters differ, and at least one
/// may. Names over 64 characters are not compared.
pub fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let length = name.chars().take(LONGEST_NAME + 1).count();
    if length > LONGEST_NAME {
        return None;
    }
    let most = (length / 3).max(1);
    let close = names.into_iter().filter(|candidate| candidate.chars().count().abs_diff(length) <= most);
    let measured = close.map(|candidate| (strsim::osa_distance(name, candidate), candidate));
    measured.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance).map(|(_, found)| found)
}

fn violation(out: &mut Vec<u8>, violation: &Violation) {
    out.push(b'{');
    text(out, "at", &violation.at);
    text(out, "rule", violation.rule);
    text(out, "want", &violation.want);
    text(out, "got", &violation.got);
    out.push(b'}');
}

fn text(out: &mut Vec<u8>, key: &str, value: &str) {
    write::key(out, key);
    write::string(out, value);
}

fn number(out: &mut Vec<u8>, key: &str, value: u128) {
    write::key(out, key);
    write::int(out, value);
}

fn names(out: &mut Vec<u8>, key: &str, names: &[String]) {
    write::key(out, key);
    write::list(out, names, |out, name| write::string(out, name));
}

/// Whole milliseconds that are surely enough, hence never 0.
fn milliseconds_up(time: Duration) -> u128 {
    time.as_nanos().div_ceil(1_000_000).max(1)
}

const LONGEST_NAME: usize = 64;
const MOST_NAMES: usize = 32;
