//! Protocols nobody wrote: texts made of everything the language has, most of them accepted.
//!
//! The same seed gives the same text. Names are chosen to be awkward: keywords of Rust and of the language, names of
//! the prelude, words with digits. Nothing here looks at the compiler; what it says of these texts is for the tests.

use std::fmt::Write;

/// A small generator of numbers: SplitMix64.
pub struct Dice(u64);

impl Dice {
    /// The dice of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound.max(1) as u64).unwrap_or(0)
    }

    /// Yes, once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of some.
    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const WORDS: [&str; 28] = [
    "room", "type", "match", "to", "state", "message", "value", "kind", "key", "async", "move", "ref", "loop", "item",
    "from", "len", "start", "user_id", "x1_y", "option", "some", "result", "string", "cx", "at", "out", "payload",
    "r2d2",
];

/// What a text has declared so far.
#[derive(Default)]
struct Known {
    aliases: Vec<String>,
    structs: Vec<String>,
    plain_enums: Vec<(String, String)>,
    tagged_enums: Vec<String>,
    errors: Vec<String>,
    topics: Vec<String>,
    events: Vec<String>,
    messages: Vec<String>,
    /// A topic with its place, and the messages that have a field for it.
    rooms: Vec<(String, Vec<String>)>,
}

/// Writes one protocol.
struct Author {
    dice: Dice,
    text: String,
    known: Known,
    serial: usize,
}

/// The protocol of a seed.
pub fn protocol(seed: u64) -> String {
    let mut author = Author { dice: Dice::new(seed), text: String::new(), known: Known::default(), serial: 0 };
    author.file();
    author.text
}

impl Author {
    fn line(&mut self, indent: usize, line: &str) {
        // Writing into a String cannot fail.
        let _ = writeln!(self.text, "{:1$}{line}", "", indent * 2);
    }

    /// A name that nothing else has.
    fn name(&mut self) -> String {
        self.serial += 1;
        format!("{}_{}", self.dice.pick(&WORDS), self.serial)
    }

    fn type_name(&mut self) -> String {
        self.serial += 1;
        format!(
            "{}{}",
            self.dice.pick(&["Room", "Vec", "Some", "Option", "Box", "Send", "Default", "Cell"]),
            self.serial
        )
    }

    fn file(&mut self) {
        self.line(0, "wsr 1\n");
        let renamed = self.dice.pick(&["", "@rename_all(camelCase)\n", "@rename_all(kebab-case)\n"]).to_owned();
        let accepts = self.dice.pick(&["", "@accepts(plain, nested)\n"]).to_owned();
        self.line(0, &format!("{renamed}{accepts}@allow(unbounded)\n@allow(unused)\n@allow(big-integer)"));
        // One of them allows nothing for certain, so that the permission to do so is never stale itself.
        self.line(0, "@allow(stray-doc)\n@allow(stale-allow)\nprotocol made \"1.0\"\n");
        let identity = self.dice.pick(&["uuid", "string(len 1..=40)", "u64(..=9_007_199_254_740_991)"]).to_owned();
        self.line(0, &format!("identity {identity}\nroles listener, dj\n"));
        for _ in 0..1 + self.dice.below(3) {
            let name = self.name();
            self.line(0, &format!("namespace {name} {{"));
            let known = std::mem::take(&mut self.known);
            self.declarations();
            self.topics_and_events();
            self.messages(&name);
            // Only messages are seen from outside: flows name them.
            let messages = std::mem::take(&mut self.known.messages);
            self.known = known;
            self.known.messages.extend(messages);
            self.line(0, "}\n");
        }
        if self.dice.once_in(2) {
            self.flow();
        }
    }

    fn declarations(&mut self) {
        for _ in 0..2 + self.dice.below(5) {
            match self.dice.below(5) {
                0 => self.alias(),
                1 => self.plain_enum(),
                2 => self.tagged("enum"),
                3 => self.tagged("error"),
                _ => self.record(),
            }
        }
    }

