// The packaged client against a server: a small one of its own, and the real `wsr lsp` when WSR says where it is.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Module } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { editor } from './editor.mjs';
import { entries } from './unzip.mjs';

const vsix = process.env.VSIX ?? new URL('../dist/wsr.vsix', import.meta.url).pathname;
const PATIENCE = { timeout: 60_000 };

let folder;
let bundle;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wsr-client-'));
  bundle = (await entries(vsix)).get('extension/dist/extension.js').toString();
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The extension as the editor would load it. */
function load(vscode) {
  const module = new Module(join(folder, 'extension.js'));
  module.filename = join(folder, 'extension.js');
  module.paths = [];
  const own = Module.prototype.require;
  module.require = (name) => (name === 'vscode' ? vscode : own.call(module, name));
  const run = new Function('module', 'exports', 'require', bundle);
  run(module, module.exports, module.require);
  return module.exports;
}

/** A program called `name` that answers `--version`, and speaks as a language server when asked to. */
function program(name, version, server) {
  const path = join(folder, name);
  writeFileSync(path, `#!${process.execPath}\nif (process.argv[2] === '--version') { ${version} } else { ${server} }\n`);
  chmodSync(path, 0o755);
  return path;
}

// Reports each opened document as one error that quotes its first line and the arguments of the program.
const SERVER = `
  let input = Buffer.alloc(0);
  const send = (message) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    process.stdout.write('Content-Length: ' + Buffer.byteLength(body) + '\\r\\n\\r\\n' + body);
  };
  process.stdin.on('data', (bytes) => {
    input = Buffer.concat([input, bytes]);
    for (;;) {
      const head = input.indexOf('\\r\\n\\r\\n');
      const length = Number(/Content-Length: (\\d+)/.exec(input.toString())?.[1]);
      if (head < 0 || input.length < head + 4 + length) return;
      const { id, method, params } = JSON.parse(input.subarray(head + 4, head + 4 + length));
      input = input.subarray(head + 4 + length);
      if (method === 'initialize') send({ id, result: { capabilities: { textDocumentSync: 1 } } });
      else if (method === 'shutdown') send({ id, result: null });
      else if (method === 'exit') process.exit(0);
      else if (method === 'textDocument/didOpen') {
        const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } };
        const message = process.argv.slice(2).join(' ') + ': ' + params.textDocument.text.split('\\n')[0];
        send({ method: 'textDocument/publishDiagnostics', params: { uri: params.textDocument.uri, diagnostics: [{ range, message }] } });
      }
    }
  });`;

function context() {
  return { subscriptions: [] };
}

test('a command that is not there is explained, with the way to get it', PATIENCE, async () => {
  const { vscode, seen } = editor({ settings: { path: join(folder, 'nowhere') } });
  const extension = load(vscode);
  await extension.activate(context());
  assert.equal(seen.errors.length, 1);
  assert.match(seen.errors[0], /nowhere` was not found/);
  assert.match(seen.errors[0], /cargo install --path crates\/wsr-cli/);
  assert.match(seen.errors[0], /`wsr\.path`/);
  await extension.deactivate();
});

test('another program of that name is not started as a language server', PATIENCE, async () => {
  const path = program('other', `console.log('other 1.0')`, `require('fs').writeFileSync(${JSON.stringify(join(folder, 'started'))}, '')`);
  const { vscode, seen } = editor({ settings: { path } });
  const extension = load(vscode);
  await extension.activate(context());
  assert.match(seen.errors[0], /could not be started: it answered: other 1\.0/);
  await extension.deactivate();
});

test('an open file goes to `wsr lsp`, and its reports come back', PATIENCE, async () => {
  const path = program('wsr', `console.log('wsr 0.1.0')`, SERVER);
  const documents = [{ path: join(folder, 'routes.wsr'), text: 'wsr 1\nmessage ping' }];
  const { vscode, seen } = editor({ settings: { path }, documents });
  const extension = load(vscode);
  const reported = once(seen, 'reports');
  await extension.activate(context());
  const [uri, reports] = await reported;
  assert.deepEqual(seen.errors, []);
  assert.match(uri, /routes\.wsr$/);
  assert.equal(reports[0].message, 'lsp: wsr 1');
  await extension.deactivate();
});

test('restarting takes the setting as it is then', PATIENCE, async () => {
  const path = program('wsr-again', `console.log('wsr 0.1.0')`, SERVER);
  const settings = { path: join(folder, 'nowhere') };
  const documents = [{ path: join(folder, 'routes.wsr'), text: 'wsr 1' }];
  const { vscode, seen } = editor({ settings, documents });
  const extension = load(vscode);
  await extension.activate(context());
  assert.equal(seen.errors.length, 1);
  settings.path = path;
  const reported = once(seen, 'reports');
  await seen.commands.get('wsr.restart')();
  await reported;
  assert.equal(seen.errors.length, 1);
  await extension.deactivate();
});

test('the real server reports a mistake', { ...PATIENCE, skip: !process.env.WSR && 'WSR is not set' }, async () => {
  const documents = [{ path: join(folder, 'routes.wsr'), text: 'wsr 1\n\nmessage ping { a: strng } -> reply ok\n' }];
  const { vscode, seen } = editor({ settings: { path: process.env.WSR }, documents });
  const extension = load(vscode);
  const reported = new Promise((resolve) => {
    seen.on('reports', (_, reports) => reports.length > 0 && resolve(reports));
  });
  await extension.activate(context());
  assert.deepEqual(seen.errors, []);
  const [report] = await reported;
  assert.match(report.message, /unknown type `strng`/);
  assert.deepEqual(report.range.start, { line: 2, character: 18 });
  await extension.deactivate();
});
