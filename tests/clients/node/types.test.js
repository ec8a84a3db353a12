// The types of generated clients: strict, without and with the types of browsers, and right where it matters.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { diagnostics } from "./emit.js";
import { HERE, REPO, generate } from "./repository.js";

const CASES = ["full", "keywords", "packed", "shadows", "topics", "values", "wire"];
const BROWSER = ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"];

const folders = [
  generate("routes.wsr", "studio"),
  generate("tests/clients/transcripts/protocol.wsr", "transcripts-client"),
  ...CASES.map((name) => generate(`crates/codegen-tests/cases/${name}.wsr`, `types-${name}`)),
];

for (const [where, lib] of [["without the types of a platform", ["lib.es2022.d.ts"]], ["with the types of browsers", BROWSER]]) {
  test(`every client is clean ${where}`, () => {
    const files = folders.flatMap((folder) => [join(folder, "client.d.ts"), join(folder, "client.ts")]);
    assert.deepEqual(diagnostics(files, { lib, noEmit: true }).messages, []);
  });
}

test("what is right compiles, and what is wrong does not", () => {
  const { messages } = diagnostics([join(HERE, "use.ts")], { lib: BROWSER, noEmit: true });
  assert.deepEqual(messages, []);
});

test("what the README shows compiles", () => {
  const [, example] = readFileSync(join(REPO, "README.md"), "utf8").match(/^```ts\n(.*?)^```$/ms);
  const file = join(HERE, "generated/studio/readme.ts");
  writeFileSync(file, example.replace("const studio", "declare const console: { log(...values: unknown[]): void };\nconst studio"));
  const { messages } = diagnostics([file], { noEmit: true });
  assert.deepEqual(messages, []);
});

test("a hostile protocol brings in no code, and is spoken like any other", async () => {
  const folder = generate(join(HERE, "hostile.wsr"), "hostile");
  const files = [join(folder, "client.d.ts"), join(folder, "client.ts")];
  assert.deepEqual(diagnostics(files, { lib: BROWSER, noEmit: true }).messages, []);
  globalThis.evil = () => assert.fail("code of the protocol ran");
  const { connect } = await import(pathToFileURL(join(folder, "client.js")));
  const sent = [];
  class Socket {
    constructor() {
      queueMicrotask(() => this.onopen());
    }

    send(text) {
      sent.push(JSON.parse(text));
    }

    close() {}
  }
  const client = connect("ws://127.0.0.1/ws", { WebSocket: Socket });
  assert.equal(typeof client.state_.close.try, "function");
  const payload = JSON.parse('{"__proto__":"x","a-b":"`","kind":"__proto__"}');
  client.then_.constructor_(payload, { timeout: 20 }).catch(() => {});
  client.then_.prototype_.on(() => {})();
  await new Promise((resolve) => client.on("state", ({ name }) => name === "open" && resolve()));
  client.close();
  assert.deepEqual(sent[1].payload, payload);
  assert.equal(Object.getPrototypeOf(sent[1].payload), Object.prototype);
});