    fn alias(&mut self) {
        let name = self.type_name();
        let ty = self.scalar();
        let secret = if self.dice.once_in(6) { "@secret\n  " } else { "" };
        self.line(1, &format!("{secret}type {name} = {ty}"));
        if secret.is_empty() {
            self.known.aliases.push(name);
        }
    }

    fn plain_enum(&mut self) {
        let name = self.type_name();
        let variants: Vec<String> = (0..1 + self.dice.below(4)).map(|_| self.name()).collect();
        let open = self.dice.pick(&["", "", "@open\n  ", "@rename_all(SCREAMING_SNAKE_CASE)\n  "]);
        self.line(1, &format!("{open}enum {name} {{ {} }}", variants.join(", ")));
        self.known.plain_enums.push((name, variants[0].clone()));
    }

    fn tagged(&mut self, keyword: &str) {
        let name = self.type_name();
        let above = self.dice.pick(&["", "@tag(\"is\")\n  ", "@tag(\"\\\"odd\\\" tag\")\n  "]);
        self.line(1, &format!("{above}{keyword} {name} {{"));
        for _ in 0..1 + self.dice.below(3) {
            let variant = self.name();
            let fields = if self.dice.once_in(3) { String::new() } else { format!(" {{ {} }}", self.fields(2, None)) };
            self.line(2, &format!("{variant}{fields}"));
        }
        let last = self.name();
        let field = self.fields(1, None);
        self.line(2, &format!("{last} {{ {field} }}"));
        self.line(1, "}");
        match keyword {
            "error" => self.known.errors.push(name),
            _ => self.known.tagged_enums.push(name),
        }
    }

    fn record(&mut self) {
        let name = self.type_name();
        let open = self.dice.pick(&["", "", "@open\n  ", "@deprecated(\"old\")\n  @allow(deprecated)\n  "]);
        let count = 1 + self.dice.below(4);
        let fields = self.fields(count, Some(&name));
        self.line(1, &format!("{open}struct {name} {{ {fields} }}"));
        if !open.contains("deprecated") {
            self.known.structs.push(name);
        }
    }

    /// Fields on one line; `own` is the struct they stand in, which they may name again.
    fn fields(&mut self, count: usize, own: Option<&str>) -> String {
        let fields: Vec<String> = (0..count.max(1)).map(|_| self.field(own)).collect();
        fields.join(", ")
    }

    fn field(&mut self, own: Option<&str>) -> String {
        let name = self.name();
        if let Some(own) = own
            && self.dice.once_in(5)
        {
            let form = self.dice.pick(&["?: §", "?: §?", ": [§](len ..=3)", ": map<string, §>", ": §?", ": [[§]]"]);
            return format!("{name}{}", form.replace('§', own));
        }
        match self.dice.below(7) {
            0 => format!("{name}: {}", self.with_default()),
            1 => format!("{name}?: {}", self.ty(3)),
            2 => format!("{name}: {}?", self.ty(3)),
            3 => format!("{name}?: {}?", self.ty(3)),
            4 => format!("{name}: {}", self.dice.pick(&["\"heartbeat\"", "2", "true", "-1.5", "\"a \\\"b\\\"\""])),
            _ => format!("{name}: {}", self.ty(3)),
        }
    }

    fn with_default(&mut self) -> String {
        if !self.known.plain_enums.is_empty() && self.dice.once_in(3) {
            let at = self.dice.below(self.known.plain_enums.len());
            let (name, variant) = &self.known.plain_enums[at];
            return format!("{name} = {variant}");
        }
        self.dice
            .pick(&[
                "bool = true",
                "u8(1 | 2 | 4) = 2",
                "i64 = -5",
                "u64 = 18_446_744_073_709_551_615",
                "f32(>0, <=1) = 0.5",
                "f64 = 1e9",
                "string(len 1..=5) = \"a\\\"b\"",
                "duration(1s..=1h) = 30s",
                "[u8](len ..=3, unique) = [1, 2]",
                "[string] = []",
                "date = \"2026-05-04\"",
                "ip = \"::1\"",
                "Role = dj",
                "uuid = \"67e55044-10b1-426f-9247-bb680e5fe0c8\"",
            ])
            .to_owned()
    }

