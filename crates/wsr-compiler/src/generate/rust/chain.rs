//! Chains: the stages of a message, one function a message.

use std::collections::BTreeSet;

use super::context::{Context, Scope, fresh};
use super::encode::encode_impl;
use super::handlers::{authorize_name, is_addressed, streamed, tuple};
use super::limits::Place;
use super::literal;
use crate::generate::casing::{field_name, identifier};
use crate::generate::writer::{Writer, indented};
use crate::model::{Handler, Handling, MessageId, Outcome, Overflow, Path, Payload, Reply, Target, TopicRef, Type};

/// A handling with the names its results have.
struct Step<'m> {
    handling: &'m Handling,
    /// The variable with what came of it.
    variable: String,
    /// The variables of what it passes on.
    passed: Vec<String>,
}

impl Step<'_> {
    /// What is kept of what it returned: what the answer is made of, and what is passed on. All else is delivered.
    fn kept(&self) -> Vec<String> {
        let mut passed = self.passed.iter();
        let kept = self.handling.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Reply(reply) if reply.ty.is_some() => Some("value".to_owned()),
            Outcome::Pass(_) => passed.next().cloned(),
            _ => None,
        });
        kept.collect()
    }
}

/// What becomes of what a handler returned.
#[derive(Default)]
struct Parts {
    memberships: Vec<String>,
    events: Vec<String>,
    /// The names of what it returned.
    pattern: Vec<String>,
    /// References to what may break its limits.
    checks: Vec<String>,
    /// Whether an event waits for its receivers.
    waits: bool,
}

/// An audience as an expression, behind the statement that makes its topic, if it has one.
struct Audience {
    topic: String,
    audience: String,
}

impl<'m> Context<'m> {
    /// Whether a message is passed on as it came.
    pub fn is_relayed(&self, id: MessageId) -> bool {
        let mut handlings = self.model.messages[id].chain.iter().flatten();
        handlings.any(|handling| matches!(handling.handler, Handler::Relay(_)))
    }

