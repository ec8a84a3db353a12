//! The conversations of `tests/clients/transcripts`, word for word, over the generated client of their protocol.
//!
//! What is said in Rust has its defaults filled in, so payloads are compared as values of their types: the JSON of a
//! transcript is read by the generated code too.

/// As `wsr generate rust` has written it.
mod protocol {
    include!("protocol/client.rs");
}

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use switchboard_client::generated::{Decoded, Invalid, Message, Outgoing, Path, Protocol, Reader, Report};
use switchboard_client::machine::{Caller, Machine, Offline, Output, Problem, Resumed, Settings, State};
use switchboard_client::{Failure, Refusal};

use protocol::{Routes, Sends};

#[test]
fn every_conversation_comes_out_word_for_word() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/transcripts");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "transcript"));
    files.sort();
    assert!(files.len() >= 33, "there are {} transcripts", files.len());
    let failures: Vec<String> = files
        .iter()
        .filter_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            hold(&text).err().map(|why| format!("{}: {why}", path.file_name().unwrap().display()))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// One conversation.
struct Talk {
    machine: Machine<Routes, Kept>,
    /// The names of the application's messages by their numbers.
    names: HashMap<u64, String>,
    read: Read,
    /// The machine's numbers by the transcript's, and the other way round.
    numbers: HashMap<u64, u64>,
    back: HashMap<u64, u64>,
}

/// What was read last for each message, as Rust shows it.
type Read = Rc<RefCell<HashMap<u64, String>>>;
type Reads = fn(&mut Reader<'_>, &Path<'_>) -> Decoded<String>;

struct Kept {
    number: u64,
    read: Read,
    decode: Reads,
}

