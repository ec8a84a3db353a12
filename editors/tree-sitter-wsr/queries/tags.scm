(namespace_declaration name: (identifier) @name) @definition.module
(type_declaration name: (identifier) @name) @definition.type
(struct_declaration name: (identifier) @name) @definition.class
(enum_declaration name: (identifier) @name) @definition.enum
(error_declaration name: (identifier) @name) @definition.enum
(event_declaration name: (identifier) @name) @definition.interface
(message_declaration name: (identifier) @name) @definition.function
(ask_declaration name: (identifier) @name) @definition.interface
(handler_declaration name: (identifier) @name) @definition.function
(topic_declaration path: (topic_path) @name) @definition.constant
(flow_declaration name: (identifier) @name) @definition.module
(state name: (identifier) @name) @definition.constant

(type_name) @name @reference.type
(handler_name) @name @reference.call
(event_name) @name @reference.type
