// As much of VS Code's interface as the client touches: it writes down what it is told, and answers nothing of its own.
import { EventEmitter } from 'node:events';
import { pathToFileURL, fileURLToPath } from 'node:url';

/** A stand-in for the module `vscode`, with what happened in `seen`. */
export function editor({ settings, documents = [] }) {
  const seen = new EventEmitter();
  seen.errors = [];
  seen.output = [];
  seen.commands = new Map();
  const disposable = () => ({ dispose() {} });
  // Whatever else is asked for, an event, a registration, hands back something to dispose of.
  const quiet = (known) => new Proxy(known, { get: (has, key) => (key in has ? has[key] : disposable) });

  const uri = (text) => ({
    scheme: text.split(':')[0],
    path: new URL(text).pathname,
    fsPath: text.startsWith('file:') ? fileURLToPath(text) : text,
    toString: () => text,
    with: () => uri(text),
  });
  class Uri {
    static parse = uri;
    static file = (path) => uri(pathToFileURL(path).href);
  }
  class Range {
    constructor(startLine, startCharacter, endLine, endCharacter) {
      Object.assign(this, { start: startLine, end: startCharacter });
      if (typeof startLine === 'number') {
        this.start = { line: startLine, character: startCharacter };
        this.end = { line: endLine, character: endCharacter };
      }
    }
  }
  class Diagnostic {
    constructor(range, message, severity) {
      Object.assign(this, { range, message, severity });
    }
  }
  class Disposable {
    static from = disposable;
    constructor(dispose) {
      this.dispose = dispose ?? (() => {});
    }
  }
  class CancellationTokenSource {
    token = { isCancellationRequested: false, onCancellationRequested: disposable };
    cancel() {}
    dispose() {}
  }

  const kind = (value) => ({ value, append: (part) => kind(value ? `${value}.${part}` : part) });

  const channel = new Proxy({}, {
    get: (_, key) => (String(key).startsWith('onDid') ? disposable : (line) => seen.output.push(String(line))),
  });
  const configuration = { get: (key, fallback) => settings[key] ?? fallback, inspect: () => undefined };
  const files = documents.map(({ path, text }) => ({
    uri: Uri.file(path),
    fileName: path,
    languageId: 'wsr',
    version: 1,
    isClosed: false,
    isUntitled: false,
    getText: () => text,
  }));

  const known = {
    version: '1.100.0',
    env: { appName: 'test', language: 'en', machineId: 'test', sessionId: 'test' },
    Uri,
    Range,
    Diagnostic,
    Disposable,
    CancellationTokenSource,
    CodeActionKind: { Empty: kind('') },
    EventEmitter: class {
      listeners = [];
      event = (listener) => {
        this.listeners.push(listener);
        return disposable();
      };
      fire(value) {
        this.listeners.forEach((listener) => listener(value));
      }
      dispose() {}
    },
    window: quiet({
      activeTextEditor: undefined,
      visibleTextEditors: [],
      tabGroups: { all: [], onDidChangeTabs: disposable, onDidChangeTabGroups: disposable },
      createOutputChannel: () => channel,
      showErrorMessage: (text) => {
        seen.errors.push(text);
        seen.emit('error shown', text);
        return Promise.resolve(undefined);
      },
    }),
    workspace: quiet({
      textDocuments: files,
      notebookDocuments: [],
      workspaceFolders: undefined,
      isTrusted: true,
      getConfiguration: () => configuration,
      createFileSystemWatcher: () => quiet({}),
    }),
    commands: quiet({
      registerCommand: (name, action) => {
        seen.commands.set(name, action);
        return disposable();
      },
      executeCommand: async () => undefined,
    }),
    languages: quiet({
      match: () => 10,
      createDiagnosticCollection: () => ({
        set: (at, reports) => seen.emit('reports', at.toString(), reports),
        delete() {},
        clear() {},
        dispose() {},
      }),
    }),
  };
  const rest = {};
  const vscode = new Proxy(known, {
    get: (has, key) => {
      if (key in has) {
        return has[key];
      }
      // Kinds and base classes: the client names them when it is loaded.
      return (rest[key] ??= class {});
    },
  });
  return { vscode, seen };
}
