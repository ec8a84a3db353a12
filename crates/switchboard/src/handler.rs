//! Handlers: what they return, how they fail, and the fence around each.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt::{self, Display};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll};

use switchboard_core::Invalid;

/// What a handler returns: a future of a value for its arrows, or of an error.
///
/// Nobody implements it: every `async fn` of the right type is one.
#[diagnostic::on_unimplemented(
    message = "a handler is an `async fn` that returns `Result<{T}, {E}>`",
    label = "not the future of such a result"
)]
pub trait Reply<T, E = Error>: Future<Output = Result<T, E>> + Send {}

impl<F, T, E> Reply<T, E> for F where F: Future<Output = Result<T, E>> + Send {}

/// Anything that went wrong in a handler. The peer hears `internal` with an id; the log has the same id and all causes.
///
/// Every [`std::error::Error`] becomes one by `?`, so this type is not one itself.
pub struct Error {
    cause: Box<dyn StdError + Send + Sync>,
    handler: Option<&'static str>,
}

impl Error {
    /// An error made of text.
    pub fn msg(text: impl Display) -> Self {
        Self { cause: text.to_string().into(), handler: None }
    }

    /// The cause, if it is of this type.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.cause.downcast_ref()
    }

    /// The handler that returned it, once known.
    pub(crate) fn handler(&self) -> Option<&'static str> {
        self.handler
    }

    /// All causes in one line, outermost first.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.cause.to_string();
        let mut cause = self.cause.source();
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        text
    }

    fn of_handler(mut self, handler: &'static str) -> Self {
        self.handler.get_or_insert(handler);
        self
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(cause: E) -> Self {
        Self { cause: Box::new(cause), handler: None }
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.cause, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.chain())
    }
}

/// Why a handler failed, as the connection sees it.
#[derive(Debug)]
pub enum Failure {
    /// A declared error: the members of the answer's error object, such as `"kind":"locked","until":…`.
    Refused(Vec<u8>),
    /// The sender may not join this topic.
    Barred(String),
    /// Anything else.
    Internal(Error),
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::Internal(invalid.into())
    }
}

/// What a handler may return as its error: [`Error`], and every error type of `routes.wsr`.
pub trait IntoFailure {
    /// What the connection makes of it.
    fn into_failure(self) -> Failure;
}

impl IntoFailure for Error {
    fn into_failure(self) -> Failure {
        Failure::Internal(self)
    }
}

/// Runs one handler; its panic is an [`Failure::Internal`] and stops nothing else.
pub async fn guarded<T, E: IntoFailure>(handler: &'static str, future: impl Reply<T, E>) -> Result<T, Failure> {
    let mut future = pin!(future);
    let span = tracing::debug_span!("handler", name = handler);
    let mut poll = |task: &mut Context<'_>| span.in_scope(|| future.as_mut().poll(task));
    let outcome = poll_fn(|task| match catch_unwind(AssertUnwindSafe(|| poll(task))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(outcome)) => Poll::Ready(outcome.map_err(IntoFailure::into_failure)),
        Err(panic) => Poll::Ready(Err(Failure::Internal(panicked(panic.as_ref())))),
    });
    outcome.await.map_err(|failure| match failure {
        Failure::Internal(error) => Failure::Internal(error.of_handler(handler)),
        other => other,
    })
}

/// A panic as an error.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::msg(format_args!("panicked: {}", text.unwrap_or("(no text)")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(std::num::ParseIntError);

    impl Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("outer")
        }
    }

    impl StdError for Outer {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn an_error_tells_all_its_causes() {
        let cause = "x".parse::<u8>().map_err(Outer).map_err(Error::from);
        let error = cause.err().map(|error| error.chain());
        assert_eq!(error.as_deref(), Some("outer: invalid digit found in string"));
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_failure_that_names_the_handler() {
        let outcome = guarded::<(), Error>("chat::store", async { panic!("no {}", "disk") }).await;
        let Err(Failure::Internal(error)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(error.handler(), Some("chat::store"));
        assert_eq!(error.chain(), "panicked: no disk");
    }

    /// Notes each span that begins: its name and what is said with it.
    #[derive(Clone, Default)]
    struct Spans(std::sync::Arc<parking_lot::Mutex<Vec<String>>>);

    struct Line(String);

    impl tracing::field::Visit for Line {
        fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
            self.0.push_str(&format!(" {}={value:?}", field.name()));
        }
    }

    impl tracing::Subscriber for Spans {
        fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
            metadata.is_span()
        }

        fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            let mut line = Line(format!("{} {}", span.metadata().level(), span.metadata().name()));
            span.record(&mut line);
            self.0.lock().push(line.0);
            tracing::span::Id::from_u64(1)
        }

        fn event(&self, _: &tracing::Event<'_>) {}
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }

    #[tokio::test]
    async fn a_handler_has_a_span_that_names_it() {
        let spans = Spans::default();
        let _here = tracing::subscriber::set_default(spans.clone());
        let outcome = guarded::<(), Error>("chat::store", async { Ok(()) }).await;
        assert!(outcome.is_ok());
        assert_eq!(*spans.0.lock(), ["DEBUG handler name=\"chat::store\""]);
    }
}
