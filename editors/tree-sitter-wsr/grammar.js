/**
 * @file The grammar of `.wsr` for editors.
 *
 * `crates/wsr-compiler/grammar/wsr.pest` is the grammar of truth; this one reads whatever that one reads, and a little more,
 * since an editor shows files that are being written. A test holds the two together (bindings/rust/tests).
 * After an edit: `editors/tree-sitter-wsr/generate`.
 *
 * Keywords belong to their places: `type` begins an item, and a field may be called so. Where no keyword can stand the
 * lexer gives a name; names of types, events, handlers and topics are never item keywords (`reserved`), or a forgotten
 * name would take the next item. An attribute behind a field ends at the end of the line: the scanner looks for that.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const ITEM_WORDS = [
  'protocol', 'import', 'identity', 'roles', 'namespace', 'type', 'struct', 'enum',
  'error', 'topic', 'handler', 'event', 'message', 'ask', 'flow',
];

/** One or more, parted by commas, with one more at the end if one likes. */
const commaSep1 = (rule) => seq(rule, repeat(seq(',', rule)), optional(','));

/** A field or a variant, or attributes that belong to none. */
const memberOf = ($, member) => choice(seq(member, optional(',')), seq($._dangling, ','));

/** What stands behind the first word of a pick. */
const below = ($) => seq(repeat(seq('/', $._name)), optional(seq('/', '*')));

