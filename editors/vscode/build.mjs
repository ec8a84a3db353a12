// Bundles the client into one file, so that the extension carries no node_modules, and puts the licences beside it.
import { build } from 'esbuild';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';

const root = process.env.SWITCHBOARD_ROOT ?? '../..';

rmSync('dist', { recursive: true, force: true });

await build({
  entryPoints: ['src/extension.js'],
  outfile: 'dist/extension.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode'],
  minify: true,
  legalComments: 'inline',
  logLevel: 'warning',
});
mkdirSync('dist', { recursive: true });
for (const licence of ['LICENSE-APACHE', 'LICENSE-MIT']) {
  copyFileSync(`${root}/${licence}`, `dist/${licence}`);
}
