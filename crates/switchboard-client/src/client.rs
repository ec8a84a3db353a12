//! What generated clients stand on: calls, streams, listeners.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use switchboard_core::{Decoded, Path, Reader};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use crate::NoFlow;
use crate::driver::{self, SignIn};
use crate::events::{Events, Listening, Notice, Registry};
use crate::failure::{Ended, Error, Failure};
use crate::flow::OneConnection;
use crate::items::{self, Items};
use crate::machine::{Caller, Machine, State};
use crate::options::{Address, Options};
use crate::protocol::{Asked, Heard, Message, Outgoing, Protocol};

/// A client of a protocol. Clones are the same client; when the last one is gone, the connection is closed.
pub struct Client<P: Protocol> {
    owner: Arc<Owner<P>>,
    timeout: Option<Duration>,
    way: Way,
}

/// How messages leave.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// When the client is open.
    Queued,
    /// At once, as part of the sign-in.
    Direct,
    /// On this connection or not at all.
    On(u64),
}

impl<P: Protocol> Clone for Client<P> {
    fn clone(&self) -> Self {
        Self { owner: Arc::clone(&self.owner), timeout: self.timeout, way: self.way }
    }
}

impl<P: Protocol> fmt::Debug for Client<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("state", &self.state()).finish_non_exhaustive()
    }
}

/// Closes when nobody is left.
struct Owner<P: Protocol>(Arc<Shared<P>>);

impl<P: Protocol> Drop for Owner<P> {
    fn drop(&mut self) {
        self.0.with(Machine::close);
        self.0.abandoned.store(true, std::sync::atomic::Ordering::Release);
        self.0.wake.notify_one();
    }
}

/// What clients and their driver share.
pub(crate) struct Shared<P: Protocol> {
    pub(crate) machine: Mutex<Machine<P, Box<dyn Waiting>>>,
    /// There is something to do.
    pub(crate) wake: Notify,
    pub(crate) events: Arc<Registry<P::Event>>,
    pub(crate) notices: Arc<Registry<Notice>>,
    pub(crate) state: Mutex<State>,
    pub(crate) answerers: Mutex<Vec<Answerer<P>>>,
    pub(crate) abandoned: std::sync::atomic::AtomicBool,
    began: Instant,
}

/// Who answers an ask, its number first.
pub(crate) struct Answerer<P: Protocol> {
    pub(crate) ask: u16,
    number: u64,
    pub(crate) answer: Answer<P>,
}

pub(crate) type Answer<P> = Arc<dyn Fn(<P as Protocol>::Ask) -> Option<Answering> + Send + Sync>;
/// The answer, or the declared error, as JSON; or that it breaks its limits.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<Said, switchboard_core::Invalid>> + Send>>;

pub(crate) enum Said {
    Reply(Vec<u8>),
    Error(Vec<u8>),
}

impl<P: Protocol> Shared<P> {
    /// Does something with the machine, which knows what time it is, and lets the driver see to it.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Machine<P, Box<dyn Waiting>>) -> T) -> T {
        let mut machine = self.machine.lock();
        machine.time(self.now());
        let result = act(&mut machine);
        drop(machine);
        self.wake.notify_one();
        result
    }

    /// Milliseconds since the client began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The instant of such a time.
    pub(crate) fn instant(&self, millis: u64) -> Instant {
        let far = Duration::from_secs(86_400 * 365);
        self.began + Duration::from_millis(millis).min(self.began.elapsed() + far)
    }
}

/// Who waits for an answer, or for items.
pub(crate) trait Waiting: Caller + Send {
    /// This is what became of it.
    fn end(self: Box<Self>, outcome: Result<(), Failure>);
}

impl Caller for Box<dyn Waiting> {
    fn reply(&mut self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<()> {
        (**self).reply(r, at)
    }

    fn item(&mut self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<bool> {
        (**self).item(r, at)
    }
}

impl<P: Protocol> Client<P> {
    /// For generated code: begins to connect.
    #[doc(hidden)]
    pub fn connect<C: From<Self> + 'static>(to: Address, options: Options<C>) -> Self {
        let random = driver::random();
        let shared = Arc::new(Shared {
            machine: Mutex::new(Machine::new(options.settings, random)),
            wake: Notify::new(),
            events: Registry::new(),
            notices: Registry::new(),
            state: Mutex::new(State::Connecting),
            answerers: Mutex::new(Vec::new()),
            abandoned: false.into(),
            began: Instant::now(),
        });
        let owner = Arc::new(Owner(Arc::clone(&shared)));
        let weak = Arc::downgrade(&owner);
        let sign_in = options.sign_in.map(|sign_in| -> SignIn {
            Box::new(move || {
                let owner = weak.upgrade()?;
                Some(sign_in(C::from(Self { owner, timeout: options.timeout, way: Way::Direct })))
            })
        });
        tokio::spawn(driver::run(Arc::clone(&shared), to, sign_in));
        shared.with(Machine::connect);
        Self { owner, timeout: options.timeout, way: Way::Queued }
    }

    /// For generated code: the same, where a message fails after this time.
    #[doc(hidden)]
    pub fn within(&self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self.clone() }
    }

