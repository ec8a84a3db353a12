//! What attributes become in the model, and what `@allow` takes away.

use std::time::Duration;

use wsr_compiler::code::Code;
use wsr_compiler::model::{
    Concurrent, Field, History, Message, Model, Overflow, Payload, Presence, Segment, Shape, TypeDef, TypeKind, Variant,
};
use wsr_compiler::source::SourceFile;
use wsr_compiler::{Analysis, analyze, render};

fn read(text: &str) -> Analysis {
    analyze(vec![SourceFile::new("routes.wsr", format!("wsr 1\n{text}"))])
}

/// The model of a text without errors.
fn model(text: &str) -> Model {
    let analysis = read(text);
    let errors: Vec<String> = analysis.errors().map(|report| render::cargo(&analysis, report)).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    analysis.model
}

fn message<'m>(model: &'m Model, name: &str) -> &'m Message {
    model.messages.iter().find(|message| message.name == name).expect("the message is declared")
}

fn def<'m>(model: &'m Model, name: &str) -> &'m TypeDef {
    model.types.iter().find(|def| def.name == name).expect("the type is declared")
}

fn wires(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.wire.as_str()).collect()
}

fn fields(payload: &Payload) -> &[Field] {
    match payload {
        Payload::Fields(fields) => fields,
        other => panic!("{other:?} has no fields"),
    }
}

fn struct_wires<'m>(model: &'m Model, name: &str) -> Vec<&'m str> {
    match &def(model, name).kind {
        TypeKind::Struct(fields) => wires(fields),
        other => panic!("{other:?} is no struct"),
    }
}

fn variants<'m>(model: &'m Model, name: &str) -> &'m [Variant] {
    match &def(model, name).kind {
        TypeKind::Enum(variants) | TypeKind::Error(variants) => variants,
        other => panic!("{other:?} has no variants"),
    }
}

fn variant_wires<'m>(model: &'m Model, name: &str) -> Vec<&'m str> {
    variants(model, name).iter().map(|variant| variant.wire.as_str()).collect()
}

#[test]
fn names_on_the_wire_are_those_of_all_namespaces_around() {
    let model = model(
        "@wire(\"box-office\") namespace office { namespace seats {\n message take -> reply ok\n \
         @wire(\"give!\") message give -> reply ok\n event taken to all\n}}\n\
         namespace office { message open -> silent }\n",
    );
    let names: Vec<&str> = model.messages.iter().map(|message| message.wire.as_str()).collect();
    assert_eq!(names, ["box-office/seats/take", "box-office/seats/give!", "box-office/open"]);
    assert_eq!(model.events[0].wire, "box-office/seats/taken");
    assert_eq!((model.message_name(1), model.event_name(0)), ("office/seats/give".into(), "office/seats/taken".into()));
    assert_eq!(model.namespaces[2].wire, ["box-office", "seats"]);
    assert_eq!(model.namespaces[2].path, ["office", "seats"]);
}

#[test]
fn a_namespace_may_be_named_where_it_is_opened_again() {
    let model = model("namespace a { message b -> silent }\n@wire(\"x\") namespace a { message c -> silent }\n");
    let names: Vec<&str> = model.messages.iter().map(|message| message.wire.as_str()).collect();
    assert_eq!(names, ["x/b", "x/c"]);
}

#[test]
fn a_topic_keeps_its_places_and_its_name_in_rust() {
    let model = model(
        "namespace chat { @wire(\"r/of\") topic rooms/{room: u8}/old/{day: date} }\n\
         message enter { room: u8, day: date } -> reply ok -> join chat/rooms/{room}/old/{day}\n",
    );
    let topic = &model.topics[0];
    let words: Vec<&str> = topic
        .segments
        .iter()
        .map(|segment| match segment {
            Segment::Literal(word) => word.as_str(),
            Segment::Place { name, .. } => name.as_str(),
        })
        .collect();
    assert_eq!(words, ["r", "of", "room", "old", "day"]);
    assert_eq!(topic.name, "rooms_old");
}