export default grammar({
  name: 'wsr',

  word: $ => $.identifier,

  // The first set counts everywhere but below `reserved('any_name', …)`.
  reserved: {
    item_words: _ => ITEM_WORDS,
    any_name: _ => [],
  },

  externals: $ => [
    // The `@` of an attribute on the line of what it belongs to.
    $._trailing_at,
    // Never in a rule: when the scanner is asked for it, the parser is looking for a way out of an error.
    $._error_sentinel,
  ],

  extras: $ => [/[ \t\r\n]/, $.comment, $.doc_comment],

  supertypes: $ => [$._item, $._type, $._limit, $._outcome, $._target, $._value],

  conflicts: $ => [
    // `-> reply` without a type, and then `enum Name {` or `enum {`.
    [$.reply],
    // The same behind `-> pass`, which may be an event.
    [$.pass, $.event_name],
    // `if member, …`: what follows the comma goes on with the guard, or is the next step.
    [$.guard],
  ],

  rules: {
    source_file: $ => seq(optional($.version), repeat($._item), optional($._dangling)),

    version: $ => seq('wsr', field('number', $.number)),

    // ------------------------------------------------------------ items

    _item: $ => choice(
      $.protocol_declaration,
      $.import_declaration,
      $.identity_declaration,
      $.roles_declaration,
      $.namespace_declaration,
      $.type_declaration,
      $.struct_declaration,
      $.enum_declaration,
      $.error_declaration,
      $.topic_declaration,
      $.handler_declaration,
      $.event_declaration,
      $.message_declaration,
      $.ask_declaration,
      $.flow_declaration,
    ),

    protocol_declaration: $ => seq(
      optional($._attributes), 'protocol', field('name', $._name), field('version', $.string),
    ),
    import_declaration: $ => seq(optional($._attributes), 'import', field('path', $.string)),
    identity_declaration: $ => seq(optional($._attributes), 'identity', field('type', $._type)),
    roles_declaration: $ => seq(optional($._attributes), 'roles', commaSep1(field('role', $.identifier))),

    namespace_declaration: $ => seq(
      optional($._attributes), 'namespace', field('name', $._name), field('body', $.namespace_body),
    ),
    namespace_body: $ => seq('{', repeat($._item), optional($._dangling), '}'),

    type_declaration: $ => seq(
      optional($._attributes), 'type', field('name', $._name), '=', field('type', $._type),
      repeat(alias($._trailing_attribute, $.attribute)),
    ),
    struct_declaration: $ => seq(
      optional($._attributes), 'struct', field('name', $._name), field('body', $.field_list),
    ),
    enum_declaration: $ => seq(
      optional($._attributes), 'enum', field('name', $._name), field('body', $.variant_list),
    ),
    error_declaration: $ => seq(
      optional($._attributes), 'error', field('name', $._name), field('body', $.variant_list),
    ),

    topic_declaration: $ => seq(optional($._attributes), 'topic', field('path', $.topic_path)),
    handler_declaration: $ => seq(
      optional($._attributes), 'handler', field('name', $._name), '(', 'any', ')',
    ),
    event_declaration: $ => seq(
      optional($._attributes), 'event', field('name', $._name), optional($._payload), optional($._to),
    ),
    message_declaration: $ => seq(
      optional($._attributes), 'message', field('name', $._name), optional($._payload),
      choice(field('chain', $.chain), repeat(seq('->', field('outcome', $._outcome)))),
    ),

    ask_declaration: $ => seq(
      optional($._attributes), 'ask', field('name', $._name), optional($._payload), '->', field('outcome', $.reply),
    ),

    // ------------------------------------------------------------ payloads

    _payload: $ => choice(field('payload', $.field_list), seq(':', field('payload', $._type))),
    _to: $ => seq('to', field('target', $._target)),

    field_list: $ => seq('{', repeat(memberOf($, $.field)), optional($._dangling), '}'),
    field: $ => seq(
      optional($._attributes), field('name', $._name), optional(field('optional', '?')), ':', field('type', $._type),
      optional(seq('=', field('default', $._value))),
      repeat(alias($._trailing_attribute, $.attribute)),
    ),

    variant_list: $ => seq('{', repeat(memberOf($, $.variant)), optional($._dangling), '}'),
    variant: $ => seq(
      optional($._attributes), field('name', $._name), optional(field('body', $.field_list)),
      optional(seq('=', field('number', $.number))),
      repeat(alias($._trailing_attribute, $.attribute)),
    ),

    // ------------------------------------------------------------ types

    _type: $ => choice(
      $.type_name,
      $.list_type,
      $.map_type,
      $.struct_type,
      $.enum_type,
      $.literal_type,
      $.limited_type,
      $.nullable_type,
    ),
    _plain_type: $ => choice(
      $.type_name, $.list_type, $.map_type, $.struct_type, $.enum_type, $.literal_type,
    ),
    nullable_type: $ => seq(field('type', choice($._plain_type, $.limited_type)), '?'),
    limited_type: $ => seq(field('type', $._plain_type), field('limits', $.limits)),

    // A type of one's own may be called `map`.
    type_name: $ => seq(choice($.identifier, alias('map', $.identifier)), repeat(seq('::', $._name))),
    list_type: $ => seq('[', field('item', $._type), ']'),
    map_type: $ => seq('map', '<', field('key', $._type), ',', field('value', $._type), '>'),
    struct_type: $ => field('body', $.field_list),
    enum_type: $ => seq('enum', field('body', $.variant_list)),
    literal_type: $ => choice($.string, $.number, $.boolean),

    limits: $ => seq('(', commaSep1($._limit), ')'),
    _limit: $ => choice(
      $.length_limit, $.match_limit, $.unique_limit, $.multiple_limit, $.range, $.bound, $.number_set,
    ),
    length_limit: $ => seq('len', choice($.range, $.bound)),
    match_limit: $ => seq('match', field('pattern', $.regex)),
    unique_limit: _ => 'unique',
    multiple_limit: $ => seq('multiple_of', field('of', $.number)),
    range: $ => choice(
      seq(
        optional(field('start', $._range_end)),
        field('operator', choice('..=', '..', '...', '..<')),
        optional(field('end', $._range_end)),
      ),
      field('exactly', $._range_end),
    ),
    bound: $ => seq(field('operator', choice('>', '>=', '<', '<=')), field('end', $._range_end)),
    number_set: $ => seq($._range_end, repeat1(seq('|', $._range_end))),
    _range_end: $ => choice($.number, $.duration, $.size),

    // ------------------------------------------------------------ routing

    chain: $ => seq('=>', $.stage, repeat(seq('then', $.stage))),
    stage: $ => seq($._handling, repeat(seq(',', $._handling))),
    _handling: $ => choice($.handling, $.relay),
    handling: $ => seq(
      field('handler', $.handler_name), repeat(seq('->', field('outcome', $._outcome))), optional($.fallback),
    ),
    fallback: _ => seq('else', 'continue'),
    handler_name: $ => $._path,

    _outcome: $ => choice($.relay, $.silent, $.reply, $.stream, $.pass, $.membership, $.delivery),
    relay: $ => seq('relay', $._to),
    silent: _ => 'silent',
    reply: $ => seq('reply', optional(field('type', $._type)), optional(seq('or', field('error', $.type_name)))),
    stream: $ => seq('stream', 'of', field('type', $._type), optional(seq('or', field('error', $.type_name)))),
    pass: $ => seq('pass', field('type', $._type)),
    membership: $ => prec(1, seq(
      field('change', choice('join', 'leave')), field('topic', alias($._joined_path, $.topic_path)),
    )),
    // `-> join then` joins a topic called so; everywhere else `then` goes on with the chain.
    _joined_path: $ => seq(
      choice($._topic_part, alias('then', $.identifier)), repeat(seq('/', $._topic_part)),
    ),
    delivery: $ => seq(field('event', $.event_name), optional(field('optional', '?')), optional($._to)),
    event_name: $ => seq(
      choice($.identifier, alias(choice('join', 'leave', 'stream', 'pass'), $.identifier)),
      repeat(seq(choice('::', '/'), $._name)),
    ),

    _target: $ => choice($.all, $.others, $.mailbox, $.mailboxes, $.to_topic, $.to_role),
    all: _ => 'all',
    others: $ => seq('others', optional(seq('in', choice($.to_topic, $.to_role)))),
    mailbox: $ => seq('mailbox', field('field', $.place)),
    mailboxes: _ => 'mailboxes',
    to_topic: $ => seq('topic', field('path', $.topic_path)),
    to_role: $ => seq('role', '(', commaSep1(field('role', $._name)), ')'),

    topic_path: $ => seq($._topic_part, repeat(seq('/', $._topic_part))),
    _topic_part: $ => choice($.identifier, $.place),
    place: $ => seq(
      '{', field('field', $._name), repeat(seq('.', field('field', $._name))),
      optional(seq(':', field('type', $._type))), '}',
    ),

    // ------------------------------------------------------------ flows

    flow_declaration: $ => seq(
      optional($._attributes), 'flow', field('name', $._name), optional(seq('on', field('on', $.topic_path))),
      'covers', field('covers', $.pick), repeat(seq(',', field('covers', $.pick))),
      field('body', $.flow_body),
    ),
    flow_body: $ => seq('{', repeat($.state), '}'),
    state: $ => seq(
      optional($._attributes), choice('start', 'state'), field('name', $._name),
      optional(seq('extends', field('extends', $._name))), field('body', $.state_body),
    ),
    state_body: $ => seq('{', repeat(choice($.step, $.timeout)), '}'),
    step: $ => seq(
      $._picks,
      optional(seq(choice(seq($.guard, optional($._goal)), $._goal), optional(','))),
    ),
    _goal: $ => seq('->', field('to', $._name)),
    // A comma goes on with the list as long as it can.
    _picks: $ => prec.right(seq(
      field('pick', choice($.pick, alias($._after_pick, $.pick))),
      repeat(seq(',', field('pick', $.pick))), optional(','),
    )),
    // A message or namespace may be called `after`; behind a comma it would be taken for a timeout.
    _after_pick: $ => seq(alias('after', $.identifier), below($)),
    guard: $ => seq('if', choice(
      $.member, $.to_role,
      prec.dynamic(1, seq($.member, ',', $.to_role)), prec.dynamic(1, seq($.to_role, ',', $.member)),
    )),
    member: _ => 'member',
    timeout: $ => seq('after', field('time', $.duration), $._goal, optional(',')),

    pick: $ => choice(
      '*',
      seq($._name, below($)),
    ),

    // ------------------------------------------------------------ attributes and values

    attribute: $ => seq('@', $._attribute),
    _trailing_attribute: $ => seq(alias($._trailing_at, '@'), $._attribute),
    _attribute: $ => seq(field('name', $._name), optional(field('arguments', $.arguments))),
    _attributes: $ => repeat1($.attribute),
    // Attributes that nothing follows: read, so that the compiler may explain them.
    _dangling: $ => $._attributes,

    arguments: $ => seq('(', optional(commaSep1(choice($.named_argument, $.rate, $.dashed_name, $._value))), ')'),
    named_argument: $ => seq(field('name', $._name), ':', field('value', $._value)),
    // `kebab-case`, which is no name anywhere else.
    dashed_name: _ => /[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z_][A-Za-z0-9_]*)+/,
    rate: $ => seq(field('count', $.number), 'per', field('time', $.duration)),

    _value: $ => choice(
      $.boolean, $.number, $.duration, $.size, $.string, $.list, $.value_name,
    ),
    list: $ => seq('[', optional(commaSep1($._value)), ']'),
    value_name: $ => seq($._name, repeat(seq('::', $._name))),

    // ------------------------------------------------------------ leaves

    _path: $ => seq($.identifier, repeat(seq('::', $._name))),
    // Also `type`, `message`, `to` …
    _name: $ => reserved('any_name', $.identifier),
    identifier: _ => /[A-Za-z_][A-Za-z0-9_]*/,

    boolean: _ => choice('true', 'false'),
    number: _ => /-?(0x[0-9A-Fa-f]+|[0-9][0-9_]*(\.[0-9]+)?([eE][+-]?[0-9]+)?)/,
    duration: _ => /[0-9]+(ms|s|m|h|d)/,
    size: _ => /[0-9]+(KiB|MiB|B)/,
    string: $ => seq('"', repeat(choice($.escape, $._text)), token.immediate('"')),
    _text: _ => token.immediate(prec(1, /[^"\\\r\n]+/)),
    escape: _ => token.immediate(/\\[^\r\n]/),
    regex: _ => /\/([^\/\\\r\n]|\\[^\r\n])+\//,

    // Three slashes are documentation, two or more than three a comment.
    doc_comment: _ => token(/\/\/\/([^\/\r\n]([^\r\n]|\r+[^\r\n])*)?/),
    comment: _ => token(choice(
      /\/\/([^\/\r\n]([^\r\n]|\r+[^\r\n])*)?/,
      /\/\/\/\/([^\r\n]|\r+[^\r\n])*/,
    )),
  },
});
