//! What is generated, compared with a golden file, and that nothing makes the generator stumble.
//!
//! The models are made by hand, so that these tests need neither parser nor resolver.
//! `UPDATE_EXPECT=1` rewrites the golden file.

#![expect(clippy::disallowed_methods, reason = "tests read their cases from files")]

#[path = "generate/models.rs"]
mod models;

use wsr_compiler::generate::{Options, generate};
use wsr_compiler::model::{Handler, Limits, Model, Shape, TypeKind};

#[test]
fn a_small_protocol_reads_well() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/generate/chat.rs");
    let code = generate(&models::chat(), &Options::default());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, &code).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    assert!(code == golden, "differs from tests/generate/chat.rs; UPDATE_EXPECT=1 rewrites it\n{code}");
}

#[test]
fn the_same_model_gives_the_same_code() {
    let code = || generate(&models::chat(), &Options::default());
    assert_eq!(code(), code());
}

#[test]
fn an_empty_model_gives_a_protocol_without_messages() {
    let code = generate(&Model::default(), &Options::default());
    assert!(code.contains("pub fn serve<App_>"));
    assert!(!code.contains("pub trait Handlers"));
}

#[test]
fn lines_stay_short() {
    let code = generate(&models::chat(), &Options::default());
    let long: Vec<&str> = code.lines().filter(|line| line.len() > 100 && !line.contains("-> impl rt::Reply")).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn unknown_types_and_circles_do_not_stop_it() {
    let mut model = models::chat();
    model.types.push(models::alias("Lost", models::ty(Shape::Unknown)));
    let next = model.types.len();
    model.types.push(models::alias("Ring", models::ty(Shape::Named(next))));
    let limited = models::limited(Shape::Named(next + 1), Limits { unique: true, ..Limits::default() });
    model.types.push(models::alias("Knot", limited));
    model.types.push(models::alias("Nest", models::ty(Shape::List(Box::new(models::ty(Shape::Named(next + 2)))))));
    let code = generate(&model, &Options::default());
    for name in ["Lost", "Ring", "Knot"] {
        assert!(code.contains(&format!("pub type {name} = rt::Value;")), "{name}");
    }
}

#[test]
fn five_thousand_aliases_in_a_row_are_followed() {
    let mut model = models::chat();
    let first = model.types.len();
    model.types.push(models::alias("Chain", models::ty(Shape::String)));
    for number in 0..5_000 {
        let before = models::ty(Shape::Named(first + number));
        model.types.push(models::alias(&format!("Chain{number}"), before));
    }
    let code = generate(&model, &Options::default());
    assert!(code.contains("pub type Chain4999 = Chain4998;"));
}

#[test]
fn a_handler_that_two_messages_name_is_one_method() {
    let mut model = models::chat();
    let mut second = model.messages[0].clone();
    second.name = "other".to_owned();
    second.wire = "chat/other".to_owned();
    model.messages.push(second);
    let code = generate(&model, &Options::default());
    assert_eq!(code.matches("fn censor(&self, cx: &Cx").count(), 1);
}

#[test]
fn text_of_authors_is_data() {
    let mut model = models::chat();
    let evil = "*/ }\n\" ); fn evil() { } // \u{202e}{x} \\ § $";
    model.messages[0].origin.docs = vec![evil.to_owned(), "```".to_owned()];
    model.messages[0].wire = evil.to_owned();
    model.events[0].wire = evil.to_owned();
    model.roles[0].name = "DJ".to_owned();
    if let TypeKind::Struct(fields) = &mut model.types[1].kind {
        fields[0].wire = evil.to_owned();
        fields[0].ty.limits.pattern = Some(evil.to_owned());
    }
    let code = generate(&model, &Options { sources: vec![evil.to_owned()] });
    let outside_text = code.lines().filter(|line| line.contains("fn evil"));
    for line in outside_text {
        let before = line.split("fn evil").next().unwrap_or_default();
        assert!(before.contains("//") || before.contains('"'), "{line}");
    }
    assert!(!code.contains('\u{202e}'));
}

#[test]
fn a_namespace_called_routes_does_not_hide_the_root() {
    let mut model = models::chat();
    model.namespaces[1].path = vec!["routes".to_owned()];
    let code = generate(&model, &Options::default());
    assert!(code.contains("pub mod routes {") && code.contains("pub mod routes_root {"));
}

#[test]
fn names_of_the_prelude_are_written_out_where_a_type_has_them() {
    let mut model = models::chat();
    model.types[1].name = "Option".to_owned();
    let code = generate(&model, &Options::default());
    assert!(code.contains("pub topic: ::std::option::Option<String>"));
    assert!(!code.contains('§'));
}

#[test]
fn relays_need_no_method() {
    let model = models::chat();
    let relays = model.messages.iter().flat_map(|message| message.chain.iter().flatten());
    assert!(relays.clone().any(|handling| matches!(handling.handler, Handler::Relay(_))));
    let code = generate(&model, &Options::default());
    assert!(!code.contains("fn relay"));
}
