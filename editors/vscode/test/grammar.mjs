// The TextMate grammar, run as VS Code runs it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';

const require = createRequire(import.meta.url);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await oniguruma.loadWASM(readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm')).buffer);

const grammars = {
  'source.wsr': '../syntaxes/wsr.tmLanguage.json',
  'markdown.wsr.codeblock': '../syntaxes/codeblock.tmLanguage.json',
};

const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async (scope) =>
    grammars[scope] ? textmate.parseRawGrammar(readFileSync(here(grammars[scope]), 'utf8'), grammars[scope]) : null,
});

/** Every token of a text, with its line from 0 and its scopes from the outside in; and how many scopes are open at the end. */
export async function tokenize(text, scope = 'source.wsr') {
  const grammar = await registry.loadGrammar(scope);
  let stack = textmate.INITIAL;
  const tokens = [];
  text.split(/\r?\n/).forEach((line, row) => {
    const result = grammar.tokenizeLine(line, stack);
    stack = result.ruleStack;
    for (const { startIndex, endIndex, scopes } of result.tokens) {
      tokens.push({ row, text: line.slice(startIndex, endIndex), scopes });
    }
  });
  return { tokens, open: stack.depth - 1 };
}
