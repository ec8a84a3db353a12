// What the console finds wrong with a value before it is sent, beside what the server says of the same value.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const { WSR, REPOSITORY } = process.env;
const page = (file) => import(join(REPOSITORY, "crates/switchboard/src/console/page", file));
const [{ violations }, { Protocol }] = await Promise.all([page("check.js"), page("schema.js")]);

const VALUES = join(REPOSITORY, "tests/clients/values");
/** Formats of which the page has a rough idea only. */
const ROUGH = ["an IPv4 or IPv6 address", "an email address", "a URI"];

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

for (const file of readdirSync(VALUES).filter((name) => name.endsWith(".jsonl"))) {
  test(`the values of ${file} are judged as the server does`, () => {
    const [{ wsr }, ...lines] = readFileSync(join(VALUES, file), "utf8").trim().split("\n").map((line) => JSON.parse(line));
    const protocol = new Protocol(JSON.parse(execFileSync(WSR, ["contract", join(REPOSITORY, wsr)])));
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
