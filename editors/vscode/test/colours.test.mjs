import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tokenize } from './grammar.mjs';

const root = process.env.SWITCHBOARD_ROOT ?? new URL('../../..', import.meta.url).pathname;
const here = (path) => new URL(path, import.meta.url);
const sample = readFileSync(here('sample.wsr'), 'utf8');

/** The innermost scope of the first token with this text in the first line that contains `line`. */
async function scope(line, text) {
  const lines = sample.split('\n');
  const row = lines.findIndex((found) => found.includes(line));
  assert.notEqual(row, -1, `no line has: ${line}`);
  const { tokens } = await tokenize(sample);
  const token = tokens.find((found) => found.row === row && found.text.trim() === text);
  assert.ok(token, `no token \`${text}\` in: ${lines[row]}`);
  return token.scopes.at(-1);
}

const expected = [
  ['wsr 1', 'wsr', 'keyword.control.version.wsr'],
  ['// An aside', '//', 'punctuation.definition.comment.wsr'],
  ['/// Who', 'Who is where.', 'comment.line.documentation.wsr'],
  ['@rename_all', 'kebab-case', 'constant.other.wsr'],
  ['import', '"', 'punctuation.definition.string.begin.wsr'],
  ['  skipper', 'skipper', 'variable.other.enummember.role.wsr'],
  ['type Line', 'Line', 'entity.name.type.alias.wsr'],
  ['type Line', 'string', 'support.type.wsr'],
  ['type Line', 'match', 'keyword.other.limit.wsr'],
  ['type Line', '..=', 'keyword.operator.range.wsr'],
  ['type Line', 'secret', 'entity.other.attribute-name.wsr'],
  ['type Step', '|', 'keyword.operator.alternative.wsr'],
  ['type Angle', '>', 'keyword.operator.comparison.wsr'],
  ['type Angle', '3.6e2', 'constant.numeric.wsr'],
  ['enum Position', 'Position', 'entity.name.type.enum.wsr'],
  ['at_sea', 'at_sea', 'variable.other.enummember.wsr'],
  ['at_sea', 'latitude', 'variable.other.property.wsr'],
  ['type?:', 'type', 'variable.other.property.wsr'],
  ['type?:', 'ferry', 'string.quoted.double.wsr'],
  ['live:', 'true', 'constant.language.boolean.wsr'],
  ['device:', 'mobile', 'variable.other.enummember.wsr'],
  ['device:', 'version', 'variable.other.property.wsr'],
  ['crew:', 'ships', 'entity.name.namespace.wsr'],
  ['crew:', 'Rank', 'entity.name.type.wsr'],
  ['speed:', '-1.5e3', 'constant.numeric.wsr'],
  ['speed:', 'seen', 'variable.other.property.wsr'],
  ['names:', 'normal', 'constant.other.wsr'],
  ['names:', '\\n', 'constant.character.escape.wsr'],
  ['topic decks/{deck', 'decks', 'entity.name.tag.topic.wsr'],
  ['topic decks/{deck', 'deck', 'variable.parameter.place.wsr'],
  ['topic decks/{deck', 'Line', 'entity.name.type.wsr'],
  ['event said', 'said', 'entity.name.type.event.wsr'],
  ['event said', 'others', 'keyword.other.target.wsr'],
  ['@rate', 'per', 'keyword.operator.per.wsr'],
  ['@rate', 's', 'keyword.other.unit.wsr'],
  ['@rate', 'by', 'variable.parameter.wsr'],
  ['message say', 'say', 'entity.name.function.message.wsr'],
  ['    to: PersonId', 'to', 'variable.other.property.wsr'],
  ['=> mind_manners', 'mind_manners', 'entity.name.function.handler.wsr'],
  ['then keep', 'then', 'keyword.control.stage.wsr'],
  ['then keep', 'keep', 'entity.name.function.handler.wsr'],
  ['then keep', 'ok', 'support.type.wsr'],
  ['then keep', 'Hushed', 'entity.name.type.wsr'],
  ['then keep', 'said', 'entity.name.type.event.wsr'],
  ['log::record', 'log', 'entity.name.namespace.wsr'],
  ['log::record', 'record', 'entity.name.function.handler.wsr'],
  ['relay to role', 'relay', 'keyword.control.outcome.wsr'],
  ['relay to role', 'skipper', 'variable.other.enummember.role.wsr'],
  ['then post', 'mailbox', 'keyword.other.target.wsr'],
  ['message join', 'join', 'entity.name.function.message.wsr'],
  ['message silent', 'silent', 'entity.name.function.message.wsr'],
  ['handler record', 'any', 'keyword.other.any.wsr'],
  ['flow voyage', 'covers', 'keyword.control.covers.wsr'],
  ['start quay', 'quay', 'entity.name.label.state.wsr'],
  ['if role', 'if', 'keyword.control.if.wsr'],
  ['after 30s', 'end', 'constant.language.end.wsr'],
  ['state aboard', 'extends', 'keyword.control.extends.wsr'],
  ['ask berth', 'ask', 'storage.type.ask.wsr'],
  ['ask berth', 'berth', 'entity.name.type.ask.wsr'],
  ['message watch', 'stream of', 'keyword.control.outcome.wsr'],
  ['look_up ->', 'pass', 'keyword.control.outcome.wsr'],
  ['look_up ->', 'Vessel', 'entity.name.type.wsr'],
  ['log::keep', 'else continue', 'keyword.control.fallback.wsr'],
  ['then tell', 'pass', 'entity.name.type.event.wsr'],
  ['flow mooring', 'on', 'keyword.control.on.wsr'],
  ['flow mooring', 'decks', 'entity.name.tag.topic.wsr'],
  ['flow mooring', 'covers', 'keyword.control.covers.wsr'],
  ['flow mooring', 'watch', 'entity.name.function.message.wsr'],
  ['dock if', 'member', 'keyword.other.target.wsr'],
  ['watch if', 'member', 'keyword.other.target.wsr'],
];

