// What the console makes of thousands of values: what it finds wrong with them, beside what the server says of the same ones, and
// whether its forms can hold them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Studio, launch, visit } from "./harness.js";

const { WSR, REPO } = process.env;
const page = (file) => import(join(REPO, "crates/switchboard/src/console/page", file));
const [{ violations }, { Protocol }] = await Promise.all([page("check.js"), page("schema.js")]);

const VALUES = join(REPO, "tests/clients/values");
const FILES = readdirSync(VALUES).filter((name) => name.endsWith(".jsonl"));
/** Formats of which the page has a rough idea only. */
const ROUGH = ["an IPv4 or IPv6 address", "an email address", "a URI"];

/** The schema of a protocol, and values with the server's verdicts. */
function read(file) {
  const [{ wsr }, ...lines] = readFileSync(join(VALUES, file), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  return { schema: JSON.parse(execFileSync(WSR, ["contract", join(REPO, wsr)])), lines };
}

/** The value in a text; undefined where the text says more than a value does: keys twice, `1.0`, digits beyond those of a double. */
function valueIn({ text, verdict }) {
  if (text === undefined || verdict === "malformed") return undefined;
  const plain = text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string) => (string ? JSON.stringify(JSON.parse(string)) : ""));
  const value = JSON.parse(text);
  return JSON.stringify(value) === plain ? value : undefined;
}

/** Places and rules; of what is secret, whose places the server does not tell, rules alone. */
function told(found) {
  const isSecret = found.some(({ got }) => got === "(secret)");
  return found.map(({ at, rule }) => (isSecret ? rule : `${at} ${rule}`)).sort();
}

let studio, browser;

before(async () => {
  [studio, browser] = await Promise.all([Studio.start("--console"), launch()]);
});

after(async () => {
  await browser.close();
  await studio.stop();
});

for (const file of FILES) {
  test(`the values of ${file} are judged as the server does`, () => {
    const { schema, lines } = read(file);
    const protocol = new Protocol(schema);
    let judged = 0;
    for (const line of lines) {
      const value = valueIn(line);
      const server = line.violations ?? [];
      if (value === undefined || server.some(({ want }) => ROUGH.includes(want))) continue;
      const type = line.message
        ? protocol.payload(protocol.message(line.message))
        : { is: "ref", to: protocol.types.findIndex(({ name }) => name === line.type) };
      assert.deepEqual(told(violations(protocol, type, value)), told(server), JSON.stringify(line));
      judged += 1;
    }
    assert.ok(judged > lines.length / 3, `${judged} of ${lines.length} lines`);
  });
}

test("every value that the server takes can be written into a form and read again", async (t) => {
  const visitor = await visit(t, browser, studio.console);
  for (const file of FILES) {
    const { schema, lines } = read(file);
    const values = lines.filter(({ type, verdict }) => type && verdict === "taken").map(({ type, written }) => ({ type, value: JSON.parse(written) }));
    const changed = await visitor.evaluate(throughForms, { schema, values });
    // The input of a password has one line.
    assert.deepEqual(changed.filter(({ value, isSecret }) => !(isSecret && JSON.stringify(value).includes("\\n"))), [], file);
  }
});

test("every message of every protocol has its page", async (t) => {
  const visitor = await visit(t, browser, studio.console);
  for (const file of FILES) {
    const { schema } = read(file);
    const unfolded = await visitor.evaluate(everyPage, schema);
    assert.equal(unfolded.length, schema.messages.length, file);
    for (const { name, empty } of unfolded) assert.equal(empty, 0, `${file}: ${name}`);
  }
});

/** In the browser: makes the page of each message, and unfolds what it tells; how much of that has nothing inside. */
async function everyPage(schema) {
  const [{ Protocol }, { messagePage }] = await Promise.all([import("/_switchboard/schema.js"), import("/_switchboard/messages.js")]);
  const protocol = new Protocol(schema);
  const pages = [];
  for (const message of protocol.messages) {
    const { node, mark } = messagePage({ protocol, session: {}, choose() {}, me() {} }, message);
    mark(undefined, new Map());
    document.getElementById("message").replaceChildren(node);
    const folded = [...node.querySelectorAll(".folded")];
    const toggled = folded.map((details) => new Promise((resolve) => details.addEventListener("toggle", resolve)));
    for (const details of folded) details.open = true;
    await Promise.all(toggled);
    pages.push({ name: message.name, empty: folded.filter((details) => details.children.length < 2).length });
  }
  return pages;
}

/** In the browser: the values that are others when they have been through a form. */
async function throughForms({ schema, values }) {
  const [{ Protocol }, { formOf }] = await Promise.all([import("/_switchboard/schema.js"), import("/_switchboard/form.js")]);
  const protocol = new Protocol(schema);
  const sorted = (value) => {
    if (typeof value !== "object" || value === null) return value;
    return Array.isArray(value) ? value.map(sorted) : Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
  };
  const changed = [];
  for (const { type: name, value } of values) {
    const type = { is: "ref", to: protocol.types.findIndex((type) => type.name === name) };
    // Whether something is null is chosen beside a field.
    if (value === null) continue;
    const [form, problems] = [formOf(protocol, type), []];
    form.write(value);
    const back = form.read("", problems);
    let isSecret = false;
    protocol.overSecrets(type, value, () => (isSecret = true));
    if (problems.length > 0 || JSON.stringify(sorted(back)) !== JSON.stringify(sorted(value))) changed.push({ name, value, back, problems, isSecret });
  }
  return changed;
}
