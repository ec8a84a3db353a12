//! One line of help for each word of the language.

/// What a keyword does, by the word.
pub(super) fn keyword(word: &str) -> Option<&'static str> {
    find(KEYWORDS, word)
}

/// What values a built-in type has.
pub(super) fn built_in(name: &str) -> Option<&'static str> {
    find(BUILT_IN, name)
}

/// What a word inside the parentheses of a type asks for.
pub(super) fn limit(word: &str) -> Option<&'static str> {
    find(LIMITS, word)
}

/// What an attribute does, by its name without `@`.
pub(super) fn attribute(name: &str) -> Option<&'static str> {
    find(ATTRIBUTES, name)
}

/// The built-in types with their help.
pub(super) const BUILT_IN: &[(&str, &str)] = &[
    ("bool", "`true` or `false`"),
    ("u8", "a whole number from 0 to 255"),
    ("u16", "a whole number from 0 to 65,535"),
    ("u32", "a whole number from 0 to 4,294,967,295"),
    ("u64", "a whole number from 0 to 2^64-1; as decimal text on the wire when it may pass 2^53-1"),
    ("i8", "a whole number from -128 to 127"),
    ("i16", "a whole number from -32,768 to 32,767"),
    ("i32", "a whole number from -2^31 to 2^31-1"),
    ("i64", "a whole number from -2^63 to 2^63-1; as decimal text on the wire when it may pass ±(2^53-1)"),
    ("f32", "a number with a fraction, of 32 bits; never infinite, never NaN"),
    ("f64", "a number with a fraction, of 64 bits; never infinite, never NaN"),
    ("string", "text; `len` counts Unicode scalar values"),
    ("bytes", "bytes: base64 in JSON, as they are in a binary payload"),
    ("uuid", "a hyphenated UUID"),
    ("timestamp", "a moment, RFC 3339 in UTC"),
    ("duration", "a length of time, in whole milliseconds on the wire"),
    ("date", "a day of the calendar, `2026-01-31`"),
    ("email", "one e-mail address, without a display name"),
    ("uri", "an address with a scheme, RFC 3986"),
    ("ip", "an IPv4 or IPv6 address"),
    ("json", "any JSON value"),
    ("Role", "one of the `roles` of the protocol"),
    ("map", "`map<K, T>`: entries by key; keys are text, enums without fields or integers"),
    ("ok", "stands behind `reply` only: an empty answer"),
];

/// The limits with their help.
pub(super) const LIMITS: &[(&str, &str)] = &[
    ("len", "`len 1..=40`: how long; Unicode scalar values of text, bytes, items or entries"),
    ("match", "`match /[a-z]+/`: the whole text matches the pattern"),
    ("unique", "`unique`: no two items of the list are equal"),
    ("multiple_of", "`multiple_of 0.5`: only whole multiples of it"),
];