    /// A built-in type with limits.
    fn scalar(&mut self) -> String {
        let (low, high) = (self.dice.below(50), 50 + self.dice.below(50));
        match self.dice.below(16) {
            0 => format!("u8({low}..={high})"),
            1 => format!("i32(multiple_of {})", low + 1),
            2 => format!("u32({low} | {high})"),
            3 => format!("f64(>{low}, <{high})"),
            4 => format!("f32(..={high}.5)"),
            5 => format!("string(len {low}..={high})"),
            6 => format!("string(len ..={high}, match /[a-z]+\\/?/)"),
            7 => format!("bytes(len ..={high})"),
            8 => format!("duration({low}ms..={high}s)"),
            9 => format!("[u16](len {low}..={high}, unique)"),
            10 => format!("map<string(len 1..=9), i8>(len ..={high})"),
            11 => format!("email(len ..={high})"),
            _ => self
                .dice
                .pick(&[
                    "u64",
                    "i64(0..)",
                    "uuid",
                    "timestamp",
                    "date",
                    "uri",
                    "ip",
                    "json",
                    "Role",
                    "bool",
                    "u16",
                    "i8",
                ])
                .to_owned(),
        }
    }

    /// Any type, not deeper than so many levels.
    fn ty(&mut self, depth: usize) -> String {
        let named: Vec<String> = self.named().cloned().collect();
        match self.dice.below(if depth == 0 { 4 } else { 9 }) {
            0..=1 if !named.is_empty() => named[self.dice.below(named.len())].clone(),
            0..=3 => self.scalar(),
            4 => format!("[{}](len ..=4)", self.ty(depth - 1)),
            5 => format!("map<{}, {}>", self.key(), self.ty(depth - 1)),
            6 => format!("{{ {} }}", self.fields(1 + depth, None)),
            7 => {
                let (one, other) = (self.name(), self.name());
                format!("enum {{ {one}, {other} }}")
            }
            _ => format!("[{}?]", self.ty(depth - 1)),
        }
    }

    fn named(&self) -> impl Iterator<Item = &String> {
        let Known { aliases, structs, plain_enums, tagged_enums, .. } = &self.known;
        aliases.iter().chain(structs).chain(plain_enums.iter().map(|(name, _)| name)).chain(tagged_enums)
    }

