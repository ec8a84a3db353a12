//! Whether a client was made for the protocol that is served here, and if not, what of it differs.
//!
//! A client says so twice, and may say either: in the request, by offering the subprotocol `contract.<hash>`, and in a
//! [hello](crate::control::Hello) with the fingerprint of each thing it knows. Only a hello tells what differs.

use std::collections::{BTreeSet, HashMap};

use crate::control::Hello;
use crate::schema::Schema;
use crate::write;

/// What a server does with clients that were made for another contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// It serves them, and tells those that say hello what differs.
    #[default]
    Serve,
    /// The same, and it is logged and counted.
    Warn,
    /// Those of which something differs, or of which that is not known, are told so and closed.
    Refuse,
}

/// The fingerprints of what is served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contract {
    hash: String,
    names: HashMap<String, String>,
}

impl Contract {
    /// Of a protocol. Messages, events and asks share one space of names.
    pub fn new(schema: &Schema) -> Self {
        let messages = schema.messages.iter().map(|message| (&message.name, &message.hash));
        let events = schema.events.iter().map(|event| (&event.name, &event.hash));
        let asks = schema.asks.iter().map(|ask| (&ask.name, &ask.hash));
        let all = messages.chain(events).chain(asks);
        Self { hash: schema.hash.clone(), names: all.map(|(name, hash)| (name.clone(), hash.clone())).collect() }
    }

    /// The fingerprint of the whole.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// What differs for a client that says this.
    pub fn compare(&self, hello: &Hello<'_>) -> Comparison {
        let (mut differs, mut unknown) = (BTreeSet::new(), BTreeSet::new());
        for (name, hash) in hello.all() {
            match self.names.get(&**name) {
                None => _ = unknown.insert(name.to_string()),
                Some(ours) if *ours != **hash => _ = differs.insert(name.to_string()),
                Some(_) => {}
            }
        }
        Comparison {
            same: hello.contract == self.hash,
            listed: hello.all().next().is_some(),
            contract: hello.contract.to_string(),
            differs: differs.into_iter().collect(),
            unknown: unknown.into_iter().collect(),
        }
    }
}

/// What a hello has told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The fingerprint of the protocol that the client was made for.
    pub contract: String,
    /// It is the one that is served.
    pub same: bool,
    /// The client has listed what it knows.
    listed: bool,
    /// Messages, events and asks that look otherwise here, in order.
    pub differs: Vec<String>,
    /// Those that there are not here, in order.
    pub unknown: Vec<String>,
}

impl Comparison {
    /// Whether all that the client knows is the same here. There may be more here than it knows.
    pub fn fits(&self) -> bool {
        self.differs.is_empty() && self.unknown.is_empty() && (self.same || self.listed)
    }

    /// Appends the answer to the hello: `{"contract":"…","same":false,"differs":[…],"unknown":[…]}`.
    pub fn encode(&self, ours: &Contract, out: &mut Vec<u8>) {
        out.push(b'{');
        write::key(out, "contract");
        write::string(out, &ours.hash);
        write::key(out, "same");
        write::boolean(out, self.same);
        write::key(out, "differs");
        write::list(out, &self.differs, |out, name| write::string(out, name));
        write::key(out, "unknown");
        write::list(out, &self.unknown, |out, name| write::string(out, name));
        out.push(b'}');
    }
}

/// What one client has said of its contract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acquaintance {
    offered: Option<String>,
    comparison: Option<Comparison>,
}

/// What is to be done about a hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Answer it.
    Serve,
    /// Answer it, and tell the operator.
    Warn,
    /// Answer it and close.
    Refuse,
}

impl Acquaintance {
    /// With what the client's request has offered.
    pub fn new(offered: Option<String>) -> Self {
        Self { offered, comparison: None }
    }

    /// The fingerprint of the client's protocol, if it has said so.
    pub fn hash(&self) -> Option<&str> {
        self.comparison.as_ref().map(|comparison| &*comparison.contract).or(self.offered.as_deref())
    }

    /// What its hello has told, once it has come.
    pub fn comparison(&self) -> Option<&Comparison> {
        self.comparison.as_ref()
    }

