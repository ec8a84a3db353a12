// Looks for the `wsr` command before the client starts it: a missing program is explained, not reported as a crash.
'use strict';

const { execFile } = require('node:child_process');
const { homedir } = require('node:os');
const { join } = require('node:path');

const SECONDS = 10;

/**
 * @param {string} path what the setting `wsr.path` says
 * @returns {Promise<{ command?: string, version?: string, reason?: 'missing' | 'broken', detail?: string }>}
 */
async function findServer(path) {
  let worst = { reason: 'missing', detail: '' };
  for (const command of candidates(path)) {
    const answer = await ask(command);
    if (answer.version) {
      return { command, version: answer.version };
    }
    if (answer.reason === 'broken') {
      worst = answer;
    }
  }
  return worst;
}

/** A bare name is also looked for where `cargo install` puts programs: editors started from a menu often lack that path. */
function candidates(path) {
  const home = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
  const bare = !/[\\/]/.test(home);
  return bare ? [home, join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin', home)] : [home];
}

function ask(command) {
  return new Promise((resolve) => {
    execFile(command, ['--version'], { timeout: SECONDS * 1000 }, (error, stdout) => {
      const version = String(stdout ?? '').trim();
      if (!error && /^wsr\b/.test(version)) {
        resolve({ version });
      } else if (error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
        resolve({ reason: 'missing', detail: '' });
      } else {
        resolve({ reason: 'broken', detail: error ? error.message.trim() : `it answered: ${version}` });
      }
    });
  });
}

/** What the person reads. */
function wordsFor(reason, path, detail = '') {
  if (reason === 'missing') {
    return (
      `\`${path}\` was not found, so .wsr files have colours only. ` +
      'Install it from a checkout of Switchboard with `cargo install --path crates/wsr-cli`, ' +
      'or say in the setting `wsr.path` where it is.'
    );
  }
  return `\`${path} lsp\` could not be started: ${detail}`;
}

module.exports = { findServer, wordsFor };
