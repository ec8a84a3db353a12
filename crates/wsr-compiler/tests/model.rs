//! What the written forms become in the model, which is all that generators read.

use std::time::Duration;

use wsr_compiler::model::{
    Handler, Message, Model, Next, Number, Outcome, Payload, Range, RateBy, Shape, Target, TypeKind, Value,
};
use wsr_compiler::source::SourceFile;
use wsr_compiler::{analyze, render};

/// The model of a text without errors.
fn model(text: &str) -> Model {
    let analysis = analyze(vec![SourceFile::new("routes.wsr", format!("wsr 1\n{text}"))]);
    let errors: Vec<String> = analysis.errors().map(|report| render::cargo(&analysis, report)).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    analysis.checked().map(|model| (*model).clone()).expect("no error stands")
}

fn message<'m>(model: &'m Model, wire: &str) -> &'m Message {
    model.messages.iter().find(|message| message.wire == wire).expect("the message is declared")
}

/// A chain as text: stages parted by `then`, handlers by `,`, relays as `relay`.
fn chain(model: &Model, wire: &str) -> String {
    let stages = message(model, wire).chain.iter().map(|stage| {
        let handlers = stage.iter().map(|handling| match &handling.handler {
            Handler::Method { namespace, name } => {
                [model.namespaces[*namespace].path.join("::"), name.clone()].join(":")
            }
            Handler::Any(id) => format!("any:{}", model.any_handlers[*id].name),
            Handler::Relay(_) => "relay".to_owned(),
        });
        handlers.collect::<Vec<_>>().join(", ")
    });
    stages.collect::<Vec<_>>().join(" then ")
}

#[test]
fn without_a_chain_the_message_names_its_handler() {
    let model = model("namespace chat { message send -> reply ok }\nmessage ping -> silent\n");
    assert_eq!(chain(&model, "chat/send"), "chat:send");
    assert_eq!(chain(&model, "ping"), ":ping");
}

#[test]
fn a_relay_alone_has_no_handler() {
    let model = model("message typing -> relay to others\n");
    assert_eq!(chain(&model, "typing"), "relay");
    assert_eq!(message(&model, "typing").chain[0][0].handler, Handler::Relay(Target::Others));
}

#[test]
fn a_relay_beside_other_arrows_is_a_stage_behind_them() {
    let model = model("message say -> reply ok -> relay to all\nmessage cry => a -> relay to all, b then c\n");
    assert_eq!(chain(&model, "say"), ":say then relay");
    assert_eq!(chain(&model, "cry"), ":a, :b then relay then :c");
}

#[test]
fn declared_handlers_take_any_message_wherever_they_are_named() {
    let model = model("namespace audit { handler record(any) }\nnamespace a { message b => c, audit::record }\n");
    assert_eq!(chain(&model, "a/b"), "a:c, any:record");
}

#[test]
fn one_handler_may_serve_messages_of_one_payload_type() {
    let model =
        model("struct Item { id: u32 }\nmessage a: Item => place -> reply ok\nmessage b: Item => place -> reply ok\n");
    assert_eq!((chain(&model, "a"), chain(&model, "b")), (":place".to_owned(), ":place".to_owned()));
}

