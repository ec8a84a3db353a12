// The client: finds `wsr`, runs `wsr lsp`, and says so when it cannot. What the editor then shows comes from the server.
'use strict';

const vscode = require('vscode');
const { LanguageClient, RevealOutputChannelOn } = require('vscode-languageclient/node');
const { findServer, wordsFor } = require('./server');

/** @type {LanguageClient | undefined} */
let client;
/** @type {vscode.OutputChannel} */
let output;
// Starting, stopping and restarting never overlap.
let turn = Promise.resolve();

function inTurn(action) {
  turn = turn.then(action, action);
  return turn;
}

exports.activate = async function activate(context) {
  output = vscode.window.createOutputChannel('Switchboard', { log: true });
  context.subscriptions.push(
    output,
    vscode.commands.registerCommand('wsr.restart', () => inTurn(restart)),
    vscode.commands.registerCommand('wsr.showOutput', () => output.show()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('wsr.path')) {
        void inTurn(restart);
      }
    }),
  );
  await inTurn(start);
};

exports.deactivate = () => inTurn(stop);

async function restart() {
  await stop();
  await start();
}

async function stop() {
  const running = client;
  client = undefined;
  // A server that died cannot be asked to stop.
  await running?.dispose().catch((error) => output.appendLine(String(error)));
}

async function start() {
  const path = vscode.workspace.getConfiguration('wsr').get('path', 'wsr');
  const found = await findServer(path);
  if (!found.command) {
    // Not awaited: the question may stand there for hours.
    void complain(wordsFor(found.reason, path, found.detail));
    return;
  }
  output.appendLine(`${found.command} lsp (${found.version})`);
  client = new LanguageClient(
    'wsr',
    'Switchboard',
    { command: found.command, args: ['lsp'] },
    {
      documentSelector: [{ language: 'wsr' }],
      outputChannel: output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher('**/*.wsr') },
    },
  );
  try {
    await client.start();
  } catch {
    // The client has said it already, and written down why.
    await stop();
  }
}

async function complain(text) {
  output.appendLine(text);
  const settings = 'Open settings';
  const again = 'Try again';
  const answer = await vscode.window.showErrorMessage(text, settings, again);
  if (answer === settings) {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'wsr.path');
  } else if (answer === again) {
    await inTurn(restart);
  }
}