test('each kind of word has its colour', async () => {
  for (const [line, text, name] of expected) {
    assert.equal(await scope(line, text), name, `\`${text}\` in: ${line}`);
  }
});

test('the whole sample is coloured as it was when somebody last looked', async () => {
  const { tokens } = await tokenize(sample);
  const lines = sample.split('\n');
  let row = -1;
  const shown = [];
  for (const token of tokens.filter((found) => found.text.trim())) {
    if (token.row !== row) {
      row = token.row;
      shown.push(`> ${lines[row]}`);
    }
    shown.push(`    ${token.text.trim().padEnd(20)} ${token.scopes.slice(1).join(' ') || '-'}`);
  }
  const golden = here('golden/sample.txt');
  const found = `${shown.join('\n')}\n`;
  if (process.env.UPDATE_EXPECT) {
    writeFileSync(golden, found);
  }
  assert.equal(found, readFileSync(golden, 'utf8'), 'UPDATE_EXPECT=1 writes it anew');
});

test('no region runs on behind the end of a protocol that compiles', async () => {
  const folders = ['crates/wsr-compiler/tests/corpus/accept', 'crates/codegen-tests/cases'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith('.wsr'))
      .map((name) => join(root, folder, name)),
  );
  assert.ok(files.length > 15, 'the corpus is there');
  for (const file of [...files, join(root, 'routes.wsr')]) {
    // An item behind it ends a list of roles.
    const { tokens, open } = await tokenize(`${readFileSync(file, 'utf8')}\nimport "end.wsr"\n`);
    assert.equal(open, 0, `${file}: something is still open`);
    const last = tokens.filter((token) => token.text === 'import').at(-1);
    assert.equal(last?.scopes.at(-1), 'keyword.control.import.wsr', `${file}: the line behind it is not an item`);
  }
});

test('a block of wsr in Markdown is coloured as a protocol', async () => {
  const { tokens } = await tokenize('```wsr\nmessage ping -> reply ok\n```\n', 'markdown.wsr.codeblock');
  const word = tokens.find((token) => token.text === 'message');
  assert.ok(word?.scopes.includes('meta.embedded.block.wsr'));
  assert.equal(word.scopes.at(-1), 'storage.type.message.wsr');
});