    pub(crate) fn on_connection(&self, connection: u64) -> Self {
        Self { way: Way::On(connection), ..self.clone() }
    }

    fn shared(&self) -> &Arc<Shared<P>> {
        &self.owner.0
    }

    /// The state, as it was told last.
    pub fn state(&self) -> State {
        self.shared().state.lock().clone()
    }

    /// Waits until the client is open, through as many attempts as it takes. Messages need not wait, since they do so by themselves.
    ///
    /// # Errors
    /// It has ended.
    pub async fn ready(&self) -> Result<(), Ended> {
        let mut notices = self.notices();
        loop {
            match self.state() {
                State::Open => return Ok(()),
                State::Closed { code, reason } => return Err(Ended { code, reason }),
                State::Connecting | State::Waiting { .. } => notices.next().await,
            };
        }
    }

    /// What the client tells of itself, from now on: states, what became of topics, problems.
    pub fn notices(&self) -> Events<Notice> {
        self.shared().notices.stream(|notice| Some(notice.clone()))
    }

    /// All events, from now on.
    pub fn all_events(&self) -> Events<P::Event> {
        self.shared().events.stream(|event| Some(event.clone()))
    }

    /// Wants a connection now: a client that waits for the next attempt makes it at once, one that has closed begins anew.
    pub fn connect_now(&self) {
        self.shared().with(Machine::connect);
    }

    /// Closes for good: what is under way fails, and nothing comes back.
    pub fn close(&self) {
        self.shared().with(Machine::close);
    }

    /// Is no longer interested in a topic, by its full name: what has joined it is not said again after a loss.
    pub fn forget(&self, topic: &str) {
        self.shared().with(|machine| machine.forget(topic));
    }

