//! The registry of report codes: number, name in words, severity and one line each.
//!
//! Each has a page in `errors/`, which [`explain`] gives; without one this module does not compile.
//!
//! A code is forever: people search for it. Numbers are grouped as the language is: 00 text and syntax,
//! 01 names, 02 types and limits, 03 handlers, 04 deliveries, 05 flows, 06 binary payloads, 08 advice.

use std::fmt;

use crate::diagnostic::Severity;

macro_rules! codes {
    ($($number:literal $variant:ident $slug:literal $severity:ident $line:literal)*) => {
        /// One kind of report.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $line] $variant,)*
        }

        impl Code {
            /// Every code, by number.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// As printed, `WSR0101`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => concat!("WSR", $number),)* }
            }

            /// Its name in words, `unknown-type`.
            pub const fn slug(self) -> &'static str {
                match self { $(Code::$variant => $slug,)* }
            }

            /// Whether it stops the build.
            pub const fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// What it says, in one line.
            pub const fn summary(self) -> &'static str {
                match self { $(Code::$variant => $line,)* }
            }
        }

        /// The page of a code, in Markdown: what it says, why, and an example, wrong and right.
        pub const fn explain(code: Code) -> &'static str {
            match code { $(Code::$variant => include_str!(concat!("../errors/WSR", $number, ".md")),)* }
        }
    };
}