    /// The function of `Wired` that runs a message's chain.
    pub fn chain(&self, w: &mut Writer, scope: Scope, id: MessageId) {
        let message = &self.model.messages[id];
        let name = super::protocol::function_name(&self.variants[id]);
        let taken = self.message_path(scope, id);
        let wire = literal::string(&message.wire);
        w.blank();
        w.line(format!("async fn run_{name}( {}", self.mark(&message.wire, message.origin.place())));
        w.lines(["    &self,", "    cx: &Cx,"]);
        w.line(format!("    message: &{taken},"));
        w.line("    turn: &rt::Turn,");
        w.closed_block(") -> §Result<(), rt::Rejection> {", "}", |w| {
            let mut given = BTreeSet::new();
            let chain: Vec<Vec<Step<'m>>> = message
                .chain
                .iter()
                .map(|stage| self.steps(id, stage, &mut given))
                .filter(|stage: &Vec<Step<'m>>| !stage.is_empty())
                .collect();
            if !chain.is_empty() {
                w.line("let app = &*self.app;");
                w.line(format!("let failed = |failure| cx.reject(failure, {wire});"));
            }
            let mut passed: Vec<String> = Vec::new();
            for stage in &chain {
                self.stage(w, scope, id, stage, &passed);
                // Relays take no part: what is passed on goes past them.
                if stage.iter().any(|step| !matches!(step.handling.handler, Handler::Relay(_))) {
                    passed = stage.iter().flat_map(|step| step.passed.iter().cloned()).collect();
                }
            }
            if let Some(reply) = message.reply() {
                self.answer(w, scope, reply);
            }
            if message.stream().is_some() {
                w.blank();
                w.line("cx.done(turn);");
            }
            w.line("§Ok(())");
        });
    }

    fn steps(&self, id: MessageId, stage: &'m [Handling], given: &mut BTreeSet<String>) -> Vec<Step<'m>> {
        let step = |handling: &'m Handling| {
            let name = match &handling.handler {
                Handler::Relay(_) => "relayed".to_owned(),
                handler => self.method(id, handler)?.1.trim_start_matches("r#").to_owned(),
            };
            let variable = fresh(&name, given);
            let passed = handling.passes().map(|_| fresh("passed", given)).collect();
            Some(Step { handling, variable, passed })
        };
        stage.iter().filter_map(step).collect()
    }

    /// Handlers run side by side to their end; what they return is delivered in the order written;
    /// then the first that failed ends the chain.
    fn stage(&self, w: &mut Writer, scope: Scope, id: MessageId, stage: &[Step<'m>], passed: &[String]) {
        w.blank();
        if let Some(item) = stage.iter().find_map(|step| streamed(step.handling)) {
            self.stream_items(w, scope, item);
        }
        let calls: Vec<(&Step<'m>, String)> =
            stage.iter().filter_map(|step| Some((step, self.call(scope, id, step, passed)?))).collect();
        match &calls[..] {
            [] => {}
            [(step, call)] => w.line(format!("let {} = {call}.await;", step.variable)),
            several => {
                let variables: Vec<&str> = several.iter().map(|(step, _)| step.variable.as_str()).collect();
                w.closed_block(&format!("let ({}) = rt::join!(", variables.join(", ")), ");", |w| {
                    several.iter().for_each(|(_, call)| w.line(format!("{call},")));
                });
            }
        }
        for step in stage {
            let name = &step.variable;
            let result = match &step.handling.handler {
                Handler::Relay(target) => {
                    w.closed_block(&format!("let {name} = {{"), "};", |w| self.relay(w, scope, id, target));
                    name.clone()
                }
                _ => self.delivered(scope, step),
            };
            match stage.len() {
                _ if step.handling.lenient => {
                    w.line(format!("cx.forgive(turn, turn.mark(), {result}, {id}, {});", self.label(id, step)))
                }
                1 => w.line(statement(&kept(step), &format!("{result}.map_err(failed)?"))),
                _ => w.line(statement(&format!("let {name} = "), &format!("{result}.map_err(failed)"))),
            }
        }
        if stage.len() > 1 {
            let decisive = stage.iter().filter(|step| !step.handling.lenient);
            w.lines(decisive.map(|step| format!("{}{}?;", kept(step), step.variable)));
        }
        if self.is_kept(stage) {
            w.line("cx.kept(turn).await.map_err(failed)?;");
        }
    }

    /// Whether something of a stage has to do with what is kept: then the chain waits for the store.
    fn is_kept(&self, stage: &[Step<'m>]) -> bool {
        let has_history = |topic: &TopicRef| self.model.topics[topic.topic].history.is_some();
        let is_kept = |target: &Target| match target {
            Target::Topic(topic) | Target::OthersInTopic(topic) => has_history(topic),
            _ => false,
        };
        let waits = |outcome: &Outcome| match outcome {
            Outcome::Join(topic) => has_history(topic),
            Outcome::Deliver { event, target, .. } => {
                target.as_ref().or(self.model.events[*event].target.as_ref()).is_some_and(is_kept)
            }
            _ => false,
        };
        // Where mailboxes are kept, any handler may sign somebody in.
        self.model.mailbox_history.is_some()
            || stage.iter().any(|step| match &step.handling.handler {
                Handler::Relay(target) => is_kept(target),
                _ => step.handling.outcomes.iter().any(waits),
            })
    }

    /// The name of a handler in logs, as a text.
    fn label(&self, id: MessageId, step: &Step<'m>) -> String {
        let label = self
            .method(id, &step.handling.handler)
            .map(|(namespace, method)| format!("{}::{method}", self.module_path(namespace)).replace("r#", ""));
        literal::string(&label.unwrap_or_default())
    }

    fn call(&self, scope: Scope, id: MessageId, step: &Step<'m>, passed: &[String]) -> Option<String> {
        let handler = &step.handling.handler;
        let (namespace, method) = self.method(id, handler)?;
        let traits = self.handlers_path(scope, namespace);
        let (argument, further) = match handler {
            Handler::Any(_) => {
                (format!("{}::{}(message)", self.root_item(scope, "AnyMessage"), self.variants[id]), String::new())
            }
            _ => ("message".to_owned(), passed.iter().map(|passed| format!(", &{passed}")).collect()),
        };
        let label = self.label(id, step);
        let items = streamed(step.handling).map_or("", |_| ", &items");
        let call = format!("{traits}::{method}(app, cx, {argument}{further}{items})");
        let line = format!("rt::guarded({label}, {call})");
        let wrapped = format!("rt::guarded(\n    {label},\n    {call},\n)");
        Some(if line.len() > 70 { wrapped } else { line })
    }

    /// Where the handler of a stream sends its items.
    fn stream_items(&self, w: &mut Writer, scope: Scope, item: &'m Type) {
        let place = Place::reference_to("item");
        let checks = self.check(scope, item, &place, "at");
        w.closed_block(&format!("let items = cx.items::<{}>(", self.rust_type(scope, item)), ");", |w| {
            w.line("turn,");
            w.closed_block("|item, out| {", "},", |w| w.line(self.encode(scope, item, &place)));
            match checks.is_empty() {
                true => w.line("|_, _, _| {},"),
                false => w.closed_block("|item, report, at| {", "},", |w| w.lines(&checks)),
            }
        });
    }

    /// A handler's result once its memberships and events are done; the answer's value is what is left.
    ///
    /// Everything it returned is checked before the first of it goes out.
    fn delivered(&self, scope: Scope, step: &Step<'m>) -> String {
        let mut parts = Parts::default();
        let mut given: BTreeSet<String> = step.passed.iter().cloned().collect();
        let mut passed = step.passed.iter();
        for outcome in &step.handling.outcomes {
            match outcome {
                Outcome::Pass(_) => parts.pattern.extend(passed.next().cloned()),
                outcome => self.deliver_outcome(scope, outcome, &mut given, &mut parts),
            }
        }
        let Parts { memberships, events, pattern, checks, waits } = parts;
        let checked: Vec<String> = checks.iter().map(|value| format!("rt::checked({value})?;")).collect();
        if memberships.is_empty() && events.is_empty() && checked.is_empty() {
            return step.variable.clone();
        }
        let kept = tuple(&step.kept());
        let (variable, pattern) = (&step.variable, tuple(&pattern));
        if waits {
            let taken = vec![format!("let {pattern} = {variable}?;")];
            let kept = vec![format!("§Ok::<_, rt::Failure>({kept})")];
            let body = [taken, checked, memberships, events, kept].concat().join("\n");
            return format!("async {{\n{}\n}}.await", indented(&body));
        }
        let body = [checked, memberships, events, vec![format!("§Ok({kept})")]].concat().join("\n");
        format!("{variable}.and_then(|{pattern}| {{\n{}\n}})", indented(&body))
    }

    fn deliver_outcome(&self, scope: Scope, outcome: &'m Outcome, given: &mut BTreeSet<String>, parts: &mut Parts) {
        match outcome {
            Outcome::Silent | Outcome::Stream(_) | Outcome::Pass(_) => {}
            Outcome::Join(topic) if self.model.topics[topic.topic].authorize => {
                parts.waits = true;
                parts.memberships.push(self.join_if(scope, topic));
            }
            Outcome::Join(topic) => {
                parts.memberships.push(format!("cx.join(turn, &{})?;", self.topic_call(scope, topic, "message")));
            }
            Outcome::Leave(topic) => {
                parts.memberships.push(format!("cx.leave(turn, &{});", self.topic_call(scope, topic, "message")));
            }
            Outcome::Reply(reply) => {
                if let Some(ty) = &reply.ty {
                    parts.pattern.push("value".to_owned());
                    if self.needs_check(ty) {
                        let own = self.is_own(ty);
                        parts.checks.push(if own { "&value".to_owned() } else { "&Payload_(&value)".to_owned() });
                    }
                }
            }
            Outcome::Deliver { event, optional, target } => {
                let declared = &self.model.events[*event];
                let name = fresh(&field_name(&declared.name), given);
                let place = match (target.is_none(), &declared.payload) {
                    (true, Payload::Type(_)) => format!("{name}.0"),
                    (true, _) => name.clone(),
                    (false, _) => "message".to_owned(),
                };
                let target = target.as_ref().or(declared.target.as_ref());
                let waits = declared.overflow == Some(Overflow::Wait);
                parts.waits |= waits;
                parts.events.push(self.delivery(scope, &name, *optional, target, &place, waits));
                if self.payload_needs_check(&declared.payload) {
                    parts.checks.push(match (is_addressed(target), *optional) {
                        (false, _) => format!("&{name}"),
                        (true, false) => format!("&{name}.1"),
                        (true, true) => format!("&{name}.as_ref().map(|(_, event)| event)"),
                    });
                }
                parts.pattern.push(name);
            }
        }
    }

    /// The statements that join a topic with `@authorize`.
    fn join_if(&self, scope: Scope, topic: &TopicRef) -> String {
        let declared = &self.model.topics[topic.topic];
        let (namespace, method) = (declared.namespace, authorize_name(declared));
        let label = literal::string(&format!("{}::{method}", self.module_path(namespace)).replace("r#", ""));
        let places: String = self.places(topic, "message").iter().map(|place| format!(", {place}")).collect();
        let asked = format!("{}::{method}(app, cx{places})", self.handlers_path(scope, namespace));
        [
            format!("let topic = {};", self.topic_call(scope, topic, "message")),
            format!("let allowed = rt::guarded({label}, {asked});"),
            "cx.join_if(turn, &topic, allowed).await?;".to_owned(),
        ]
        .join("\n")
    }

    fn payload_needs_check(&self, payload: &Payload) -> bool {
        match payload {
            Payload::None => false,
            Payload::Fields(fields) => fields.iter().any(|field| self.needs_check(&field.ty)),
            Payload::Type(ty) => self.needs_check(ty),
        }
    }

    /// The statement that delivers one event.
    fn delivery(
        &self,
        scope: Scope,
        name: &str,
        optional: bool,
        target: Option<&Target>,
        place: &str,
        waits: bool,
    ) -> String {
        let Some(target) = target else { return String::new() };
        let (waiting, done) = if waits { ("_waiting", ".await?") } else { ("", "?") };
        let (pattern, statement) = if is_addressed(Some(target)) {
            (format!("(to, {name})"), format!("cx.deliver_each{waiting}(turn, &to, &{name}){done};"))
        } else {
            let Audience { topic, audience } = self.audience(scope, target, place);
            (name.to_owned(), format!("{topic}cx.deliver{waiting}(turn, {audience}, &{name}){done};"))
        };
        match optional {
            true => format!("if let §Some({pattern}) = {name} {{\n{}\n}}", indented(&statement)),
            false if is_addressed(Some(target)) => format!("let {pattern} = {name};\n{statement}"),
            false => statement,
        }
    }

    fn audience(&self, scope: Scope, target: &Target, place: &str) -> Audience {
        let topic = |topic: &TopicRef| format!("let topic = {};\n", self.topic_call(scope, topic, place));
        let (topic, audience) = match target {
            Target::All => (String::new(), "All".to_owned()),
            Target::Others => (String::new(), "Others".to_owned()),
            Target::Mailbox(path) => (String::new(), format!("Mailbox(&{})", field(place, path))),
            Target::Mailboxes => (String::new(), "Others".to_owned()),
            Target::Topic(place) => (topic(place), "Topic(topic.address())".to_owned()),
            Target::OthersInTopic(place) => (topic(place), "OthersInTopic(topic.address())".to_owned()),
            Target::Roles(roles) => (String::new(), format!("Roles({})", mask(roles))),
            Target::OthersInRoles(roles) => (String::new(), format!("OthersInRoles({})", mask(roles))),
        };
        Audience { topic, audience: format!("rt::Audience::{audience}") }
    }

    pub fn topic_call(&self, scope: Scope, topic: &TopicRef, place: &str) -> String {
        format!("{}({})", self.topic_path(scope, topic.topic), self.places(topic, place).join(", "))
    }

    fn places(&self, topic: &TopicRef, place: &str) -> Vec<String> {
        topic.places.iter().map(|path| format!("&{}", field(place, path))).collect()
    }

    /// The body of a block that passes the message on.
    fn relay(&self, w: &mut Writer, scope: Scope, id: MessageId, target: &Target) {
        let message = &self.model.messages[id];
        let Audience { topic, audience } = self.audience(scope, target, "message");
        if let Some(tag) = message.binary {
            self.relayed_frame(w, scope, id, tag);
            return w.line(format!("{topic}cx.deliver(turn, {audience}, &Relayed_(message))"));
        }
        w.line(format!("const INFO: &'static rt::EventInfo = {};", self.relayed_info(scope, id)));
        w.line(format!("const PREFIX: &[u8] = {};", literal::bytes(&self.frame_prefix(&message.wire))));
        let value = match &message.payload {
            Payload::Type(ty) => self.wrapped(w, scope, ty, "message"),
            _ => "message".to_owned(),
        };
        w.line(format!("{topic}cx.relay(turn, {audience}, INFO, PREFIX, {value})"));
    }

    /// A binary message as an event of its own.
    fn relayed_frame(&self, w: &mut Writer, scope: Scope, id: MessageId, tag: u8) {
        let taken = self.message_path(scope, id);
        w.line(format!("struct Relayed_<'a>(&'a {taken});"));
        super::check::check_impl(w, "Relayed_<'_>", true, |_| {});
        w.blank();
        w.block("impl rt::Event<Routes> for Relayed_<'_>", |w| {
            w.line(format!("const INFO: &'static rt::EventInfo = {};", self.relayed_info(scope, id)));
            w.blank();
            w.block("fn append_frame(&self, out: &mut §Vec<u8>)", |w| {
                self.binary_frame(w, tag, &self.model.messages[id].payload, "self.0");
            });
        });
    }

    fn answer(&self, w: &mut Writer, scope: Scope, reply: &'m Reply) {
        w.blank();
        match &reply.ty {
            None => w.line("cx.reply_ok(turn);"),
            Some(ty) => {
                let value = self.wrapped(w, scope, ty, "&value");
                w.line(format!("cx.reply(turn, {value}).map_err(failed)?;"));
            }
        }
    }

    /// Whether values of this type know themselves how they are encoded and checked.
    fn is_own(&self, ty: &Type) -> bool {
        self.own_type(ty).is_some() && ty.limits.is_empty() && !self.is_nullable(ty)
    }

    /// A reference to something that encodes and checks a value of this type: itself, or a struct around it.
    fn wrapped(&self, w: &mut Writer, scope: Scope, ty: &'m Type, reference: &str) -> String {
        if self.is_own(ty) {
            return reference.to_owned();
        }
        let place = Place::reference_to("self.0");
        w.line(format!("struct Payload_<'a>(&'a {});", self.rust_type(scope, ty)));
        encode_impl(w, "Payload_<'_>", |w| w.line(self.encode(scope, ty, &place)));
        let checks = self.check(scope, ty, &place, "at");
        super::check::check_impl(w, "Payload_<'_>", checks.is_empty(), |w| w.lines(&checks));
        w.blank();
        format!("&Payload_({reference})")
    }
}

/// What a statement begins with that keeps what the rest of the chain needs.
fn kept(step: &Step<'_>) -> String {
    match step.kept().as_slice() {
        [] => String::new(),
        kept => format!("let {} = ", tuple(kept)),
    }
}

/// A statement, its last call on a line of its own when it would be long.
fn statement(head: &str, value: &str) -> String {
    let last_line = value.rsplit('\n').next().unwrap_or_default().len();
    if last_line + head.len() <= 86 {
        return format!("{head}{value};");
    }
    format!("{head}{};", value.replace(".map_err(", "\n    .map_err("))
}

pub(super) fn field(place: &str, path: &Path) -> String {
    let names = path.iter().map(|name| identifier(&field_name(name)));
    std::iter::once(place.to_owned()).chain(names).collect::<Vec<_>>().join(".")
}

fn mask(roles: &[usize]) -> String {
    let mask = roles.iter().filter(|&&role| role < 64).fold(0_u64, |mask, &role| mask | 1 << role);
    format!("{mask:#b}")
}