const KEYWORDS: &[(&str, &str)] = &[
    ("wsr", "`wsr 1` is the first line of a file: the version of the language"),
    ("protocol", "`protocol studio \"1.4.0\"`: the name and version of the whole"),
    ("import", "`import \"chat.wsr\"`: takes in what another file declares"),
    ("identity", "`identity UserId`: the type of who a connection is, and of who owns a mailbox"),
    ("roles", "`roles listener, dj`: what a connection may be; in Rust and in types it is `Role`"),
    ("namespace", "`namespace chat { … }`: a part of the protocol; `chat/send` on the wire, `chat::…` in Rust"),
    ("type", "`type RoomId = string(len 1..=40)`: another name for a type, with limits of its own"),
    ("struct", "`struct Room { id: RoomId }`: fields under one name"),
    ("enum", "`enum Offer { live, track { id: uuid } }`: one of several; variants may carry fields"),
    ("error", "`error LoginError { wrong_password }`: why a message may be refused; stands behind `or`"),
    ("topic", "`topic rooms/{room: RoomId}`: what connections join, and events go to"),
    ("handler", "`handler record(any)`: a handler that takes every message"),
    ("event", "`event posted { … }`: from the server to clients; `to …` is where it goes by itself"),
    ("message", "`message send { … } -> reply ok`: from a client to the server, and what comes of it"),
    ("ask", "`ask confirm { … } -> reply Choice`: from the server to one client, which answers"),
    ("flow", "`flow session covers * { … }`: which messages are allowed in which state"),
    ("on", "`flow game on tables/{table} covers …`: one instance for each topic of that form, shared by its members"),
    ("covers", "`covers chat/*, login`: the messages that the flow is about"),
    ("start", "`start anonymous { … }`: the state of a new connection"),
    ("state", "`state member { … }`: the messages that are allowed in it, and where they lead"),
    ("extends", "`state listening extends member`: allows what the other state allows"),
    ("after", "`after 30s -> end`: where the state leads when that time has passed"),
    ("if", "`chat/* if role(dj)`: only for these roles; `if member`: only for members of the flow's topic"),
    ("member", "`if member`: only for members of the topic that the flow is on"),
    ("end", "`-> end` closes the connection"),
    ("then", "`=> check then store`: the next stage, once this one has succeeded"),
    ("else", "`audit::record else continue`: when it fails, that is logged and the chain goes on"),
    ("continue", "`else continue`: when the handler fails, that is logged and the chain goes on"),
    ("to", "`to all`, `to others`, `to mailbox {field}`, `to topic rooms/{room}`, `to role(dj)`: who receives"),
    ("or", "`-> reply Session or LoginError`: the error that handlers may return instead"),
    ("per", "`@rate(5 per 1m)`: so many in that time"),
    ("silent", "`-> silent`: nothing comes of the message"),
    ("reply", "`-> reply T`: the answer to whoever sent the message; `reply ok` is an empty one"),
    ("stream", "`-> stream of T or E`: many answers to whoever sent the message, until the handler is done"),
    ("of", "`stream of T`: the type of each item"),
    ("pass", "`-> pass T`: a value for the handlers of the next stage, as a further parameter"),
    ("relay", "`-> relay to others`: the payload as it came, checked and under the message's own name"),
    ("all", "every connection, the sender's included"),
    ("any", "every message, whatever it carries"),
    ("others", "everybody but the sender; `others in topic …` and `others in role(…)` are fewer"),
    ("in", "`others in topic …`, `others in role(…)`: those of them without the sender"),
    ("mailbox", "`to mailbox {to}`: every connection of the identity that the field holds"),
    ("mailboxes", "`to mailboxes`: the handler returns the identities together with the event"),
    ("join", "`-> join rooms/{room}`: makes the sender a member, once the handler has succeeded"),
    ("leave", "`-> leave rooms/{room}`: ends the sender's membership"),
    ("role", "`role(dj, engineer)`: every connection that has one of these roles"),
    ("true", "the value"),
    ("false", "the value"),
];

const ATTRIBUTES: &[(&str, &str)] = &[
    ("accepts", "the envelope forms that clients may use: `plain`, `flat`, `nested`"),
    ("rename_all", "how names are spelled on the wire: `camelCase`, `kebab-case` and so on"),
    ("wire", "the name on the wire, when it is not the one written here"),
    ("open", "keys and variants that are not declared here are let through"),
    ("tag", "the key that holds the variant's name, beside its fields; `kind` without it"),
    ("secret", "never shown in logs, `Debug` or refusals"),
    ("binary", "travels as a binary frame with this tag instead of JSON"),
    ("deprecated", "still works, and should not be used any more; says why"),
    ("since", "the version of the protocol that first had it"),
    ("audit", "each one is logged"),
    ("rate", "how many a connection, identity or address may send in a time"),
    ("limit", "the greatest size of the payload"),
    ("concurrent", "how many of one connection may be handled at a time"),
    ("deadline", "the time for the whole chain of handlers"),
    ("idempotent", "a second message with the same key gets the answer of the first"),
    ("overflow", "what becomes of the event when a receiver is slow"),
    ("cancellable", "its handlers are dropped when the client leaves, or says that it does not need the answer"),
    ("authorize", "the application decides who may join"),
    ("history", "how many events of the topic, or of each mailbox, are kept, and how long"),
    ("presence", "members of the topic are announced to each other"),
    ("allow", "leaves a warning out, and says why"),
];

fn find(table: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == word).map(|(_, help)| *help)
}

#[cfg(test)]
mod tests {
    use crate::resolve::BUILT_IN;
    use crate::syntax::ITEM_KEYWORDS;

    #[test]
    fn every_word_of_the_language_has_its_line_of_help() {
        for word in ITEM_KEYWORDS {
            assert!(super::keyword(word).is_some(), "`{word}` has no help");
        }
        for name in BUILT_IN {
            assert!(super::built_in(name).is_some(), "`{name}` has no help");
        }
    }
}