#[test]
fn fields_follow_the_nearest_case_and_wire_wins() {
    let model = model(
        "@rename_all(camelCase) protocol p \"1\"\n\
         struct Near { row_number: u8, seat_id2: u8 @wire(\"S\") }\n\
         @rename_all(kebab-case) struct Own { row_number: u8 }\n\
         @rename_all(PascalCase) message take { row_number: u8, near: Near, own: Own } -> silent\n\
         message drop { row_number: u8 } -> silent\n",
    );
    assert_eq!(struct_wires(&model, "Near"), ["rowNumber", "S"]);
    assert_eq!(struct_wires(&model, "Own"), ["row-number"]);
    assert_eq!(wires(fields(&message(&model, "take").payload)), ["RowNumber", "Near", "Own"]);
    assert_eq!(wires(fields(&message(&model, "drop").payload)), ["rowNumber"]);
    assert_eq!(message(&model, "take").wire, "take", "names of messages stay");
}

#[test]
fn variants_follow_their_own_enum_and_their_fields_the_protocol() {
    let model = model(
        "@rename_all(camelCase) protocol p \"1\"\n\
         enum Plain { first_class }\n\
         @rename_all(SCREAMING_SNAKE_CASE) enum Loud { first_class { row_number: u8 }, other @wire(\"else\") }\n\
         @rename_all(kebab-case) error Refused { not_free }\n\
         message take { plain: Plain, loud: Loud } -> reply ok or Refused\n",
    );
    assert_eq!(variant_wires(&model, "Plain"), ["first_class"]);
    assert_eq!(variant_wires(&model, "Loud"), ["FIRST_CLASS", "else"]);
    assert_eq!(wires(&variants(&model, "Loud")[0].fields), ["rowNumber"]);
    assert_eq!(variant_wires(&model, "Refused"), ["not-free"]);
}

#[test]
fn inline_types_follow_the_item_they_stand_in() {
    let model = model(
        "@rename_all(camelCase)\n\
         message take { seat_place: { row_number: u8, kind: enum { first_class { seat_row: u8 } } } }\n\
           -> reply { row_number: u8 }\n\
         @rename_all(SCREAMING_SNAKE_CASE) enum Loud { one { in_side: { row_number: u8 } } }\n\
         message shout { loud: Loud } -> silent\n",
    );
    assert_eq!(struct_wires(&model, "TakeSeatPlace"), ["rowNumber", "kind"]);
    assert_eq!(struct_wires(&model, "TakeReply"), ["rowNumber"]);
    assert_eq!(variant_wires(&model, "TakeSeatPlaceKind"), ["first_class"], "only an enum's own case renames variants");
    assert_eq!(struct_wires(&model, "LoudOneInSide"), ["row_number"], "the case of an enum is about its variants");
}

#[test]
fn tags_and_openness_stand_in_the_model() {
    let model = model(
        "@tag(\"type\") @open enum Place { seat { row: u8 }, hall }\n@tag(\"why\") error Refused { full }\n\
         enum Plain { a }\n@open event moved { place: Place, plain: Plain } to all\n\
         @open struct Seat { row: u8 }\nmessage take: Seat -> reply ok or Refused\n",
    );
    assert_eq!((def(&model, "Place").tag.as_str(), def(&model, "Place").open), ("type", true));
    assert_eq!(def(&model, "Refused").tag, "why");
    assert_eq!((def(&model, "Plain").tag.as_str(), def(&model, "Plain").open), (TypeDef::TAG, false));
    assert!(model.events[0].open && def(&model, "Seat").open);
}

#[test]
fn ages_reach_the_origin_of_everything_that_has_one() {
    let model = model(
        "@deprecated(\"use b\") @since(\"1.2\") message a { x: u8 @deprecated(\"use y\") } -> silent\n\
         @since(\"2026-11\") event b to all\n@deprecated(\"old\") type C = u8\n\
         @since(\"1.3\") enum D { one @since(\"1.4\"), two @deprecated(\"gone\") }\nmessage e { d: D } -> silent\n",
    );
    let ages = |origin: &wsr_compiler::model::Origin| (origin.deprecated.clone(), origin.since.clone());
    let some = |text: &str| Some(text.to_owned());
    let a = message(&model, "a");
    assert_eq!(ages(&a.origin), (some("use b"), some("1.2")));
    assert_eq!(ages(&fields(&a.payload)[0].origin), (some("use y"), None));
    assert_eq!(ages(&model.events[0].origin), (None, some("2026-11")));
    assert_eq!(ages(&def(&model, "C").origin), (some("old"), None));
    assert_eq!(ages(&def(&model, "D").origin), (None, some("1.3")));
    let ages: Vec<_> = variants(&model, "D").iter().map(|variant| ages(&variant.origin)).collect();
    assert_eq!(ages, [(None, some("1.4")), (some("gone"), None)]);
}

