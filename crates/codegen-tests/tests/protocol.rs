//! Tables, frames and topics.

use std::time::Duration;

use codegen_tests::full::{self, Color, Empty, Role, Routes, Told, work};
use codegen_tests::{frame, keywords, shadows};
use switchboard::generated::{FlowState, Next, Protocol, RateBy, RoleName, ToAll, ToMailbox, ToRole, ToTopic};

fn route(name: &str) -> usize {
    usize::from(Routes::find(name).unwrap())
}

#[test]
fn attributes_are_in_the_table() {
    let start = Routes::ROUTES[route("work/start")];
    let rate = start.rate.unwrap();
    assert_eq!((rate.count, rate.per, rate.by), (5, Duration::from_secs(60), RateBy::Address));
    assert_eq!((start.limit, start.deadline), (Some(8192), Some(Duration::from_millis(1500))));
    assert_eq!(Routes::ROUTES[route("ping")].rate, None);
    let forms = Routes::FORMS;
    assert_eq!((forms.plain, forms.flat, forms.nested), (true, false, true));
}

#[test]
fn flows_say_what_is_allowed_when() {
    let [flow] = Routes::FLOWS else { panic!("one flow") };
    let [outside, inside] = flow.states else { panic!("two states") };
    assert_eq!((flow.name, flow.start, outside.name, inside.name), ("session", 0, "outside", "inside"));
    assert_eq!(outside.timeout, Some((Duration::from_millis(1500), Next::End)));
    let next = |state: &FlowState, name: &str| state.steps[route(name)].map(|step| (step.roles, step.next));
    assert_eq!(next(outside, "ping"), Some((0, Next::State(1))));
    assert_eq!(next(outside, "all"), None);
    assert_eq!(next(inside, "ping"), Some((0, Next::End)));
    assert_eq!(next(inside, "all"), Some((0, Next::Stay)));
    assert_eq!(next(inside, "work/stop"), Some((0, Next::State(0))));
    assert_eq!(next(inside, "work/inner/nested"), Some((0b110, Next::Stay)));
    assert!(Routes::ROUTES.iter().all(|route| route.flow == Some(0)));
}

#[test]
fn events_are_whole_frames() {
    let told = Told { text: "hé".to_owned(), color: Color::DarkBlue };
    let wanted = r#"{"name":"told","payload":{"text":"hé","color":"dark-blue"}}"#;
    assert_eq!(String::from_utf8(frame::<Routes>(&told)).unwrap(), wanted);
    assert_eq!(frame::<Routes>(&Empty), br#"{"name":"empty","payload":{}}"#);
    let seen = work::Seen { n: 3 };
    assert_eq!(frame::<Routes>(&seen), br#"{"name":"work/seen","payload":{"n":3}}"#);
}

#[test]
fn topics_have_their_whole_path_and_no_value_can_leave_its_place() {
    let code = full::Code::new("AB").unwrap();
    assert_eq!(full::news().key(), "news");
    assert_eq!(full::colors(&Color::DarkBlue).key(), "colors/dark-blue");
    assert_eq!(work::rooms(&code).key(), "work/rooms/AB");
    let deep = full::deep_of(&code, &full::UserId::from_u128(1), &7);
    assert_eq!(deep.key(), "deep/AB/of/00000000-0000-0000-0000-000000000001/7");
    assert_eq!(keywords::r#async("a/b").key(), "async/a%2Fb");
}

#[test]
fn audiences_are_those_that_the_file_names() {
    fn all<T: ToAll>() {}
    fn mailbox<T: ToMailbox>() {}
    fn role<T: ToRole>() {}
    fn topic<T: ToTopic<M>, M>() {}
    all::<Told>();
    all::<work::Seen>();
    role::<work::Seen>();
    mailbox::<work::Done>();
    topic::<work::Done, work::Rooms>();
    topic::<full::InTopic, full::Colors>();
}

#[test]
fn roles_keep_the_order_of_their_line() {
    assert_eq!(<Role as RoleName>::all(), [Role::Guest, Role::Keeper, Role::ChiefKeeper]);
    assert_eq!((Role::ChiefKeeper.index(), Role::ChiefKeeper.name()), (2, "chief_keeper"));
}

#[test]
fn names_that_rust_has_taken_still_work() {
    let value: keywords::Type = codegen_tests::read(r#"{"type":1,"match":"x","box":[{"type":2}]}"#).unwrap();
    assert_eq!((value.r#type, value.r#match.as_deref(), value.r#box.len()), (1, Some("x"), 1));
    assert!(keywords::Routes::find("mod/crate_/become").is_some());
    let option: shadows::Option = codegen_tests::read(
        r#"{"some":null,"key":1,"out":2,"r":3,"at":"2026-05-04T09:00:00Z","report":4,"tag":5,"kind":6}"#,
    )
    .unwrap();
    assert_eq!((option.key, option.out, option.r, option.report), (1, 2, 3, 4));
    assert!(matches!(shadows::inner::Result::None, shadows::inner::Result::None));
}
