//! The index of names: every place where something is named is found, and means the right thing.

use wsr_compiler::analyze;
use wsr_compiler::index::Symbol;
use wsr_compiler::source::SourceFile;

/// Each use as `line:column name kind`, declarations with a `*`.
fn uses(text: &str) -> Vec<String> {
    let analysis = analyze(vec![SourceFile::new("routes.wsr", text)]);
    let file = &analysis.files[0];
    let shown = analysis.index.uses.iter().map(|found| {
        let (line, column) = file.line_column(found.span.start);
        let name = &text[found.span.start as usize..found.span.end as usize];
        let star = if found.declares { "*" } else { "" };
        format!("{line}:{column} {name} {}{star}", kind(&found.of))
    });
    shown.collect()
}

fn kind(symbol: &Symbol) -> String {
    let debug = format!("{symbol:?}");
    debug.split('(').next().unwrap_or_default().to_lowercase()
}

#[test]
fn types_are_found_through_namespaces_lists_and_maps() {
    let text = "wsr 1
identity Id
roles dj
type Id = uuid
namespace a {
  struct S { who: Id, all: [Id], by: map<Id, Role> }
  namespace b { enum E { one, two { s: S } } }
}
message m: a::S -> reply a::b::E or Bad
error Bad { gone }
";
    let expected = [
        "2:10 Id type",
        "3:7 dj role*",
        "4:6 Id type*",
        "5:11 a namespace*",
        "6:10 S type*",
        "6:14 who field*",
        "6:19 Id type",
        "6:23 all field*",
        "6:29 Id type",
        "6:34 by field*",
        "6:42 Id type",
        "7:13 b namespace*",
        "7:22 E type*",
        "7:26 one variant*",
        "7:31 two variant*",
        "7:37 s field*",
        "7:40 S type",
        "9:9 m message*",
        "9:12 a namespace",
        "9:15 S type",
        "9:26 a namespace",
        "9:29 b namespace",
        "9:32 E type",
        "9:37 Bad type",
        "10:7 Bad type*",
        "10:13 gone variant*",
    ];
    assert_eq!(uses(text), expected);
}

#[test]
fn routes_name_events_handlers_topics_roles_and_fields() {
    let text = "wsr 1
identity uuid
roles dj
enum Mood { calm, loud }
struct Device { owner: uuid }
namespace audit { handler record(any) }
namespace chat {
  topic rooms/{room: string}
  event said { room: string, mood: Mood = calm } to topic rooms/{room}
  message say { room: string, to: Device }
    => check, audit::record
    then store -> said -> join rooms/{room}, relay to mailbox {to.owner}
}
message all: chat_all -> chat/said to role(dj)
struct chat_all { room: string }
message leave { room: string } -> leave chat/rooms/{room}
";
    let found = uses(text);
    for expected in [
        "6:27 record anyhandler*",
        "8:9 rooms topic*",
        "9:43 calm variant",
        "9:59 rooms topic",
        "9:66 room field",
        "11:8 check handler",
        "11:15 audit namespace",
        "11:22 record anyhandler",
        "12:10 store handler",
        "12:19 said event",
        "12:32 rooms topic",
        "12:39 room field",
        "12:64 to field",
        "12:67 owner field",
        "14:26 chat namespace",
        "14:31 said event",
        "14:44 dj role",
        "16:41 chat namespace",
        "16:46 rooms topic",
        "16:53 room field",
    ] {
        assert!(found.iter().any(|one| one == expected), "no `{expected}` among\n{}", found.join("\n"));
    }
}

#[test]
fn flows_name_states_messages_and_namespaces() {
    let text = "wsr 1
roles dj
message login -> silent
namespace chat { message send -> silent }
flow session covers login, chat/* {
  start anonymous { after 30s -> end, login -> member }
  state member { chat/send if role(dj) -> more }
  state more extends member { * -> anonymous }
}
";
    let found = uses(text);
    let flow: Vec<&str> =
        found.iter().filter(|line| line.as_str() >= "5" && line.as_str() < "9").map(String::as_str).collect();
    let expected = [
        "5:6 session flow*",
        "5:21 login message",
        "5:28 chat namespace",
        "6:9 anonymous state*",
        "6:39 login message",
        "6:48 member state",
        "7:9 member state*",
        "7:18 chat namespace",
        "7:23 send message",
        "7:36 dj role",
        "7:43 more state",
        "8:9 more state*",
        "8:22 member state",
        "8:36 anonymous state",
    ];
    assert_eq!(flow, expected);
}
