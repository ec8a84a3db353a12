// What clients say to values is what the server says, word for word.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import test from "node:test";
import { inspect } from "node:util";

import { REPO, generate, plan, runtime } from "./repository.js";

const VALUES = join(REPO, "tests/clients/values");
const { read, readBinary, write, writeBinary } = await runtime("values");

for (const file of readdirSync(VALUES).filter((name) => name.endsWith(".jsonl"))) {
  test(`the values of ${file}`, () => {
    const [head, ...lines] = readFileSync(join(VALUES, file), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
    const protocol = plan(generate(head.wsr, `values-${basename(file, ".jsonl")}`));
    const { types = [] } = JSON.parse(execFileSync(process.env.WSR ?? "wsr", ["contract", join(REPO, head.wsr)], { encoding: "utf8" }));
    const places = new Map(types.map(({ name }, to) => [name, to]));
    let told = 0;
    for (const line of lines) {
      const payload =
        line.type === undefined
          ? protocol.messages.find(({ name }) => name === line.message)
          : { type: { is: "ref", to: places.get(line.type) } };
      assert.ok(payload !== undefined, `${line.type ?? line.message} is declared`);
      const about = JSON.stringify(line);
      if (line.binary !== undefined) binary(protocol, payload, line, about);
      else if (hides(line.text)) continue;
      else json(protocol, payload, line, about);
      told += 1;
    }
    assert.ok(told > lines.length / 2, `only ${told} of ${lines.length} can be told`);
  });
}

function json(protocol, payload, line, about) {
  const value = parsed(line.text);
  if (line.verdict === "malformed") return assert.ok(value === undefined || depth(value) > 32 || !read(protocol, payload, value, true).ok, about);
  const found = read(protocol, payload, value, true);
  if (line.verdict === "refused") return assert.deepEqual(found, { ok: false, ...wrong(line) }, about);
  assert.ok(found.ok, `${about} ${inspect(found)}`);
  const again = write(protocol, payload, found.value);
  assert.ok(again.ok, `${about} ${inspect(again)}`);
  if (line.written !== undefined) assert.deepEqual(rounded(again.value), rounded(JSON.parse(line.written)), about);
}

function binary(protocol, payload, line, about) {
  const bytes = Uint8Array.from(Buffer.from(line.binary, "hex"));
  const found = readBinary(protocol, payload, bytes.subarray(1));
  if (line.verdict === "refused") return assert.deepEqual(found, { ok: false, ...wrong(line) }, about);
  assert.equal(line.verdict, "taken", about);
  assert.ok(found.ok, `${about} ${inspect(found)}`);
  assert.ok(write(protocol, payload, found.value).ok, about);
  assert.equal(Buffer.from(writeBinary(protocol, payload, found.value)).toString("hex"), line.binary, about);
}

function wrong({ violations, omitted }) {
  return omitted === undefined || omitted === 0 ? { violations } : { violations, omitted };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function depth(value) {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce((most, one) => Math.max(most, depth(one)), 0);
}

/** Numbers of 32 bits are rounded by the server alone. */
function rounded(value) {
  if (typeof value === "number") return Math.fround(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rounded(member)]));
}

/** Whether `JSON.parse` hides something from who reads its values: keys that come twice or in another order, or how a number was written. */
function hides(text) {
  const numbers = text.replace(/"(?:[^"\\]|\\.)*"/gs, '""').match(/-?\d[\d.eE+-]*/g) ?? [];
  if (numbers.some((number) => String(Number(number)) !== number)) return true;
  const keys = [];
  let value;
  try {
    value = JSON.parse(text, function (key, value) {
      if (!Array.isArray(this)) keys.push(key);
      return value;
    });
  } catch {
    return false;
  }
  if (keys.some((key) => /^\d+$/.test(key))) return true;
  const written = text.match(/"(?:[^"\\]|\\.)*"\s*:/gs) ?? [];
  const counted = (value) =>
    typeof value !== "object" || value === null
      ? 0
      : (Array.isArray(value) ? 0 : Object.keys(value).length) + Object.values(value).reduce((sum, one) => sum + counted(one), 0);
  return written.length !== counted(value);
}
