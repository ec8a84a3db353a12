//! One walk: clients, what they send, and what they make of the answers.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};
use switchboard_core::schema::{Limits, Message, Schema, Shape, Type};
use tokio::time::Instant;

use super::invent::{Inventor, Patterns};
use super::judge::{Faults, Judge};
use super::place::{Places, Standing};
use super::spoil::spoil;
use super::{Hooks, Walked, others};
use crate::connection::ConnectionId;
use crate::protocol::{Protocol, RoleName};
use crate::testkit::chance::Chance;
use crate::testkit::transcript::merged;
use crate::testkit::{Client, Kit, Received};

/// A walk that is going on.
pub(super) struct Stroll<'w, P: Protocol> {
    kit: Kit<P>,
    schema: &'w Schema,
    hooks: &'w Hooks,
    seed: u64,
    judge: Judge,
    patterns: Patterns,
    walkers: Vec<Option<Walker>>,
    /// Those that have gone, for the transcript.
    gone: Vec<Client>,
    known: BTreeSet<String>,
    walked: Walked,
}

struct Walker {
    client: Client,
    connection: ConnectionId,
    places: Places,
    answered: HashSet<u64>,
    came: VecDeque<Came>,
    next_id: u64,
}

/// Something that a message was answered with.
enum Came {
    Answer(u64, Value),
    Refusal(Option<u64>, Value),
    Item(u64, Value),
    Done(u64),
    Closed(u16, String),
    Lost,
}

/// What became of a message.
enum Outcome {
    Answered(Value),
    Refused(Value),
    /// It needs no answer, and got none.
    Silent,
    /// All items of a stream, or those that came before it was enough.
    Streamed,
    Over(u16, String),
}

/// A broken promise, and how it came to that.
pub(super) struct Broken {
    pub what: String,
    pub steps: usize,
    pub transcript: String,
}

impl Broken {
    /// What it is about, whatever the values are.
    pub fn kind(&self) -> &str {
        self.what.split(':').next().unwrap_or_default()
    }
}

type Checked<T = ()> = Result<T, String>;

impl<'w, P: Protocol> Stroll<'w, P> {
    pub fn begin(kit: Kit<P>, schema: &'w Schema, hooks: &'w Hooks, seed: u64, clients: usize) -> Self {
        Self {
            kit,
            schema,
            hooks,
            seed,
            judge: Judge::default(),
            patterns: Patterns::new(),
            walkers: (0..clients).map(|_| None).collect(),
            gone: Vec::new(),
            known: BTreeSet::new(),
            walked: Walked { seed, ..Walked::default() },
        }
    }

    /// One step; it depends on its number, and on what the others left.
    pub async fn step(&mut self, number: u64) -> Checked {
        let mut chance = Chance::part(self.seed, number);
        let index = chance.below(self.walkers.len());
        let mut walker = match self.walkers[index].take() {
            Some(walker) => walker,
            None => self.arrive(index, &mut chance).await?,
        };
        let outcome = self.go(&mut walker, &mut chance).await;
        let outcome = match outcome {
            Ok(true) => {
                self.walkers[index] = Some(walker);
                Ok(())
            }
            Ok(false) => {
                self.gone.push(walker.client);
                Ok(())
            }
            Err(broken) => {
                self.walkers[index] = Some(walker);
                Err(broken)
            }
        };
        outcome?;
        self.listen_to_all().await
    }

    /// Nothing is on its way any more.
    pub async fn end(&mut self) -> Checked {
        self.kit.settle().await;
        self.listen_to_all().await
    }

    pub fn broken(&self, what: String, steps: usize) -> Broken {
        let clients = self.gone.iter().chain(self.walkers.iter().flatten().map(|walker| &walker.client));
        Broken { what, steps, transcript: merged(clients.map(Client::lines)) }
    }

    pub fn walked(&self) -> Walked {
        Walked { never: others(self.schema, &self.known), ..self.walked.clone() }
    }

