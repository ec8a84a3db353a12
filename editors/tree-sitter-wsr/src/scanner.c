// One token that a grammar cannot describe: the `@` of an attribute behind a field, a variant or an alias. A newline ends
// the list of such attributes, so that `@rate(…)` above the next item belongs to that item. The scanner has no state.

#include "tree_sitter/parser.h"

enum TokenType { TRAILING_AT, ERROR_SENTINEL };

void *tree_sitter_wsr_external_scanner_create(void) { return NULL; }

void tree_sitter_wsr_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_wsr_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}

void tree_sitter_wsr_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

bool tree_sitter_wsr_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols) {
  (void)payload;
  if (valid_symbols[ERROR_SENTINEL] || !valid_symbols[TRAILING_AT]) {
    return false;
  }
  while (lexer->lookahead == ' ' || lexer->lookahead == '\t') {
    lexer->advance(lexer, true);
  }
  if (lexer->lookahead != '@') {
    return false;
  }
  lexer->advance(lexer, false);
  lexer->result_symbol = TRAILING_AT;
  return true;
}
