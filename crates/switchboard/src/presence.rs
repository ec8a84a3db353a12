//! Presence: who is here, as the hub keeps it and as applications see it.
//!
//! The hub knows nothing of a protocol's types. So an identity, and what one says of oneself, come to it encoded once,
//! and with the value itself for those who know its type.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use switchboard_core::{Invalid, Path, Report};

use crate::protocol::Protocol;

/// A topic whose members are announced to each other: `@presence`.
#[diagnostic::on_unimplemented(
    message = "who is in the topic `{Self}` is not kept",
    label = "no `@presence` above this topic in routes.wsr",
    note = "declare it: `@presence`, or `@presence(Type)` to say something of oneself"
)]
pub trait Attended {
    /// What each identity says of itself.
    type State: Clone + fmt::Debug + Send + Sync + 'static;

    /// Appends it as JSON.
    fn encode(state: &Self::State, out: &mut Vec<u8>);

    /// Asks its limits.
    fn check(state: &Self::State, report: &mut Report, at: &Path<'_>);
}

/// What one says of oneself where `@presence` names no type: nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoState {}

/// An identity that is present in a topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Present<I, S> {
    /// Who it is.
    pub who: I,
    /// What it has said of itself since it came.
    pub state: Option<S>,
}

/// Somebody, for the hub.
pub(crate) struct Who {
    /// Differs where identities differ.
    key: Box<str>,
    json: Box<[u8]>,
    identity: Box<dyn Any + Send + Sync>,
}

/// What somebody says of himself, for the hub.
pub(crate) struct Saying {
    json: Box<[u8]>,
    state: Box<dyn Any + Send + Sync>,
}

impl Who {
    pub fn new<P: Protocol>(identity: &P::Identity, key: &str) -> Arc<Self> {
        let mut json = Vec::new();
        P::encode_identity(identity, &mut json);
        Arc::new(Self { key: key.into(), json: json.into(), identity: Box::new(identity.clone()) })
    }

    /// As JSON.
    pub fn json(&self) -> &[u8] {
        &self.json
    }
}

impl Saying {
    /// Only what keeps its limits is said.
    pub fn new<T: Attended>(state: T::State) -> Result<Arc<Self>, Invalid> {
        checked::<T>(&state)?;
        let mut json = Vec::new();
        T::encode(&state, &mut json);
        Ok(Arc::new(Self { json: json.into(), state: Box::new(state) }))
    }

    /// As JSON.
    pub fn json(&self) -> &[u8] {
        &self.json
    }
}

impl<I: Clone + 'static, S: Clone + 'static> Present<I, S> {
    /// `None` if the types are not those of the topic, which no generated code brings about.
    pub(crate) fn of(who: &Who, saying: Option<&Saying>) -> Option<Self> {
        let state = saying.and_then(|saying| saying.state.downcast_ref::<S>().cloned());
        Some(Self { who: who.identity.downcast_ref::<I>()?.clone(), state })
    }
}

fn checked<T: Attended>(state: &T::State) -> Result<(), Invalid> {
    let mut report = Report::new();
    T::check(state, &mut report, &Path::root());
    report.into_result()
}

impl PartialEq for Who {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Who {}

impl Hash for Who {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Who({})", self.key)
    }
}

impl fmt::Debug for Saying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Saying")
    }
}