#[test]
fn names_are_looked_up_from_the_inside_out() {
    let model = model(
        "type Id = u8\nnamespace a {\n type Id = u16\n namespace b {\n  message c { one: Id, two: a::Id }\n   -> silent\n }\n}\nmessage d { id: Id } -> silent\n",
    );
    let shapes = |wire| match &message(&model, wire).payload {
        Payload::Fields(fields) => fields.iter().map(|field| field.ty.shape.clone()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(shapes("a/b/c"), [Shape::Named(1), Shape::Named(1)]);
    assert_eq!(shapes("d"), [Shape::Named(0)]);
}

#[test]
fn fields_that_hold_their_own_type_are_boxed_but_not_in_lists() {
    let model = model(
        "struct Tree { left?: Tree, right: Tree?, all: [Tree], by: map<string, Tree> }\n\
         enum Sum { one { value: i32 }, two { a: Sum, b: Sum } }\nmessage add { tree: Tree, sum: Sum } -> silent\n",
    );
    let TypeKind::Struct(fields) = &model.types[0].kind else { panic!("a struct") };
    assert_eq!(fields.iter().map(|field| field.boxed).collect::<Vec<_>>(), [true, true, false, false]);
    let TypeKind::Enum(variants) = &model.types[1].kind else { panic!("an enum") };
    assert!(variants[1].fields.iter().all(|field| field.boxed) && !variants[0].fields[0].boxed);
}

#[test]
fn limits_of_an_alias_stay_with_the_alias() {
    let model =
        model("type Name = string(len 3..=32)\nmessage a { name: Name, short: Name(len ..=8) = \"abc\" } -> silent\n");
    let Payload::Fields(fields) = &message(&model, "a").payload else { panic!("fields") };
    assert!(fields[0].ty.limits.is_empty());
    assert_eq!(fields[1].ty.limits.len.map(|len| (len.min, len.max)), Some((0, Some(8))));
    assert_eq!(fields[1].default, Some(Value::Text("abc".into())));
}

#[test]
fn secrets_are_known_by_field_and_by_alias() {
    let model = model(
        "type Word = string(len 8..) @secret\nmessage a { plain: string, word: Word, token: string @secret } -> silent\n",
    );
    let Payload::Fields(fields) = &message(&model, "a").payload else { panic!("fields") };
    assert_eq!(fields.iter().map(|field| field.secret).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn an_attribute_behind_a_newline_belongs_to_the_next_field() {
    let model = model("message a {\n one: string @wire(\"first\")\n @secret\n two: string\n} -> silent\n");
    let Payload::Fields(fields) = &message(&model, "a").payload else { panic!("fields") };
    assert_eq!((fields[0].wire.as_str(), fields[0].secret, fields[1].secret), ("first", false, true));
}

#[test]
fn attributes_of_messages_are_read() {
    let model = model(
        "identity uuid\n@rate(5 per 1m, by: identity)\n@limit(8KiB)\n@deadline(2s)\n@binary(0x11)\n@open\nmessage a { data: bytes } -> silent\n",
    );
    let a = message(&model, "a");
    assert_eq!(
        a.rate.map(|rate| (rate.count, rate.per, rate.by)),
        Some((5, Duration::from_secs(60), RateBy::Identity))
    );
    assert_eq!((a.limit, a.deadline, a.binary, a.open), (Some(8192), Some(Duration::from_secs(2)), Some(0x11), true));
}

#[test]
fn a_delivery_may_leave_the_target_to_its_event() {
    let model = model("identity uuid\nevent e to all\nevent n { x: u8 } to mailboxes\nmessage a -> e -> n\n");
    let outcomes = &message(&model, "a").chain[0][0].outcomes;
    assert_eq!(outcomes[0], Outcome::Deliver { event: 0, optional: false, target: None });
    assert_eq!(outcomes[1], Outcome::Deliver { event: 1, optional: false, target: Some(Target::Mailboxes) });
}

#[test]
fn topics_are_found_by_their_short_and_their_full_name() {
    let model = model(
        "namespace chat {\n topic rooms/{room: string}\n message join { room: string } -> join rooms/{room}\n}\n\
         message visit { hall: string } -> join chat/rooms/{hall}\n",
    );
    let joined = |wire| match &message(&model, wire).chain[0][0].outcomes[0] {
        Outcome::Join(topic) => (topic.topic, topic.places.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(joined("chat/join"), (0, vec![vec!["room".to_owned()]]));
    assert_eq!(joined("visit"), (0, vec![vec!["hall".to_owned()]]));
}

/// The steps of a state as `message -> next`.
fn steps(model: &Model, state: &str) -> Vec<String> {
    let flow = &model.flows[0];
    let state = flow.states.iter().find(|known| known.name == state).expect("the state is declared");
    let shown = state.steps.iter().map(|step| {
        let next = match step.next {
            Next::Stay => "stay".to_owned(),
            Next::State(state) => flow.states[state].name.clone(),
            Next::End => "end".to_owned(),
        };
        format!(
            "{} -> {next}{}",
            model.messages[step.message].wire,
            if step.roles.is_empty() { "" } else { " guarded" }
        )
    });
    shown.collect()
}

#[test]
fn the_more_exact_pick_wins_and_a_state_overrides_what_it_inherits() {
    let model = model(
        "roles dj\nnamespace a { message one -> reply ok message two -> reply ok }\nmessage three -> reply ok\n\
         flow f covers * {\n start s {\n  a/* if role(dj)\n  a/one -> t\n  three -> end\n  after 30s -> end\n }\n state t extends s {\n  three\n  a/* -> s\n }\n}\n",
    );
    assert_eq!(steps(&model, "s"), ["a/one -> t", "a/two -> stay guarded", "three -> end"]);
    assert_eq!(steps(&model, "t"), ["a/one -> t", "a/two -> s", "three -> stay"]);
    let flow = &model.flows[0];
    assert!(flow.states.iter().all(|state| state.timeout == Some((Duration::from_secs(30), Next::End))));
}

#[test]
fn blocks_of_one_namespace_are_one_namespace() {
    let model = model(
        "namespace a { struct S { x: u8 } }\nnamespace b { message m { s: a::S } -> silent }\nnamespace a { message n { s: S } -> silent }\n",
    );
    assert_eq!(model.namespaces.len(), 3);
    assert_eq!(message(&model, "a/n").namespace, model.types[0].namespace);
}

#[test]
fn docs_and_lines_are_carried_along() {
    let model = model("\n/// Sign in.\n///   with care\nmessage login -> reply ok\n");
    assert_eq!(model.messages[0].origin.docs, ["Sign in.", "  with care"]);
    assert_eq!(model.messages[0].origin.line, 5);
}

#[test]
fn several_files_are_one_protocol() {
    let first = SourceFile::new("a.wsr", "wsr 1\nimport \"b.wsr\"\nnamespace a { struct S { x: u8 } }\n");
    let second = SourceFile::new("b.wsr", "wsr 1\nmessage m { s: a::S, t: a::T } -> silent\n");
    let analysis = analyze(vec![first, second]);
    let reports: Vec<String> = analysis.diagnostics.iter().map(|report| render::line(&analysis, report)).collect();
    assert_eq!(reports, ["[WSR0101] unknown type `a::T` --> b.wsr:2:25"]);
}

#[test]
fn imports_in_a_circle_are_reported_where_they_close() {
    let text = |other: &str| format!("wsr 1\nimport \"{other}.wsr\"\n");
    let files = [("a", "b"), ("b", "c"), ("c", "a")]
        .map(|(name, other)| SourceFile::new(format!("in/{name}.wsr"), text(other)));
    let analysis = analyze(files.into());
    let reports: Vec<String> = analysis.diagnostics.iter().map(|report| render::line(&analysis, report)).collect();
    assert_eq!(reports, ["[WSR0008] imports in a circle: a.wsr → b.wsr → c.wsr → a.wsr --> in/c.wsr:2:8"]);
}

#[test]
fn a_file_imported_twice_is_read_once() {
    let root = SourceFile::new("app/routes.wsr", "wsr 1\nimport \"b.wsr\"\nimport \"sub/../c.wsr\"\n");
    let mut asked = Vec::new();
    let analysis = wsr_compiler::analyze_from(root, &mut |name| {
        asked.push(name.to_owned());
        let import = if name.ends_with("b.wsr") { "import \"./c.wsr\"\n" } else { "" };
        Ok(format!("wsr 1\n{import}"))
    });
    assert!(analysis.diagnostics.is_empty(), "{:?}", analysis.diagnostics);
    assert_eq!(asked, ["app/b.wsr", "app/c.wsr"]);
    assert_eq!(analysis.watched, ["app/routes.wsr", "app/b.wsr", "app/c.wsr"]);
}

#[test]
fn a_model_with_errors_is_not_handed_out() {
    let analysis = analyze(vec![SourceFile::new("routes.wsr", "wsr 1\nmessage a { b: Nothing } -> silent\n")]);
    assert!(analysis.has_errors() && analysis.checked().is_none());
    let Payload::Fields(fields) = &analysis.model.messages[0].payload else { panic!("fields") };
    assert_eq!(fields[0].ty.shape, Shape::Unknown);
}

#[test]
fn inline_types_stand_behind_their_owner_and_are_named_after_their_path() {
    let text = "wsr 1\nstruct First { a: u8 }\nmessage login { device: { kind: enum { desktop }, tags: [{ a: u8 }] }, \
                first: First, by: map<enum { a }, { b: u8 }> } -> reply [{ c: u8 }]\n\
                type Wide = [{ d: u8 }]\nmessage wide: Wide -> silent\n";
    let analysis = analyze(vec![SourceFile::new("routes.wsr", text)]);
    assert_eq!(analysis.errors().next(), None);
    let names: Vec<(&str, bool)> = analysis.model.types.iter().map(|def| (def.name.as_str(), def.inline)).collect();
    let expected = [
        ("First", false),
        ("LoginDevice", true),
        ("LoginDeviceKind", true),
        ("LoginDeviceTagsItem", true),
        ("LoginByKey", true),
        ("LoginByValue", true),
        ("LoginReplyItem", true),
        ("Wide", false),
        ("WideItem", true),
    ];
    assert_eq!(names, expected);
}

#[test]
fn an_alias_of_an_inline_type_is_a_declaration() {
    let written = |alias: &str| {
        let text = format!("wsr 1\n{alias}\nmessage a {{ b: T }} -> reply ok\n");
        let mut model = analyze(vec![SourceFile::new("routes.wsr", text)]).model;
        assert_eq!(model.types.len(), 1);
        let def = model.types.remove(0);
        (def.name, def.inline, matches!(def.kind, TypeKind::Struct(_)), matches!(def.kind, TypeKind::Enum(_)))
    };
    assert_eq!(written("type T = { a: u8 }"), ("T".to_owned(), false, true, false));
    assert_eq!(written("type T = enum { a, b }"), ("T".to_owned(), false, false, true));
}

#[test]
fn exclusive_bounds_of_whole_numbers_become_ranges() {
    let range = |ty: &str| {
        let text = format!("wsr 1\ntype Whole = i32\ntype Part = f64\nmessage a {{ b: {ty} }} -> reply ok\n");
        let model = analyze(vec![SourceFile::new("routes.wsr", text)]).model;
        let Payload::Fields(fields) = &model.messages[0].payload else { panic!("`a` has a field") };
        fields[0].ty.limits.range.expect("it has a range")
    };
    let closed = |min, max| Range { min: Some(Number::Int(min)), max: Some(Number::Int(max)), ..Range::default() };
    assert_eq!(range("i32(>-3, <3)"), closed(-2, 2));
    assert_eq!(range("Whole(>=0, <3)"), closed(0, 2));
    assert_eq!(range("duration(>1s, <=1m)"), closed(1001, 60_000));
    let open = Range { min_exclusive: true, max_exclusive: true, ..closed(0, 1) };
    assert_eq!(range("f64(>0, <1)"), open);
    assert_eq!(range("Part(>0, <1)"), open);
    assert_eq!(range("u8(>1e1, <=1e2)"), closed(11, 100));
}
