// Where things are, and clients generated for these tests.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const HERE = dirname(fileURLToPath(import.meta.url));
/** The checkout; these tests may run in a copy of their folder. */
export const REPO = process.env.REPO ?? join(HERE, "../../..");
/** The runtime of the clients, as it is kept beside the compiler. */
export const RUNTIME = join(REPO, "crates/wsr-compiler/src/generate/client/typescript");

/** Writes the client of a protocol into a folder of its own; the path of that. */
export function generate(file, name) {
  const out = join(HERE, "generated", name);
  mkdirSync(out, { recursive: true });
  execFileSync(process.env.WSR ?? "wsr", ["generate", "typescript", resolve(REPO, file), "--out", out]);
  return out;
}

/** The client of a protocol, as a module. */
export async function client(file, name) {
  return import(pathToFileURL(join(generate(file, name), "client.js")));
}

/** The plan in a generated client. */
export function plan(folder) {
  const [, plan] = readFileSync(join(folder, "client.js"), "utf8").match(/^const protocol = (.*);$/m);
  return JSON.parse(plan);
}

/** A part of the runtime. */
export async function runtime(name) {
  return import(pathToFileURL(join(RUNTIME, "js", `${name}.js`)));
}