codes! {
    "0001" Unreadable "unreadable" Error "the file cannot be read"
    "0002" Version "version" Error "no `wsr 1` line, or an unknown version"
    "0003" Syntax "syntax" Error "something else was expected here"
    "0004" Keyword "keyword" Error "unknown keyword"
    "0005" Unclosed "unclosed" Error "`{` is never closed"
    "0006" BlockComment "block-comment" Error "there are no block comments"
    "0007" HalfOpen "half-open" Error "a range that may or may not include its end"
    "0008" Import "import" Error "an import that cannot be followed"
    "0009" StrayDoc "stray-doc" Warning "a doc comment with nothing after it"
    "0010" TooDeep "too-deep" Error "nested too deep"
    "0101" UnknownType "unknown-type" Error "unknown type"
    "0102" UnknownName "unknown-name" Error "unknown event, role, topic, state, attribute or warning"
    "0103" Attribute "attribute" Error "an attribute in the wrong place or with wrong arguments"
    "0104" Duplicate "duplicate" Error "declared twice"
    "0105" DuplicateField "duplicate-field" Error "a field, variant or place twice"
    "0106" Meet "meet" Error "two names become one in Rust"
    "0107" NoRustName "no-rust-name" Error "no name in Rust is possible"
    "0108" Taken "taken" Error "a name that generated code or the wire needs for itself"
    "0109" Style "style" Warning "a name in another style than its kind has"
    "0111" FlatField "flat-field" Error "a payload that the flat form cannot carry"
    "0112" ItemKeyword "item-keyword" Error "an item keyword as the name of a type, event or handler"
    "0113" TooMany "too-many" Error "more of something than a protocol can have"
    "0201" EmptyRange "empty-range" Error "no value is in the range"
    "0202" LimitMisfit "limit-misfit" Error "a limit that does not fit the type"
    "0203" LimitBeyond "limit-beyond" Error "a limit beyond what the type can hold"
    "0204" Regex "regex" Error "not a valid regular expression"
    "0205" RegexDialect "regex-dialect" Error "outside the part of regular expressions that all targets know"
    "0206" DefaultBreaksLimit "default-breaks-limit" Error "a default that breaks the limits of its field"
    "0207" DefaultType "default-type" Error "a default of another type"
    "0208" Unsatisfiable "unsatisfiable" Error "limits that no value meets"
    "0209" Endless "endless" Error "a type that contains itself without end"
    "0210" AliasCircle "alias-circle" Error "aliases in a circle"
    "0211" MapKey "map-key" Error "a map key that is no text"
    "0212" NoVariants "no-variants" Error "an enum or error without variants"
    "0213" Wider "wider" Error "a limit wider than that of its alias"
    "0214" LimitTwice "limit-twice" Error "a limit given twice"
    "0216" BigInteger "big-integer" Warning "an integer that JavaScript cannot hold"
    "0301" NoOutcome "no-outcome" Error "a message with neither `=>` nor `->`"
    "0302" ReplyWhat "reply-what" Error "`reply` without a type"
    "0303" TwoReplies "two-replies" Error "two replies, or `silent` beside another outcome"
    "0304" DeliveryTwice "delivery-twice" Error "the same event to the same target twice"
    "0305" HandlerTwiceInChain "handler-twice-in-chain" Error "a handler twice in one chain"
    "0306" HandlerTwice "handler-twice" Error "a handler declared twice"
    "0307" HandlerNotAny "handler-not-any" Error "a handler gets different messages"
    "0308" AnyAnswers "any-answers" Error "an `any` handler would have to return a value"
    "0309" UnknownNamespace "unknown-namespace" Error "unknown namespace of a handler"
    "0310" NotAnError "not-an-error" Error "`or` without an error type, or an error type elsewhere"
    "0311" OnceMore "once-more" Error "`@idempotent` on a message that does more than answer"
    "0312" PassedOn "passed-on" Error "a value is passed on and no handler takes it"
    "0313" ElseAnswers "else-answers" Error "`else continue` behind a handler that replies or passes something on"
    "0314" ReplyUnheard "reply-unheard" Warning "a reply that nobody can wait for"
    "0401" NoTarget "no-target" Error "an event without a target"
    "0402" UnknownField "unknown-field" Error "`{field}` does not exist"
    "0403" FieldType "field-type" Error "`{field}` has the wrong type"
    "0404" FieldOptional "field-optional" Error "`{field}` may be missing"
    "0405" Places "places" Error "a topic with other places than declared"
    "0406" NoIdentity "no-identity" Error "`mailbox` without `identity`"
    "0407" RelaySecret "relay-secret" Error "relay of a payload with a secret"
    "0408" SecretEvent "secret-event" Warning "a secret inside an event"
    "0409" NobodyPresent "nobody-present" Error "`@presence` without `identity`"
    "0410" UnansweredJoin "unanswered-join" Warning "a `-> join` in a message that is not answered"
    "0501" NeverLetIn "never-let-in" Error "a message that no state of its flow lets in"
    "0502" Unreachable "unreachable" Error "a state that cannot be reached"
    "0503" UnknownState "unknown-state" Error "a transition to an unknown state"
    "0504" Start "start" Error "no start state, or several"
    "0505" NoWayOut "no-way-out" Warning "a state without a way out"
    "0506" PickNothing "pick-nothing" Error "a pick that matches no message"
    "0507" TwoSteps "two-steps" Error "one message, two transitions in one state"
    "0508" ExtendsCircle "extends-circle" Error "`extends` in a circle"
    "0509" TwoFlows "two-flows" Error "a message covered by two flows"
    "0510" MemberGuard "member-guard" Error "`if member` in a flow that is on no topic"
    "0511" SideBySide "side-by-side" Error "`@concurrent` on a message that leads its flow elsewhere"
    "0512" DeadlineLate "deadline-late" Warning "a `@deadline` after the state has ended the flow"
    "0601" BinaryVarying "binary-varying" Error "a field of varying size before the end of a binary payload"
    "0602" BinaryTag "binary-tag" Error "a binary tag twice, taken or out of range"
    "0603" BinaryType "binary-type" Error "a type that binary payloads cannot carry"
    "0604" BinaryKept "binary-kept" Error "a binary event where events are kept"
    "0801" Unused "unused" Warning "declared but never used"
    "0802" Unbounded "unbounded" Warning "something from a client without an upper bound"
    "0803" Undocumented "undocumented" Warning "a message or event without a doc comment"
    "0805" Deprecated "deprecated" Warning "use of something deprecated"
    "0807" StaleAllow "stale-allow" Warning "an `@allow` that allows nothing"
}

impl Code {
    /// The code that somebody means by `WSR0101`, `wsr0101`, `0101`, `101` or `unknown-type`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let digits = text.strip_prefix("wsr").unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::ALL.iter().copied().find(|code| code.slug() == text);
        }
        let number = format!("wsr{digits:0>4}");
        Self::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(&number))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn a_code_is_found_by_its_number_in_any_form_and_by_its_name() {
        for text in ["WSR0101", "wsr0101", "0101", "101", " 101\n", "unknown-type", "Unknown-Type"] {
            assert_eq!(Code::parse(text), Some(Code::UnknownType), "{text:?}");
        }
        assert_eq!(Code::parse("1"), Some(Code::Unreadable));
    }

    #[test]
    fn what_is_no_code_is_none() {
        for text in ["", "WSR", "9999", "WSR00101", "00101", "unknown", "E0101", "unknown type", "-1", "99999999999999"]
        {
            assert_eq!(Code::parse(text), None, "{text:?}");
        }
    }
}
