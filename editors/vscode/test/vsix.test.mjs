// The package as a person installs it: what is in it, and whether its manifest speaks of files that are there.
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { entries } from './unzip.mjs';

const require = createRequire(import.meta.url);
const vsix = process.env.VSIX ?? new URL('../dist/wsr.vsix', import.meta.url).pathname;

let files;
let folder;
let manifest;

before(async () => {
  files = await entries(vsix);
  folder = mkdtempSync(join(tmpdir(), 'wsr-vsix-'));
  for (const [name, bytes] of files) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  manifest = JSON.parse(files.get('extension/package.json'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the package holds what it needs and nothing else', () => {
  assert.deepEqual(
    [...files.keys()].sort(),
    [
      '[Content_Types].xml',
      'extension.vsixmanifest',
      'extension/dist/LICENSE-APACHE',
      'extension/dist/LICENSE-MIT',
      'extension/dist/extension.js',
      'extension/language-configuration.json',
      'extension/package.json',
      'extension/readme.md',
      'extension/syntaxes/codeblock.tmLanguage.json',
      'extension/syntaxes/wsr.tmLanguage.json',
    ].sort(),
  );
});

test('every file that the manifest names is there and can be read', () => {
  const { languages, grammars } = manifest.contributes;
  const named = [manifest.main, ...languages.map((each) => each.configuration), ...grammars.map((each) => each.path)];
  for (const path of named) {
    assert.ok(files.has(join('extension', path)), `${path} is missing`);
  }
  for (const path of named.filter((name) => name.endsWith('.json'))) {
    JSON.parse(files.get(join('extension', path)));
  }
  assert.deepEqual(languages[0].extensions, ['.wsr']);
  assert.equal(grammars[0].scopeName, 'source.wsr');
});

test('the patterns of the language configuration compile and do what they are for', () => {
  const configuration = JSON.parse(files.get('extension/language-configuration.json'));
  const { increaseIndentPattern, decreaseIndentPattern } = configuration.indentationRules;
  assert.match('  message send {', new RegExp(increaseIndentPattern));
  assert.doesNotMatch('  struct A { a: u8 }', new RegExp(increaseIndentPattern));
  assert.doesNotMatch('  // as in {', new RegExp(increaseIndentPattern));
  assert.match('  } -> reply ok', new RegExp(decreaseIndentPattern));
  const [doc] = configuration.onEnterRules;
  assert.match('  /// Docs go on', new RegExp(doc.beforeText));
  assert.doesNotMatch('  //// not here', new RegExp(doc.beforeText));
  assert.match('words', new RegExp(configuration.wordPattern));
});

test('the problem matcher reads the short form of a report', () => {
  const [matcher] = manifest.contributes.problemMatchers;
  const found = 'app/routes.wsr:4:15: error[WSR0101]: unknown type `strng`'.match(matcher.pattern.regexp);
  assert.deepEqual(found?.slice(1), ['app/routes.wsr', '4', '15', 'error', 'WSR0101', 'unknown type `strng`']);
});

test('every setting and command that the client uses is in the manifest', () => {
  const bundle = files.get('extension/dist/extension.js').toString();
  for (const { command } of manifest.contributes.commands) {
    assert.ok(bundle.includes(`"${command}"`), `${command} is not registered`);
  }
  assert.ok(manifest.contributes.configuration.properties['wsr.path']);
});

test('the bundle needs nothing but Node and the editor', () => {
  const bundle = files.get('extension/dist/extension.js').toString();
  const needed = new Set([...bundle.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1]));
  const builtin = new Set(require('node:module').builtinModules);
  const more = [...needed].filter((name) => name !== 'vscode' && !builtin.has(name.replace(/^node:/, '')));
  assert.deepEqual(more, []);
});
