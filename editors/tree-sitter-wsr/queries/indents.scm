; nvim-treesitter's captures.

[
  (namespace_body)
  (field_list)
  (variant_list)
  (flow_body)
  (state_body)
  (limits)
  (list)
  (arguments)
] @indent.begin

[(message_declaration) (event_declaration) (ask_declaration)] @indent.begin

(namespace_body "}" @indent.branch @indent.end)
(field_list "}" @indent.branch @indent.end)
(variant_list "}" @indent.branch @indent.end)
(flow_body "}" @indent.branch @indent.end)
(state_body "}" @indent.branch @indent.end)
(limits ")" @indent.branch @indent.end)
(arguments ")" @indent.branch @indent.end)
(list "]" @indent.branch @indent.end)

[(comment) (doc_comment)] @indent.auto
