//! What an application chooses: where the server is, and how the client behaves.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::machine::{Offline, Settings};

/// Where the server is.
#[derive(Clone)]
pub struct Address(pub(crate) Asked);

pub(crate) type Asked = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync>;

impl Address {
    /// Asks for the address on each connection, so that a token in it can be a fresh one. It has 10 s with the rest.
    pub fn asked<F, R>(ask: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = String> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(ask())))
    }
}

impl From<String> for Address {
    fn from(address: String) -> Self {
        Self::asked(move || std::future::ready(address.clone()))
    }
}

impl From<&str> for Address {
    fn from(address: &str) -> Self {
        Self::from(address.to_owned())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address")
    }
}

/// How a client behaves; `C` is the generated client.
pub struct Options<C> {
    pub(crate) settings: Settings,
    pub(crate) timeout: Option<Duration>,
    pub(crate) sign_in: Option<SignIn<C>>,
}

pub(crate) type SignIn<C> = Arc<dyn Fn(C) -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

impl<C> fmt::Debug for Options<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<C> Default for Options<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C> Options<C> {
    /// The usual ones: messages wait for the connection, 64 of them, and fail after 30 s.
    pub fn new() -> Self {
        Self { settings: Settings::default(), timeout: None, sign_in: None }
    }

    /// What becomes of messages while there is no connection.
    #[must_use]
    pub fn offline(mut self, offline: Offline) -> Self {
        self.settings.offline = offline;
        self
    }

    /// How many messages may wait for the connection; 64 when nothing is said.
    #[must_use]
    pub fn queue(mut self, most: usize) -> Self {
        self.settings.queue = most;
        self
    }

    /// The time after which every message fails, streams too; 30 s, or 10 s more than its `@deadline`, when nothing is said.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// What is done on each new connection before anything else. What the client that it is given sends goes out at once, while
    /// all other messages wait; that client is for the sign-in alone. When it fails, and the connection is there, the client closes
    /// for good.
    #[must_use]
    pub fn sign_in<F, R, E>(mut self, sign_in: F) -> Self
    where
        F: Fn(C) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), E>> + Send + 'static,
        E: Send + 'static,
        C: Send + 'static,
    {
        self.settings.sign_in = true;
        let sign_in = Arc::new(sign_in);
        self.sign_in = Some(Arc::new(move |client| {
            let sign_in = Arc::clone(&sign_in);
            Box::pin(async move { sign_in(client).await.is_ok() })
        }));
        self
    }
}
