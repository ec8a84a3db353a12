// The runtime that clients are generated with is what its TypeScript says.

import assert from "node:assert/strict";
import test from "node:test";

import { emitted, kept } from "./emit.js";

test("the runtime's JavaScript is what its TypeScript becomes; `npm run emit` writes it", () => {
  const [wanted, found] = [emitted(), kept()];
  assert.deepEqual([...found.keys()].sort(), [...wanted.keys()].sort());
  for (const [name, text] of wanted) assert.ok(found.get(name) === text, `js/${name} is not up to date`);
});