    async fn arrive(&mut self, index: usize, chance: &mut Chance) -> Checked<Walker> {
        let since = Instant::now();
        let client = self.kit.connect().named(format!("client {index}")).await;
        let connection = self.kit.switchboard().hub().newest();
        let places = Places::new(self.schema, since, Instant::now());
        let (answered, came) = (HashSet::new(), VecDeque::new());
        let mut walker = Walker { client, connection, places, answered, came, next_id: 1 };
        let begin = self.hooks.begin.as_ref().map_or_else(Vec::new, |begin| begin(chance, index));
        for (name, payload) in begin {
            let found = self.schema.messages.iter().position(|message| message.name == name);
            let Some(message) = found else { return Err(format!("there is no message `{name}` to begin with")) };
            self.say_right(&mut walker, message, payload, chance).await?;
        }
        Ok(walker)
    }

    /// What a client does; whether it is still there.
    async fn go(&mut self, walker: &mut Walker, chance: &mut Chance) -> Checked<bool> {
        if let Some(wait) = walker.places.unsure(Instant::now()) {
            self.kit.advance(wait).await;
        }
        if walker.places.expire(self.schema, Instant::now()) {
            return self.expect_end(walker).await;
        }
        self.listen(walker).await?;
        if let Some(over) = walker.over() {
            return self.judge_end(over);
        }
        match chance.below(40) {
            0 => {
                let time = *chance.pick(&[10, 500, 3_000, 40_000]);
                self.kit.advance(Duration::from_millis(time)).await;
                Ok(true)
            }
            1..=2 => self.say_nonsense(walker, chance).await,
            3..=6 => self.say_at_the_wrong_time(walker, chance).await,
            7..=17 => self.say_nearly_right(walker, chance).await,
            _ => {
                let Some(message) = self.choose(walker, chance, |standing| standing == Standing::Allowed) else {
                    return Ok(true);
                };
                match self.invent(message, chance) {
                    Some(payload) => self.say_right(walker, message, payload, chance).await,
                    None => Ok(true),
                }
            }
        }
    }

    /// A message that is right in every way.
    async fn say_right(
        &mut self,
        walker: &mut Walker,
        number: usize,
        payload: Value,
        chance: &mut Chance,
    ) -> Checked<bool> {
        let message = &self.schema.messages[number];
        let since = Instant::now();
        let mut outcome = self.exchange(walker, message, &payload.to_string()).await?;
        if let Outcome::Refused(error) = &outcome
            && error["code"] == "rate_limited"
            && (message.rate.is_some() || message.concurrent.is_some())
        {
            self.kit.advance(Duration::from_millis(error["retry_after_ms"].as_u64().unwrap_or(0) + 1)).await;
            if walker.places.unsure(Instant::now()).is_some()
                || walker.places.clone().expire(self.schema, Instant::now())
            {
                return Ok(true);
            }
            outcome = self.exchange(walker, message, &payload.to_string()).await?;
        }
        let name = &message.name;
        match outcome {
            Outcome::Answered(value) => self.judge_answer(message, &value)?,
            Outcome::Refused(error) => {
                self.judge_refusal(message, &error, &payload)?;
                self.walked.declined += 1;
                return Ok(true);
            }
            Outcome::Silent | Outcome::Streamed => {}
            Outcome::Over(code, reason) => {
                // The application may close, or the flow may have led to its end.
                return self.judge_end((code, format!("{reason}, in answer to `{name}`")));
            }
        }
        let _ = chance;
        self.known.insert(name.clone());
        self.walked.answered += 1;
        if walker.places.succeed(self.schema, number, since, Instant::now()) {
            return self.expect_end(walker).await;
        }
        Ok(true)
    }

    /// A message with one thing wrong in its payload.
    async fn say_nearly_right(&mut self, walker: &mut Walker, chance: &mut Chance) -> Checked<bool> {
        let Some(number) = self.choose(walker, chance, |standing| standing == Standing::Allowed) else {
            return Ok(true);
        };
        let message = &self.schema.messages[number];
        let Some(payload) = self.invent(number, chance) else { return Ok(true) };
        let Some(spoilt) = spoil(self.schema, &message.payload, message.open, &payload, chance) else {
            return Ok(true);
        };
        let mut outcome = self.exchange(walker, message, &spoilt.text).await?;
        if let Outcome::Refused(error) = &outcome
            && error["code"] == "rate_limited"
        {
            self.kit.advance(Duration::from_millis(error["retry_after_ms"].as_u64().unwrap_or(0) + 1)).await;
            if walker.places.unsure(Instant::now()).is_some()
                || walker.places.clone().expire(self.schema, Instant::now())
            {
                return Ok(true);
            }
            outcome = self.exchange(walker, message, &spoilt.text).await?;
        }
        let (name, how, at) = (&message.name, spoilt.how, &spoilt.at);
        let Outcome::Refused(error) = outcome else {
            return Err(format!("`{name}` was taken with {how} at `{at}`: {}", spoilt.text));
        };
        let is_there = |violation: &Value| violation["at"].as_str() == Some(at);
        let found = error["violations"].as_array().is_some_and(|all| all.iter().any(is_there));
        let may_be = error["code"] == "too_large" || error.get("omitted").is_some();
        let is_it = error["code"] == "invalid_payload" && found;
        if !may_be && !is_it {
            return Err(format!(
                "`{name}` with {how} was refused otherwise than for `{at}`: {error}, for {}",
                spoilt.text
            ));
        }
        self.walked.refused += 1;
        Ok(true)
    }

