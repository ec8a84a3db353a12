[
  (namespace_body)
  (field_list)
  (variant_list)
  (flow_body)
  (state_body)
  (limits)
  (list)
  (chain)
] @fold

(doc_comment)+ @fold