    /// For generated code: sends a message and waits for its answer. Dropping the future takes it back.
    ///
    /// # Errors
    /// All that can become of a message.
    #[doc(hidden)]
    pub fn call<M: Message<P>>(
        &self,
        payload: &M::Payload,
    ) -> impl Future<Output = Result<M::Reply, Error<M::Error>>> + Send + 'static + use<P, M> {
        let (outgoing, client) = (M::outgoing(payload), self.clone());
        async move {
            let (to, answer) = oneshot::channel();
            let outgoing = outgoing.map_err(Error::InvalidPayload)?;
            let number = client.send(outgoing, Box::new(OneAnswer::<P, M> { reply: None, to }));
            let guard = client.cancel_when_dropped(number);
            let answer = answer.await;
            guard.forever();
            answer.unwrap_or(Err(Error::ConnectionLost))
        }
    }

    /// For generated code: sends a message that is answered by items.
    #[doc(hidden)]
    pub fn stream<M: Message<P>>(&self, payload: &M::Payload) -> Items<M::Reply, M::Error> {
        let (sender, receiver) = mpsc::channel(items::MOST);
        let (to, end) = oneshot::channel();
        match M::outgoing(payload) {
            Err(invalid) => {
                // The other end is held just below.
                let _ = to.send(Some(Error::InvalidPayload(invalid)));
                Items::new(receiver, end, None)
            }
            Ok(outgoing) => {
                let number = self.send(outgoing, Box::new(ManyItems::<P, M> { items: sender, to }));
                Items::new(receiver, end, Some(self.cancel_when_dropped(number)))
            }
        }
    }

    fn send(&self, outgoing: Outgoing, waiting: Box<dyn Waiting>) -> u64 {
        let timeout = self.timeout;
        self.shared().with(|machine| match self.way {
            Way::Queued => machine.call(outgoing, timeout, waiting),
            Way::Direct => machine.direct(outgoing, timeout, waiting),
            Way::On(connection) => machine.call_on(connection, outgoing, timeout, waiting),
        })
    }

    fn cancel_when_dropped(&self, number: u64) -> Listening {
        let shared = Arc::clone(self.shared());
        Listening::until(move || shared.with(|machine| machine.cancel(number)))
    }

    /// For generated code: events of one kind.
    #[doc(hidden)]
    pub fn events<H: Heard<P>>(&self) -> Events<H::Payload> {
        self.shared().events.stream(|event| H::of(event).cloned())
    }

    /// For generated code: calls back with events of one kind.
    #[doc(hidden)]
    pub fn on<H: Heard<P>>(&self, callback: impl Fn(&H::Payload) + Send + Sync + 'static) -> Listening {
        self.shared().events.listen(move |event| H::of(event).into_iter().for_each(&callback))
    }

    /// For generated code: answers an ask, until the guard is dropped or somebody else does.
    #[doc(hidden)]
    pub fn answer<A: Asked<P>, F, R>(&self, answer: F) -> Listening
    where
        F: Fn(A::Payload) -> R + Send + Sync + 'static,
        R: Future<Output = Result<A::Reply, A::Error>> + Send + 'static,
    {
        let answer = Arc::new(answer);
        let answer = move |ask: P::Ask| -> Option<Answering> {
            let (payload, answer) = (A::of(ask)?, Arc::clone(&answer));
            Some(Box::pin(async move {
                match answer(payload).await {
                    Ok(reply) => A::encode_reply(&reply).map(Said::Reply),
                    Err(error) => A::encode_error(&error).map(Said::Error),
                }
            }))
        };
        let shared = Arc::clone(self.shared());
        let mut answerers = shared.answerers.lock();
        let number = answerers.last().map_or(0, |last| last.number + 1);
        answerers.push(Answerer { ask: A::INDEX, number, answer: Arc::new(answer) });
        drop(answerers);
        let weak = Arc::downgrade(&shared);
        Listening::until(move || {
            if let Some(shared) = weak.upgrade() {
                shared.answerers.lock().retain(|answerer| answerer.number != number);
            }
        })
    }

    /// For generated code: begins a flow on the connection that is there.
    ///
    /// # Errors
    /// When there is none, or something has moved the flow.
    #[doc(hidden)]
    pub fn begin_flow(&self, flow: u16) -> Result<OneConnection<P>, NoFlow> {
        let connection = self.shared().with(|machine| match machine.connection() {
            None => Err(NoFlow::Offline),
            Some(_) => machine.begin_flow(flow).ok_or(NoFlow::Begun),
        })?;
        Ok(OneConnection::new(self.clone(), connection))
    }
}

/// Waits for one answer.
struct OneAnswer<P: Protocol, M: Message<P>> {
    reply: Option<M::Reply>,
    to: oneshot::Sender<Result<M::Reply, Error<M::Error>>>,
}

impl<P: Protocol, M: Message<P>> Caller for OneAnswer<P, M> {
    fn reply(&mut self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<()> {
        self.reply = Some(M::decode_reply(r, at)?);
        Ok(())
    }

    fn item(&mut self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<bool> {
        self.reply(r, at).map(|()| true)
    }
}

impl<P: Protocol, M: Message<P>> Waiting for OneAnswer<P, M> {
    fn end(self: Box<Self>, outcome: Result<(), Failure>) {
        let outcome = match (outcome, self.reply) {
            (Err(failure), _) => Err(failure.into()),
            (Ok(()), Some(reply)) => Ok(reply),
            // Sent, and never answered: `()` is read of anything.
            (Ok(()), None) => {
                M::decode_reply(&mut Reader::lenient("{}", 1), &Path::root()).map_err(|_| Error::Cancelled)
            }
        };
        // Who has gone does not wait.
        let _ = self.to.send(outcome);
    }
}

/// Waits for items.
struct ManyItems<P: Protocol, M: Message<P>> {
    items: mpsc::Sender<M::Reply>,
    to: oneshot::Sender<Option<Error<M::Error>>>,
}

impl<P: Protocol, M: Message<P>> Caller for ManyItems<P, M> {
    fn reply(&mut self, r: &mut Reader<'_>, _: &Path<'_>) -> Decoded<()> {
        r.skip()
    }

    fn item(&mut self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<bool> {
        let item = M::decode_reply(r, at)?;
        Ok(!matches!(self.items.try_send(item), Err(mpsc::error::TrySendError::Full(_))))
    }
}

impl<P: Protocol, M: Message<P>> Waiting for ManyItems<P, M> {
    fn end(self: Box<Self>, outcome: Result<(), Failure>) {
        // Told before `items` is dropped, so that whoever sees the one finds the other.
        let _ = self.to.send(outcome.err().map(Error::from));
        drop(self.items);
    }
}
