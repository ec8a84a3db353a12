// The runtime of the clients as JavaScript: `npm run emit` writes it beside its TypeScript, a test compares.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

import { RUNTIME } from "./repository.js";

/** As strict as it gets, for browsers and Node alike: neither's types are there. */
export const STRICT = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ES2022,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2022.d.ts"],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
};

/** What is wrong with these files. */
export function diagnostics(files, options) {
  const program = ts.createProgram(files, { ...STRICT, ...options });
  return { program, messages: ts.getPreEmitDiagnostics(program).map((one) => told(one)) };
}

function told({ file, start, messageText }) {
  const line = file === undefined ? "" : `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1}: `;
  return line + ts.flattenDiagnosticMessageText(messageText, "\n");
}

/** The files of the runtime, by their names in `js/`. */
export function emitted() {
  const files = readdirSync(RUNTIME).filter((name) => name.endsWith(".ts")).map((name) => join(RUNTIME, name));
  const options = { allowImportingTsExtensions: true, rewriteRelativeImportExtensions: true, declaration: true, outDir: "/js", rootDir: RUNTIME };
  const { program, messages } = diagnostics(files, options);
  if (messages.length > 0) throw new Error(messages.join("\n"));
  const texts = new Map();
  program.emit(undefined, (name, text) => texts.set(name.split("/").at(-1), text));
  // Of the types only those of applications are used.
  return new Map([...texts].filter(([name]) => name.endsWith(".js") || name === "api.d.ts"));
}

/** The files as they are kept. */
export function kept() {
  const folder = join(RUNTIME, "js");
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of emitted()) writeFileSync(join(RUNTIME, "js", name), text);
}