    fn key(&mut self) -> &'static str {
        self.dice.pick(&["string(len 1..=20)", "u32", "i64", "uuid", "date", "ip"])
    }

    fn topics_and_events(&mut self) {
        let (topic, place) = (self.name(), self.name());
        let wire = self.dice.pick(&["", "@wire(\"on the wire\")\n  "]);
        let ty = self.dice.pick(&["string(len 1..=40)", "uuid", "u16", "Role"]);
        self.line(1, &format!("{wire}topic {topic}/{{{place}: {ty}}}"));
        for at in 0..1 + self.dice.below(3) {
            let event = self.name();
            if at == 0 {
                let more = self.text_field();
                self.line(1, &format!("event {event} {{ {place}: {ty}, {more} }} to topic {topic}/{{{place}}}"));
            } else {
                let payload = self.payload();
                let target = self.dice.pick(&["all", "role(dj)"]);
                self.line(1, &format!("event {event}{payload} to {target}"));
            }
            self.known.events.push(event);
        }
        self.known.topics.push(format!("{topic}|{place}|{ty}"));
    }

    fn text_field(&mut self) -> String {
        format!("{}: string(len ..=9)", self.name())
    }

    fn payload(&mut self) -> String {
        match self.dice.below(4) {
            0 => String::new(),
            1 if !self.known.structs.is_empty() => {
                format!(": {}", self.known.structs[self.dice.below(self.known.structs.len())])
            }
            _ => {
                let count = 1 + self.dice.below(4);
                format!(" {{ {} }}", self.fields(count, None))
            }
        }
    }

    fn messages(&mut self, namespace: &str) {
        for _ in 0..1 + self.dice.below(4) {
            let name = self.name();
            let above = self.dice.pick(&[
                "",
                "@rate(20 per 10s)\n  ",
                "@limit(8KiB)\n  @deadline(2s)\n  ",
                "@audit\n  ",
                "@since(\"1.0\")\n  ",
            ]);
            let routing = self.routing();
            let payload = self.payload();
            self.line(1, &format!("{above}message {name}{payload} {routing}"));
            self.known.messages.push(format!("{namespace}/{name}"));
        }
        let topic = self.known.topics[0].clone();
        let mut parts = topic.split('|');
        let (topic, place, ty) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let joins = self.name();
        self.line(1, &format!("message {joins} {{ {place}: {ty} }} -> reply ok -> join {topic}/{{{place}}}"));
        let relays = self.name();
        self.line(1, &format!("message {relays} {{ {place}: {ty} }} -> relay to others in topic {topic}/{{{place}}}"));
        let both = [joins, relays].map(|name| format!("{namespace}/{name}"));
        self.known.messages.extend(both.iter().cloned());
        self.known.rooms.push((format!("{namespace}/{topic}/{{{place}}}"), both.to_vec()));
        if self.dice.once_in(2) {
            let (name, payload, reply) = (self.name(), self.payload(), self.reply());
            self.line(1, &format!("ask {name}{payload} {reply}"));
        }
    }

    fn routing(&mut self) -> String {
        let reply = self.reply();
        let event = self.known.events.get(1).or(self.known.events.first()).cloned().unwrap_or_default();
        let other = self.dice.pick(&["all", "others", "mailboxes", "role(listener, dj)"]);
        match self.dice.below(6) {
            0 => "-> silent".to_owned(),
            1 => reply,
            2 => format!("{reply} -> {event} to {other}"),
            3 => format!(
                "=> {}\n    then {} {reply},\n         {} -> {event}? to others",
                self.name(),
                self.name(),
                self.name()
            ),
            4 => {
                let passed = [self.ty(2), self.ty(1)];
                let [first, other] = passed;
                let continues = self.dice.pick(&["", " else continue"]);
                let (find, also, keep, tell) = (self.name(), self.name(), self.name(), self.name());
                format!(
                    "=> {find} -> pass {first} -> pass {other},\n       {also}{continues}\n    \
                     then {keep} {reply},\n         {tell} -> {event}? to others{continues}"
                )
            }
            _ => format!("-> {event}? to all"),
        }
    }

    fn reply(&mut self) -> String {
        let errors = self.known.errors.clone();
        let error = match errors.is_empty() || self.dice.once_in(2) {
            true => String::new(),
            false => format!(" or {}", errors[self.dice.below(errors.len())]),
        };
        match self.dice.below(3) {
            0 => format!("-> reply ok{error}"),
            _ => format!("-> reply {}{error}", self.ty(2)),
        }
    }

    fn flow(&mut self) {
        let messages = self.known.messages.clone();
        self.line(0, "flow session covers * {\n  start open {");
        for message in &messages {
            let next = self.dice.pick(&["", " -> second", " if role(dj) -> second", " if role(dj)"]);
            self.line(2, &format!("{message}{next}"));
        }
        self.line(2, "after 30s -> second");
        self.line(1, "}\n  state second extends open {\n    after 1m -> end\n  }\n}");
        let rooms = self.known.rooms.clone();
        for (number, (topic, messages)) in rooms.into_iter().enumerate() {
            self.line(
                0,
                &format!("flow of_topics_{number} on {topic} covers {} {{\n  start idle {{", messages.join(", ")),
            );
            for message in &messages {
                let next = self.dice.pick(&["", " if member", " if member, role(dj) -> busy", " -> busy"]);
                self.line(2, &format!("{message}{next}"));
            }
            self.line(2, "after 1s -> busy");
            self.line(1, "}\n  state busy extends idle {\n    after 5s -> end\n  }\n}");
        }
    }
}
