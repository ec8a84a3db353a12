//! The protocol as data: generated code keeps all of it, and it can be read again.

use codegen_tests::{
    chains, deprecated, full, keywords, language, many, random, roots, shadows, station, values, wire,
};
use switchboard::generated as rt;
use switchboard::schema::{Base, Schema, Shape, Target, TypeKind};

fn schema<P: rt::Protocol>() -> Schema {
    Schema::parse(P::SCHEMA).expect("what the compiler writes can be read")
}

/// Checks that all places in a schema are there, and that messages have the numbers of their routes.
fn is_whole<P: rt::Protocol>() {
    let schema = schema::<P>();
    let names: Vec<&str> = schema.messages.iter().map(|message| message.name.as_str()).collect();
    assert_eq!(names, P::ROUTES.iter().map(|route| route.name).collect::<Vec<_>>());
    assert_eq!(schema.hash.len(), 16, "{}", schema.hash);
    let hashes =
        schema.messages.iter().map(|message| &message.hash).chain(schema.events.iter().map(|event| &event.hash));
    hashes.for_each(|hash| assert!(hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{hash}"));
    for message in &schema.messages {
        assert!(message.error.is_none_or(|error| matches!(schema.types[error].kind, TypeKind::Error { .. })));
        assert!(message.sends.iter().all(|sent| sent.event < schema.events.len()));
        assert!(message.joins.iter().chain(&message.leaves).all(|topic| topic.topic < schema.topics.len()));
    }
    let covered = schema.flows.iter().flat_map(|flow| &flow.covers);
    assert!(covered.clone().all(|&message| message < schema.messages.len()));
}

#[test]
fn the_schema_of_every_case_can_be_read() {
    is_whole::<full::Routes>();
    is_whole::<keywords::Routes>();
    is_whole::<shadows::Routes>();
    is_whole::<roots::Routes>();
    is_whole::<station::Routes>();
    is_whole::<chains::Routes>();
    is_whole::<values::Routes>();
    is_whole::<wire::Routes>();
    is_whole::<deprecated::Routes>();
    is_whole::<many::Routes>();
    is_whole::<language::Routes>();
    is_whole::<random::first::Routes>();
    is_whole::<random::second::Routes>();
    is_whole::<random::third::Routes>();
    is_whole::<random::fourth::Routes>();
}

/// A field of the message `name`, with its aliases followed.
fn field<'s>(schema: &'s Schema, name: &str, field: &str) -> Base<'s> {
    let message = schema.message(name).expect("the message is declared");
    let fields = match message.payload.ty.as_ref().and_then(|ty| schema.definition(&ty.shape)) {
        Some(def) => match &def.kind {
            TypeKind::Struct { fields } => fields,
            other => panic!("{other:?} is no struct"),
        },
        None => &message.payload.fields,
    };
    let found = fields.iter().find(|found| found.name == field);
    schema.base(&found.expect("the field is declared").ty)
}

#[test]
fn aliases_are_followed_to_what_is_asked_in_all() {
    let schema = schema::<full::Routes>();
    let short = field(&schema, "numbers", "short");
    assert_eq!(*short.shape, Shape::String);
    let bounds: Vec<_> = short.limits.iter().map(|limits| limits.len.map(|len| (len.min, len.max))).collect();
    assert_eq!(bounds, [Some((2, Some(8))), Some((0, Some(3)))]);
    assert!(field(&schema, "optional", "maybe").nullable && !field(&schema, "optional", "always").nullable);
    assert!(field(&schema, "secrets", "pin").secret && !field(&schema, "secrets", "name").secret);
}

#[test]
fn integers_that_travel_as_text_say_so() {
    let schema = schema::<full::Routes>();
    let texts = ["anywhere", "countable", "signed", "huge"].map(|name| field(&schema, "numbers", name).text);
    assert_eq!(texts, [true, false, false, true]);
    let texts = ["wide", "big"].map(|name| field(&schema, "limited", name).text);
    assert_eq!(texts, [false, true]);
}

#[test]
fn names_are_those_on_the_wire() {
    let schema = schema::<wire::Routes>();
    let event = schema.event("v2.things/thing-changed").expect("it is called so on the wire");
    let Some(Target::Topic { topic, others: false }) = &event.to else { panic!("{:?}", event.to) };
    assert_eq!(topic.places, [["newColor"]]);
    assert_eq!(schema.topics[topic.topic].name, "v2.things/by_color/{color}");
}

#[test]
fn a_text_that_is_no_schema_says_why() {
    for (text, why) in
        [("{}", "form 0"), (r#"{"schema":2}"#, "form 2"), ("[", "EOF"), (r#"{"schema":1,"messages":7}"#, "sequence")]
    {
        let said = Schema::parse(text).expect_err(text).to_string();
        assert!(said.contains(why), "{text}: {said}");
    }
}