impl Caller for Kept {
    fn reply(&mut self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<()> {
        let text = (self.decode)(r, at)?;
        self.read.borrow_mut().insert(self.number, text);
        Ok(())
    }

    fn item(&mut self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<bool> {
        self.reply(r, at).map(|()| true)
    }
}

fn hold(text: &str) -> Result<(), String> {
    let settings = text.lines().find_map(|line| line.strip_prefix("= ")).map_or(Settings::default(), settings);
    let mut talk = Talk {
        machine: Machine::new(settings, || 0.5),
        names: HashMap::new(),
        read: Rc::default(),
        numbers: HashMap::new(),
        back: HashMap::new(),
    };
    let (mut said, mut input) = (Vec::<String>::new(), "");
    for (number, line) in text.lines().chain(["> time 0"]).enumerate() {
        let fail = |wanted: &str, got: &str| {
            Err(format!("line {}, after `{input}`\n   wanted {wanted}\n   got    {got}", number + 1))
        };
        if let Some(wanted) = line.strip_prefix("< ") {
            let wanted = talk.normal(wanted);
            if said.is_empty() {
                return fail(&wanted, "nothing");
            }
            let got = said.remove(0);
            if got != wanted {
                return fail(&wanted, &got);
            }
        } else if let Some(next) = line.strip_prefix("> ") {
            if let Some(more) = said.first() {
                return fail("nothing more", more);
            }
            input = next;
            said = talk.hear(next);
        }
    }
    Ok(())
}

fn settings(line: &str) -> Settings {
    let given: Value = serde_json::from_str(line).unwrap();
    let usual = Settings::default();
    Settings {
        offline: match given["offline"].as_str() {
            Some("refuse") => Offline::Refuse,
            Some("keep_newest") => Offline::KeepNewest,
            _ => Offline::KeepOldest,
        },
        queue: given["queue"].as_u64().map_or(usual.queue, |queue| queue as usize),
        sign_in: given["sign_in"].as_bool().unwrap_or(false),
    }
}

impl Talk {
    fn hear(&mut self, line: &str) -> Vec<String> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut said = Vec::new();
        match verb {
            "connect" => self.machine.connect(),
            "opened" => self.machine.opened(),
            "text" | "raw" => self.machine.text(rest),
            "binary" => self.machine.binary(bytes(rest).into()),
            "closed" => {
                let given = values(rest);
                let reason = given.get(1).and_then(Value::as_str).unwrap_or_default();
                let hint = given.get(2).and_then(Value::as_u64).map(Duration::from_millis);
                self.machine.closed(given[0].as_u64().unwrap() as u16, reason, hint);
            }
            "time" => self.machine.time(rest.parse().unwrap()),
            "call" | "direct" => said.extend(self.call(verb, rest)),
            "signed_in" => self.machine.signed_in(),
            "sign_in_failed" => self.machine.sign_in_failed(),
            "cancel" => self.machine.cancel(self.numbers[&rest.parse::<u64>().unwrap()]),
            "answer" | "decline" => {
                let (ask, json) = rest.split_once(' ').unwrap();
                let ask = ask.parse().unwrap();
                if verb == "answer" { self.machine.answer(ask, json) } else { self.machine.decline(ask, json) }
            }
            "forget" => self.machine.forget(rest),
            "close" => self.machine.close(),
            other => panic!("{other} is not in the README"),
        }
        while let Some(output) = self.machine.poll() {
            said.push(self.shown(output));
        }
        said
    }

    /// Says a message, or the line that says why not.
    fn call(&mut self, verb: &str, rest: &str) -> Option<String> {
        let mut parts = rest.splitn(3, ' ');
        let (number, name, json) = (parts.next()?.parse().unwrap(), parts.next()?, parts.next()?);
        let mut given = serde_json::Deserializer::from_str(json).into_iter::<Value>();
        let payload = given.next().unwrap().unwrap();
        // As it is written, since the order of keys is the order of violations.
        let payload = if payload.is_null() { "{}" } else { &json[..given.byte_offset()] };
        let timeout = given.next().and_then(|options| options.unwrap()["timeout_ms"].as_u64());
        let message = message(name);
        self.names.insert(number, name.to_owned());
        let outgoing = match (message.outgoing)(payload) {
            Ok(outgoing) => outgoing,
            Err(invalid) => {
                return Some(format!("error {number} {}", shown_failure(&Failure::InvalidPayload(invalid))));
            }
        };
        let kept = Kept { number, read: Rc::clone(&self.read), decode: message.reply };
        let timeout = timeout.map(Duration::from_millis);
        let own = match verb {
            "call" => self.machine.call(outgoing, timeout, kept),
            _ => self.machine.direct(outgoing, timeout, kept),
        };
        self.numbers.insert(number, own);
        self.back.insert(own, number);
        None
    }

    /// An output as a line, with values as Rust shows them.
    fn shown(&self, output: Output<Routes, Kept>) -> String {
        match output {
            Output::Open => "open".to_owned(),
            Output::Send(text) if text.starts_with("{\"contract\"") => {
                let hello: Value = serde_json::from_str(&text).unwrap();
                let counts = ["messages", "events", "asks"].map(|key| hello[key].as_object().map(Map::len));
                assert_eq!(counts, [Some(14), Some(4), Some(1)], "{hello}");
                "hello".to_owned()
            }
            Output::Send(text) => format!("send {}", normal_payload_in(serde_json::from_str(&text).unwrap(), "name")),
            Output::SendBinary(bytes) => {
                format!("binary {}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
            }
            Output::Shut(code) => format!("shut {code}"),
            Output::Drop => "drop".to_owned(),
            Output::State(state) => format!("state {}", shown_state(state)),
            Output::SignIn => "sign_in".to_owned(),
            Output::Contract(contract) => {
                let (differs, unknown) = (contract.differs, contract.unknown);
                let shown = json!({"contract": contract.hash, "same": false, "differs": differs, "unknown": unknown});
                format!("contract {shown}")
            }
            Output::Ended { caller, outcome: Err(failure), .. } => {
                format!("error {} {}", caller.number, shown_failure(&failure))
            }
            Output::Ended { caller, .. } => {
                let name = &self.names[&caller.number];
                let info = Routes::MESSAGES.iter().find(|message| message.name == name).unwrap();
                match self.read.borrow().get(&caller.number) {
                    _ if info.stream => format!("done {}", caller.number),
                    Some(read) => format!("result {} {read}", caller.number),
                    None => format!("result {} null", caller.number),
                }
            }
            Output::Item(own) => {
                let number = self.back[&own];
                format!("item {number} {}", self.read.borrow()[&number])
            }
            Output::Event(event) => format!("event {event:?}"),
            Output::Asked(ask, payload) => format!("asked {ask} {payload:?}"),
            Output::AskOver(ask, None) => format!("ask_over {ask} {}", json!({"code": "connection_lost"})),
            Output::AskOver(ask, Some(refusal)) => format!("ask_over {ask} {}", shown_refusal(&refusal)),
            Output::Resumed(resumed) => format!("resumed {}", shown_resumed(resumed)),
            Output::Problem(problem) => format!("problem {}", shown_problem(problem)),
        }
    }

    /// A line of the transcript in the same form.
    fn normal(&self, line: &str) -> String {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "send" => format!("send {}", normal_payload_in(serde_json::from_str(rest).unwrap(), "name")),
            "resumed" => format!("resumed {}", normal_payload_in(serde_json::from_str(rest).unwrap(), "message")),
            "result" | "item" => {
                let (number, json) = rest.split_once(' ').unwrap();
                let message = message(&self.names[&number.parse().unwrap()]);
                let read = if json == "null" { json.to_owned() } else { read(json, message.reply) };
                format!("{verb} {number} {read}")
            }
            "event" => {
                let (name, json) = rest.split_once(' ').unwrap();
                let event = Routes::EVENTS.iter().position(|event| event.name == name).unwrap() as u16;
                read(json, |r, at| Routes::decode_event(event, r, at).map(|event| format!("event {event:?}")))
            }
            "asked" => {
                let mut parts = rest.splitn(3, ' ');
                let (number, name, json) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
                let ask = Routes::ASKS.iter().position(|ask| ask.name == name).unwrap() as u16;
                read(json, |r, at| Routes::decode_ask(ask, r, at).map(|ask| format!("asked {number} {ask:?}")))
            }
            _ => match rest.find('{') {
                Some(at) => format!("{verb} {}{}", &rest[..at], values(&rest[at..])[0]),
                None => line.to_owned(),
            },
        }
    }
}

fn values(text: &str) -> Vec<Value> {
    serde_json::Deserializer::from_str(text).into_iter().map(Result::unwrap).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// How a message leaves and is answered, by its name.
struct Kind {
    outgoing: fn(&str) -> Result<Outgoing, Invalid>,
    reply: Reads,
}

fn message(name: &str) -> Kind {
    macro_rules! kinds {
        ($($number:literal)*) => { [$(kind::<Sends<$number>>()),*] };
    }
    let kinds: [Kind; Routes::MESSAGES.len()] = kinds!(0 1 2 3 4 5 6 7 8 9 10 11 12 13);
    let index = Routes::MESSAGES.iter().position(|message| message.name == name).expect("the message is declared");
    kinds.into_iter().nth(index).unwrap()
}

fn kind<M: Message<Routes>>() -> Kind {
    Kind {
        outgoing: |json| {
            let mut reader = Reader::new(json, 32);
            match M::decode_payload(&mut reader, &Path::root()) {
                Ok(payload) if reader.report.is_empty() => M::outgoing(&payload),
                _ => Err(std::mem::replace(&mut reader.report, Report::new()).into()),
            }
        },
        reply: |r, at| M::decode_reply(r, at).map(|reply| format!("{reply:?}")),
    }
}

fn read(json: &str, read: impl FnOnce(&mut Reader<'_>, &Path<'_>) -> Decoded<String>) -> String {
    let mut reader = Reader::lenient(json, 32);
    let value = read(&mut reader, &Path::root()).unwrap_or_else(|_| panic!("{json}: {:?}", reader.report));
    assert!(reader.report.is_empty(), "{json}: {:?}", reader.report);
    value
}

/// An object whose payload has everything that it means; `name` is the key of the message's name.
fn normal_payload_in(mut object: Value, name: &str) -> Value {
    if let (Some(name), Some(payload)) = (object[name].as_str(), object.get("payload")) {
        let outgoing = (message(name).outgoing)(&payload.to_string()).unwrap();
        object["payload"] = serde_json::from_slice(&outgoing.payload).unwrap();
    }
    object
}

fn shown_state(state: State) -> String {
    match state {
        State::Connecting => "connecting".to_owned(),
        State::Open => "open".to_owned(),
        State::Waiting { after, code } => {
            format!("waiting {}", json!({"in_ms": after.as_millis() as u64, "code": code}))
        }
        State::Closed { code, reason } => format!("closed {}", json!({"code": code, "reason": reason})),
    }
}

fn shown_resumed(resumed: Resumed) -> Value {
    let (message, payload, topics, reply) = match resumed {
        Resumed::Mailbox { outcome, lost: None } => return json!({"mailbox": true, "outcome": outcome.as_str()}),
        Resumed::Mailbox { outcome, lost } => {
            return json!({"mailbox": true, "outcome": outcome.as_str(), "lost": lost});
        }
        Resumed::Message { message, payload, topics, reply } => (message, payload, topics, reply),
    };
    let topics = topics.into_iter().map(|(topic, outcome)| match outcome {
        Some(outcome) => json!({"topic": topic, "outcome": outcome.as_str()}),
        None => json!({"topic": topic}),
    });
    let payload: Value = serde_json::from_str(&payload).unwrap();
    let mut shown = json!({"message": message, "payload": payload, "topics": topics.collect::<Vec<_>>()});
    match reply {
        Ok(reply) => shown["reply"] = reply,
        Err(refusal) => shown["error"] = shown_refusal(&refusal),
    }
    shown
}

fn shown_refusal(refusal: &Refusal) -> Value {
    Value::Object(refusal.members().clone())
}

fn shown_violations(invalid: &Invalid) -> Vec<Value> {
    let violations = invalid.violations().iter();
    violations.map(|found| json!({"at": found.at, "rule": found.rule, "want": found.want, "got": found.got})).collect()
}

fn shown_failure(failure: &Failure) -> Value {
    match failure {
        Failure::Refused(refusal) => shown_refusal(refusal),
        Failure::InvalidPayload(invalid) => json!({"code": "invalid_payload", "violations": shown_violations(invalid)}),
        Failure::Unreadable(invalid) => json!({"code": "unreadable", "violations": shown_violations(invalid)}),
        Failure::Timeout(after) => json!({"code": "timeout", "after_ms": after.as_millis() as u64}),
        Failure::ConnectionLost => json!({"code": "connection_lost"}),
        Failure::Offline => json!({"code": "offline"}),
        Failure::QueueFull => json!({"code": "queue_full"}),
        Failure::Cancelled => json!({"code": "cancelled"}),
    }
}

fn shown_problem(problem: Problem) -> Value {
    let unreadable = |kind: &str, name: &str, invalid: &Invalid| json!({"kind": kind, "name": name, "violations": shown_violations(invalid)});
    match problem {
        Problem::Malformed => json!({"kind": "malformed"}),
        Problem::UnknownEvent(name) => json!({"kind": "unknown_event", "name": name}),
        Problem::UnknownAsk(name) => json!({"kind": "unknown_ask", "name": name}),
        Problem::UnreadableEvent(name, invalid) => unreadable("unreadable_event", name, &invalid),
        Problem::UnreadableAsk(name, invalid) => unreadable("unreadable_ask", name, &invalid),
        Problem::InvalidAnswer(name, invalid) => unreadable("invalid_answer", name, &invalid),
        Problem::Refused(None, refusal) => json!({"kind": "refused", "error": shown_refusal(&refusal)}),
        Problem::Refused(Some(name), refusal) => {
            json!({"kind": "refused", "name": name, "error": shown_refusal(&refusal)})
        }
    }
}