#[test]
fn what_is_kept_and_what_is_bounded_stands_in_the_model() {
    let model = model(
        "@history(9, 1d) identity u8\n@history(100, 10m) @presence @authorize topic rooms/{room: u8}\n\
         enum Mood { calm, stormy }\n@presence(Mood) topic decks\n\
         @concurrent(4, by: room) @cancellable @idempotent(key, 5m) @audit message a { room: u8, key: uuid } -> b to topic rooms/{room}\n\
         @overflow(keep_latest, by: x) @audit event b { x: u8 } to all\n@overflow(keep_latest) event c to all\n\
         @overflow(drop_oldest) event d to all\n@overflow(close) event e to all\n@overflow(wait) event f to all\n",
    );
    let topic = &model.topics[0];
    let kept = |history: Option<History>| history.map(|history| (history.count, history.age));
    assert_eq!(kept(topic.history), Some((100, Duration::from_secs(600))));
    assert_eq!(kept(model.mailbox_history), Some((9, Duration::from_secs(86_400))));
    assert_eq!(topic.presence, Some(Presence { state: None }));
    assert!(topic.authorize && model.messages[0].cancellable && !model.topics[1].authorize);
    let mood = model.topics[1].presence.as_ref().and_then(|presence| presence.state.as_ref());
    assert_eq!(mood.map(|ty| ty.shape.clone()), Some(Shape::Named(0)));
    assert!(model.messages[0].audit && model.events[0].audit && !model.events[1].audit);
    assert_eq!(model.messages[0].concurrent, Some(Concurrent { count: 4, by: Some(vec!["room".to_owned()]) }));
    assert_eq!(model.messages[0].idempotent, Some((vec!["key".to_owned()], Duration::from_secs(300))));
    let overflows: Vec<_> = model.events.iter().map(|event| event.overflow.clone()).collect();
    let wanted = [
        Overflow::KeepLatest(Some(vec!["x".to_owned()])),
        Overflow::KeepLatest(None),
        Overflow::DropOldest,
        Overflow::Close,
        Overflow::Wait,
    ];
    assert_eq!(overflows, wanted.map(Some));
}

#[test]
fn what_is_allowed_above_the_protocol_holds_in_imported_files() {
    let files = |allow: &str| {
        let root = format!("wsr 1\n{allow}\nprotocol p \"1\"\nimport \"more.wsr\"\nmessage a -> silent\n");
        vec![SourceFile::new("routes.wsr", root), SourceFile::new("more.wsr", "wsr 1\ntype Unused = u64\n")]
    };
    let codes = |analysis: &Analysis| analysis.diagnostics.iter().map(|report| report.code).collect::<Vec<_>>();
    assert_eq!(codes(&analyze(files(""))), [Code::Unused, Code::BigInteger]);
    assert_eq!(codes(&analyze(files("@allow(unused)"))), [Code::BigInteger]);
    assert_eq!(codes(&analyze(files("@allow(unused)\n@allow(big-integer, \"fine\")"))), []);
}

#[test]
fn what_is_allowed_in_one_file_holds_in_no_other() {
    let files = vec![
        SourceFile::new("routes.wsr", "wsr 1\nimport \"more.wsr\"\n@allow(unused)\nnamespace a { type B = u8 }\n"),
        SourceFile::new("more.wsr", "wsr 1\nnamespace a { type C = u8 }\n"),
    ];
    let analysis = analyze(files);
    let places: Vec<_> = analysis.diagnostics.iter().map(|report| (report.code, report.primary.span.file)).collect();
    assert_eq!(places, [(Code::Unused, 1)]);
}

#[test]
fn every_warning_can_be_allowed_by_number_and_by_name() {
    for code in Code::ALL.iter().filter(|code| code.severity() == wsr_compiler::diagnostic::Severity::Warning) {
        for name in [code.as_str(), &code.as_str()[3..], code.slug()] {
            let analysis = read(&format!("@allow({name})\nprotocol p \"1\"\nmessage a -> silent\n"));
            let codes: Vec<Code> = analysis.diagnostics.iter().map(|report| report.code).collect();
            assert_eq!(codes, [Code::StaleAllow], "{name} is known, and allows nothing here");
        }
    }
}