    /// Whether the client has said that it was made for something else, and not what.
    pub fn owes_a_hello(&self, ours: &Contract) -> bool {
        self.comparison.is_none() && self.offered.as_ref().is_some_and(|offered| *offered != ours.hash)
    }

    /// Takes a hello. There is one at most: `None` for another.
    pub fn hear(&mut self, ours: &Contract, hello: &Hello<'_>, policy: Policy) -> Option<Verdict> {
        if self.comparison.is_some() {
            return None;
        }
        let comparison = self.comparison.insert(ours.compare(hello));
        Some(match policy {
            Policy::Warn if !comparison.same => Verdict::Warn,
            Policy::Refuse if !comparison.fits() => Verdict::Refuse,
            _ => Verdict::Serve,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Contract {
        let schema = r#"{"schema":1,"hash":"aa","messages":[{"name":"say","hash":"01"},{"name":"go","hash":"02"}],
            "events":[{"name":"said","hash":"03"}],"asks":[{"name":"sure","hash":"04","reply":{}}]}"#;
        Contract::new(&Schema::parse(schema).unwrap())
    }

    fn hello(contract: &'static str, names: &[(&'static str, &'static str)]) -> Hello<'static> {
        let names = names.iter().map(|(name, hash)| ((*name).into(), (*hash).into())).collect();
        Hello { contract: contract.into(), messages: names, ..Hello::default() }
    }

    fn answer(hello: &Hello<'_>) -> String {
        let mut out = Vec::new();
        ours().compare(hello).encode(&ours(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_client_hears_what_differs_and_what_is_gone() {
        assert_eq!(answer(&hello("aa", &[])), r#"{"contract":"aa","same":true,"differs":[],"unknown":[]}"#);
        let other =
            hello("bb", &[("sure", "xx"), ("old", "01"), ("say", "01"), ("go", "01"), ("said", "03"), ("old", "02")]);
        assert_eq!(answer(&other), r#"{"contract":"aa","same":false,"differs":["go","sure"],"unknown":["old"]}"#);
    }

    #[test]
    fn a_client_that_knows_less_fits_and_one_that_lists_nothing_does_not() {
        assert!(ours().compare(&hello("bb", &[("say", "01")])).fits());
        assert!(ours().compare(&hello("aa", &[])).fits());
        assert!(!ours().compare(&hello("bb", &[])).fits());
        assert!(!ours().compare(&hello("bb", &[("say", "01"), ("old", "01")])).fits());
        assert!(!ours().compare(&hello("aa", &[("say", "02")])).fits());
    }

    #[test]
    fn each_policy_has_its_verdict() {
        let verdict = |hello: &Hello<'_>, policy| Acquaintance::new(None).hear(&ours(), hello, policy);
        let same = hello("aa", &[]);
        let less = hello("bb", &[("say", "01")]);
        let other = hello("bb", &[("say", "02")]);
        let verdicts = |policy| [&same, &less, &other].map(|hello| verdict(hello, policy).unwrap());
        assert_eq!(verdicts(Policy::Serve), [Verdict::Serve; 3]);
        assert_eq!(verdicts(Policy::Warn), [Verdict::Serve, Verdict::Warn, Verdict::Warn]);
        assert_eq!(verdicts(Policy::Refuse), [Verdict::Serve, Verdict::Serve, Verdict::Refuse]);
    }

    #[test]
    fn there_is_one_hello_and_only_some_owe_it() {
        let mut silent = Acquaintance::new(None);
        assert!(!silent.owes_a_hello(&ours()) && silent.hash().is_none());
        assert_eq!(silent.hear(&ours(), &hello("bb", &[]), Policy::Serve), Some(Verdict::Serve));
        assert_eq!(silent.hear(&ours(), &hello("aa", &[]), Policy::Serve), None);
        assert_eq!(silent.hash(), Some("bb"));
        assert!(!Acquaintance::new(Some("aa".into())).owes_a_hello(&ours()));
        let mut other = Acquaintance::new(Some("bb".into()));
        assert!(other.owes_a_hello(&ours()));
        other.hear(&ours(), &hello("bb", &[("say", "01")]), Policy::Refuse);
        assert!(!other.owes_a_hello(&ours()));
    }
}
