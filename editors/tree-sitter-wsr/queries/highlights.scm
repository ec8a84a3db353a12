; Later patterns stand above earlier ones.

(comment) @comment
(doc_comment) @comment.documentation

; ---------------------------------------------------------------- words

[
  "wsr" "protocol" "import" "identity" "roles" "namespace" "type" "struct" "enum" "error"
  "topic" "handler" "event" "message" "ask" "flow" "start" "state"
] @keyword

["then" "else" "continue" "to" "in" "or" "of" "if" "on" "covers" "extends" "after" "per" "any"] @keyword

["reply" "stream" "pass" "relay" "join" "leave" "mailbox" "role" "map"] @keyword
[(silent) (all) (mailboxes) (member)] @keyword
(others "others" @keyword)

["len" "match" "multiple_of"] @keyword
(unique_limit) @keyword

; ---------------------------------------------------------------- punctuation

["->" "=>" "=" "|" "?" "..=" ".." "..." "..<" ">" ">=" "<" "<=" "*"] @operator
["{" "}" "(" ")" "[" "]"] @punctuation.bracket
(map_type ["<" ">"] @punctuation.bracket)
["," ":" "::" "/" "."] @punctuation.delimiter

; ---------------------------------------------------------------- values

(string) @string
(escape) @string.escape
(regex) @string.regexp
[(number) (duration) (size)] @number
(boolean) @boolean
(value_name (identifier) @constant)
(dashed_name) @constant

; ---------------------------------------------------------------- types

(type_name (identifier) @type)
(type_name "::" (identifier) @type)
(type_name (identifier) @module . "::")

((type_name . (identifier) @type.builtin .)
  (#any-of? @type.builtin
    "bool" "u8" "u16" "u32" "u64" "i8" "i16" "i32" "i64" "f32" "f64" "string" "bytes"
    "uuid" "timestamp" "duration" "date" "email" "uri" "ip" "json" "ok" "Role"))

; ---------------------------------------------------------------- declarations

(protocol_declaration name: (identifier) @module)
(namespace_declaration name: (identifier) @module)
(type_declaration name: (identifier) @type.definition)
(struct_declaration name: (identifier) @type.definition)
(enum_declaration name: (identifier) @type.definition)
(error_declaration name: (identifier) @type.definition)
(event_declaration name: (identifier) @type.definition)
(message_declaration name: (identifier) @function)
(ask_declaration name: (identifier) @type.definition)
(handler_declaration name: (identifier) @function)
(flow_declaration name: (identifier) @module)
(state name: (identifier) @label)
(state extends: (identifier) @label)
(step to: (identifier) @label)
(timeout to: (identifier) @label)

(field name: (identifier) @property)
(variant name: (identifier) @constant)
(roles_declaration role: (identifier) @constant)
(to_role role: (identifier) @constant)

; ---------------------------------------------------------------- routing

(handler_name (identifier) @function.call)
(handler_name (identifier) @module . "::")
(event_name (identifier) @type)
(event_name (identifier) @module . ["::" "/"])
(topic_path (identifier) @string.special)
(place field: (identifier) @variable.parameter)
(pick (identifier) @function.call)
(pick (identifier) @module . "/")

; ---------------------------------------------------------------- attributes

(attribute "@" @attribute name: (identifier) @attribute)
(named_argument name: (identifier) @property)