    /// A message that is right, but not here.
    async fn say_at_the_wrong_time(&mut self, walker: &mut Walker, chance: &mut Chance) -> Checked<bool> {
        let Some(number) = self.choose(walker, chance, |standing| standing != Standing::Allowed) else {
            return Ok(true);
        };
        let Some(payload) = self.invent(number, chance) else { return Ok(true) };
        let message = &self.schema.messages[number];
        let standing = walker.places.standing(self.schema, number, &self.roles(walker));
        let outcome = self.exchange(walker, message, &payload.to_string()).await?;
        let (name, refusal) = match outcome {
            Outcome::Refused(error) => (&message.name, error),
            _ => return Err(format!("`{}` was taken, and its standing is {standing:?}: {payload}", message.name)),
        };
        let fits = match standing {
            Standing::NotNow { flow, state } => {
                refusal["code"] == "not_now" && refusal["flow"] == flow && refusal["state"] == state
            }
            Standing::NotAllowed => refusal["code"] == "not_allowed",
            Standing::Allowed => true,
        };
        if !fits && refusal["code"] != "too_large" {
            return Err(format!("`{name}` was refused otherwise than as {standing:?}: {refusal}"));
        }
        self.walked.refused += 1;
        Ok(true)
    }

    /// Something that is no message of this protocol.
    async fn say_nonsense(&mut self, walker: &mut Walker, chance: &mut Chance) -> Checked<bool> {
        let id = walker.id();
        let name = &chance.pick(&self.schema.messages).name;
        let (text, codes): (String, &[&str]) = match chance.below(6) {
            0 => (format!(r#"{{"name":"{name}x","id":{id},"payload":{{}}}}"#), &["unknown_message"]),
            1 => (format!(r#"{{"name":"{name}","id":{id},"payload":{{}}"#), &["malformed"]),
            2 => (
                format!(r#"{{"name":"{name}","id":{id},"id":{id},"payload":{{}}}}"#),
                &["malformed", "invalid_payload"],
            ),
            3 => ("[]".to_owned(), &["malformed"]),
            4 => (format!(r#"{{"id":{id},"payload":{{}}}}"#), &["malformed"]),
            _ => (format!(r#"{{"name":7,"id":{id}}}"#), &["malformed"]),
        };
        walker.client.send_text(&text).await;
        let outcome = self.wait(walker, id, None, Duration::from_secs(60)).await?;
        match outcome {
            Outcome::Refused(error) if codes.iter().any(|code| error["code"] == *code) => {
                self.walked.refused += 1;
                Ok(true)
            }
            Outcome::Refused(error) => Err(format!("nonsense was not refused as {codes:?}: {error}, for {text}")),
            Outcome::Over(code, reason) => {
                Err(format!("nonsense has closed the connection: {code} {reason}, for {text}"))
            }
            _ => Err(format!("nonsense was answered: {text}")),
        }
    }

    /// A message whose standing is one of these.
    fn choose(&self, walker: &Walker, chance: &mut Chance, wanted: impl Fn(Standing<'_>) -> bool) -> Option<usize> {
        let roles = self.roles(walker);
        let fits = |number: &usize| wanted(walker.places.standing(self.schema, *number, &roles));
        let all = (0..self.schema.messages.len()).filter(fits).collect::<Vec<_>>();
        if all.is_empty() { None } else { Some(*chance.pick(&all)) }
    }

    fn roles(&self, walker: &Walker) -> Vec<String> {
        let bits = self.kit.switchboard().hub().roles_of(walker.connection);
        let has = |role: &&P::Role| bits & 1 << role.index() != 0;
        let wire = |role: &P::Role| self.schema.roles.get(usize::from(role.index())).map(|role| role.name.clone());
        P::Role::all().iter().filter(has).filter_map(wire).collect()
    }

    fn invent(&mut self, number: usize, chance: &mut Chance) -> Option<Value> {
        let message = &self.schema.messages[number];
        let mut inventor =
            Inventor { schema: self.schema, judge: &mut self.judge, chance, patterns: &mut self.patterns };
        let mut payload = inventor.payload(&message.payload, message.open)?;
        self.hooks.with.iter().for_each(|with| with(chance, &message.name, &mut payload));
        let size = payload.to_string().len() + message.name.len() + 60;
        let most = message.limit.map_or(SIZE, |limit| usize::try_from(limit).unwrap_or(SIZE));
        (size <= most).then_some(payload)
    }

    /// Sends a message and waits until it is known what became of it.
    async fn exchange(&mut self, walker: &mut Walker, message: &Message, payload: &str) -> Checked<Outcome> {
        let id = walker.id();
        let name = json!(message.name);
        walker.client.send_text(&format!(r#"{{"name":{name},"id":{id},"payload":{payload}}}"#)).await;
        let patience = Duration::from_millis(message.deadline_ms.unwrap_or(0)).max(self.kit.door.handler_limit());
        let patience = patience + Duration::from_secs(1);
        if message.reply.is_some() || message.stream.is_some() {
            return self.wait(walker, id, message.stream.as_ref(), patience).await;
        }
        // Who hears nothing cannot know that all is well; the refusal of nonsense comes when it is.
        let probe = walker.id();
        walker.client.send_text(&format!(r#"{{"name":"?","id":{probe}}}"#)).await;
        match self.wait_for(walker, &[id, probe], None, patience).await? {
            (came, outcome) if came == id => {
                self.wait(walker, probe, None, patience).await?;
                Ok(outcome)
            }
            (_, over @ Outcome::Over(..)) => Ok(over),
            _ => Ok(Outcome::Silent),
        }
    }

    async fn wait(
        &mut self,
        walker: &mut Walker,
        id: u64,
        stream: Option<&Type>,
        patience: Duration,
    ) -> Checked<Outcome> {
        self.wait_for(walker, &[id], stream, patience).await.map(|(_, outcome)| outcome)
    }

    /// Waits for the answer to one of these, or to something without an id.
    async fn wait_for(
        &mut self,
        walker: &mut Walker,
        ids: &[u64],
        stream: Option<&Type>,
        patience: Duration,
    ) -> Checked<(u64, Outcome)> {
        let until = Instant::now() + patience;
        let mut cancelled = false;
        loop {
            self.kit.settle().await;
            self.listen(walker).await?;
            while let Some(came) = walker.came.pop_front() {
                let outcome = match came {
                    Came::Answer(id, value) if ids.contains(&id) => (id, Outcome::Answered(value)),
                    Came::Refusal(Some(id), error) if ids.contains(&id) => {
                        let by_us = cancelled && error["code"] == "cancelled";
                        (id, if by_us { Outcome::Streamed } else { Outcome::Refused(error) })
                    }
                    Came::Refusal(None, error) => (ids[0], Outcome::Refused(error)),
                    Came::Done(id) if ids.contains(&id) && stream.is_some() => (id, Outcome::Streamed),
                    Came::Item(id, item) if ids.contains(&id) && stream.is_some() => {
                        self.judge_item(stream, &item)?;
                        continue;
                    }
                    Came::Closed(code, reason) => (ids[0], Outcome::Over(code, reason)),
                    Came::Lost => return Err("the connection was lost".to_owned()),
                    Came::Answer(id, _) | Came::Item(id, _) | Came::Done(id) | Came::Refusal(Some(id), _) => {
                        return Err(format!("an answer to something else: {id} instead of {ids:?}"));
                    }
                };
                walker.answered.insert(outcome.0);
                return Ok(outcome);
            }
            if stream.is_some() && !cancelled {
                // It may have no end of its own.
                cancelled = true;
                walker.client.send_text(&format!(r#"{{"cancel":{}}}"#, ids[0])).await;
                continue;
            }
            if Instant::now() >= until {
                return Err(format!("never answered: {ids:?}"));
            }
            // It takes its time: from a moment up to all there is.
            let step = until.saturating_duration_since(Instant::now()).min(Duration::from_millis(250));
            self.kit.advance(step.max(Duration::from_millis(1))).await;
        }
    }

    async fn listen_to_all(&mut self) -> Checked {
        let mut walkers = std::mem::take(&mut self.walkers);
        let mut outcome = Ok(());
        for place in &mut walkers {
            let Some(walker) = place else { continue };
            outcome = outcome.and(self.listen(walker).await);
            if let Some(Came::Answer(id, _) | Came::Item(id, _) | Came::Done(id) | Came::Refusal(Some(id), _)) =
                walker.came.front()
            {
                outcome = outcome.and(Err(format!("answered twice, or never asked: {id}")));
            }
        }
        self.walkers = walkers;
        outcome
    }

    /// Takes what a client has heard; events are judged at once.
    async fn listen(&mut self, walker: &mut Walker) -> Checked {
        for received in walker.client.arrived() {
            let came = match received {
                Received::Event(event) => {
                    self.judge_event(&event.name, &event.payload)?;
                    continue;
                }
                Received::Answer(answer) => {
                    let id = answer.envelope()["re"].as_u64();
                    if let Some(id) = id.filter(|id| walker.answered.contains(id)) {
                        return Err(format!("answered twice: {id}, the second time with {answer}"));
                    }
                    match (answer.result(), id) {
                        (Ok(value), Some(id)) => Came::Answer(id, value.clone()),
                        (Ok(_), None) => return Err(format!("an answer to nothing: {answer}")),
                        (Err(error), id) => Came::Refusal(id, error.clone()),
                    }
                }
                Received::Binary(bytes) => {
                    let tag = bytes.first().copied();
                    let is_known = self.schema.events.iter().any(|event| event.binary == tag && tag.is_some());
                    let is_relayed = self.schema.messages.iter().any(|message| message.binary == tag && tag.is_some());
                    if !is_known && !is_relayed {
                        return Err(format!("a binary event that there is none of: {tag:?}"));
                    }
                    self.walked.events += 1;
                    continue;
                }
                Received::Other(value) => match self.other(walker, &value).await? {
                    Some(came) => came,
                    None => continue,
                },
                Received::Closed { code, reason } => Came::Closed(code, reason),
                Received::Lost => Came::Lost,
            };
            walker.came.push_back(came);
        }
        Ok(())
    }

    /// Items of streams, and what the server asks.
    async fn other(&mut self, walker: &mut Walker, value: &Value) -> Checked<Option<Came>> {
        if let Some(id) = value["re"].as_u64() {
            return match (value.get("item"), &value["done"]) {
                (Some(item), _) => Ok(Some(Came::Item(id, item.clone()))),
                (None, Value::Bool(true)) => Ok(Some(Came::Done(id))),
                _ => Err(format!("an answer of no kind: {value}")),
            };
        }
        let (Some(number), Some(name)) = (value["ask"].as_u64(), value["name"].as_str()) else { return Ok(None) };
        let Some(ask) = self.schema.ask(name) else {
            return Err(format!("asked something that there is not: {value}"));
        };
        let faults = self.judge.payload(self.schema, &ask.payload, true, &value["payload"]);
        if let Some((at, why)) = faults.first() {
            return Err(format!("asked with a bad payload: {why} at `{at}` of {value}"));
        }
        let mut chance = Chance::part(self.seed, number);
        let mut inventor =
            Inventor { schema: self.schema, judge: &mut self.judge, chance: &mut chance, patterns: &mut self.patterns };
        let answer = ask.reply.ty.as_ref().map_or(Some(json!({})), |ty| inventor.of_type(ty));
        if let Some(answer) = answer {
            walker.client.send_text(&json!({"re": number, "payload": answer}).to_string()).await;
        }
        Ok(None)
    }

    fn judge_event(&mut self, name: &str, payload: &Value) -> Checked {
        self.walked.events += 1;
        // Presence and states of topics' flows.
        if name.contains('#') {
            return Ok(());
        }
        let relayed = || self.schema.messages.iter().find(|message| message.name == name && !message.relays.is_empty());
        let carried = match (self.schema.event(name), relayed()) {
            (Some(event), _) => &event.payload,
            (None, Some(message)) => &message.payload,
            (None, None) => return Err(format!("an event that there is not: `{name}`")),
        };
        match self.judge.payload(self.schema, carried, true, payload).first() {
            None => Ok(()),
            Some((at, why)) => Err(format!("an event that is not as declared: `{name}`, {why} at `{at}` of {payload}")),
        }
    }

    fn judge_answer(&mut self, message: &Message, value: &Value) -> Checked {
        let name = &message.name;
        let Some(reply) = &message.reply else { return Err(format!("answered without a declared answer: `{name}`")) };
        let mut faults = Faults::new();
        match &reply.ty {
            Some(ty) => self.judge.value(self.schema, ty, value, "", &mut faults),
            None if *value == json!({}) => {}
            None => faults.push((String::new(), "something")),
        }
        match faults.first() {
            None => Ok(()),
            Some((at, why)) => Err(format!("an answer that is not as declared: `{name}`, {why} at `{at}` of {value}")),
        }
    }

    fn judge_item(&mut self, ty: Option<&Type>, item: &Value) -> Checked {
        let mut faults = Faults::new();
        ty.into_iter().for_each(|ty| self.judge.value(self.schema, ty, item, "", &mut faults));
        match faults.first() {
            None => Ok(()),
            Some((at, why)) => Err(format!("an item that is not as declared: {why} at `{at}` of {item}")),
        }
    }

    /// Whether something that is right may be refused so.
    fn judge_refusal(&mut self, message: &Message, error: &Value, payload: &Value) -> Checked {
        let name = &message.name;
        let number = self.schema.messages.iter().position(|other| other.name == *name);
        let of_topic = |flow: &&switchboard_core::schema::Flow| {
            flow.on.is_some() && number.is_some_and(|number| flow.covers.contains(&number))
        };
        let in_topic_flow = self.schema.flows.iter().any(|flow| of_topic(&flow));
        let authorized = message.joins.iter().any(|join| self.schema.topics[join.topic].authorize);
        let fits = match error["code"].as_str().unwrap_or_default() {
            "refused" if error["kind"] == "too_many_topics" => !message.joins.is_empty(),
            "refused" => message.error.is_some_and(|to| self.is_error(to, error)),
            "rate_limited" => message.concurrent.is_some(),
            // Chance has taken a key again, with something else.
            "invalid_payload" => message.idempotent.is_some() && is_about_keys(error),
            "timeout" => message.deadline_ms.is_some(),
            "not_allowed" => in_topic_flow || authorized,
            "not_now" => in_topic_flow,
            "internal" => return Err(format!("a handler failed: `{name}`, with {payload}")),
            _ => false,
        };
        if fits { Ok(()) } else { Err(format!("refused although it is right: `{name}`, with {error}, for {payload}")) }
    }

    fn is_error(&mut self, to: usize, error: &Value) -> bool {
        let ty = Type { shape: Shape::Ref { to }, limits: Limits::default(), nullable: false };
        let mut value = error.clone();
        if let Value::Object(members) = &mut value {
            members.remove("code");
        }
        let mut faults = Faults::new();
        self.judge.value(self.schema, &ty, &value, "", &mut faults);
        faults.is_empty()
    }

    /// The connection is to be closed now.
    async fn expect_end(&mut self, walker: &mut Walker) -> Checked<bool> {
        self.kit.advance(Duration::from_millis(20)).await;
        self.listen(walker).await?;
        match walker.over() {
            Some(over) => self.judge_end(over),
            None => Err("a flow has come to its end and the connection lives".to_owned()),
        }
    }

    /// Whether a connection may be closed so; it is gone then.
    fn judge_end(&self, (code, reason): (u16, String)) -> Checked<bool> {
        match code {
            1_000 | 4_002 | 3_000..=3_999 | 4_100..=4_999 => Ok(false),
            _ => Err(format!("the connection was closed: {code} {reason}")),
        }
    }
}

/// Whether nothing is wrong but a key that came before.
fn is_about_keys(error: &Value) -> bool {
    error["violations"].as_array().is_some_and(|all| all.iter().all(|violation| violation["rule"] == "idempotent"))
}

impl Walker {
    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn over(&self) -> Option<(u16, String)> {
        self.came.iter().find_map(|came| match came {
            Came::Closed(code, reason) => Some((*code, reason.clone())),
            Came::Lost => Some((1_006, "without a word".to_owned())),
            _ => None,
        })
    }
}

/// Payloads beyond this are not sent.
const SIZE: usize = 60_000;
