// The state machine, held to the conversations that every client has to hold.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { REPO, generate, plan, runtime } from "./repository.js";

const TRANSCRIPTS = join(REPO, "tests/clients/transcripts");
const { Machine } = await runtime("machine");
const PROTOCOL = plan(generate("tests/clients/transcripts/protocol.wsr", "transcripts"));

for (const name of readdirSync(TRANSCRIPTS).filter((name) => name.endsWith(".transcript"))) {
  test(name, () => {
    const { settings, steps } = read(readFileSync(join(TRANSCRIPTS, name), "utf8"));
    assert.ok(steps.length > 0, "it is not empty");
    const conversation = new Conversation(settings);
    for (const { input, line, wanted } of steps) {
      assert.deepEqual(conversation.say(input), wanted, `line ${line}: > ${input}`);
    }
  });
}

test("a conversation that goes otherwise fails", () => {
  const conversation = new Conversation({});
  assert.deepEqual(conversation.say("connect"), ["state connecting", "open"].map(parts));
  assert.notDeepEqual(conversation.say("opened"), ["hello", "state closed"].map(parts));
});

function read(text) {
  let settings = {};
  const steps = [];
  text.split("\n").forEach((line, at) => {
    if (line.startsWith("= ")) settings = JSON.parse(line.slice(2));
    else if (line.startsWith("> ")) steps.push({ input: line.slice(2), line: at + 1, wanted: [] });
    else if (line.startsWith("< ")) steps.at(-1).wanted.push(parts(line.slice(2)));
    else assert.ok(line === "" || line.startsWith("#"), `line ${at + 1} is none of a transcript`);
  });
  return { settings, steps };
}

/** The words of a line, its JSON as values. */
function parts(line) {
  const words = [];
  for (let rest = line; rest !== ""; ) {
    const [, word, behind] = rest.match(/^(\S+) ?(.*)$/s);
    if (/^[[{"]|^(null|true|false|-?\d)/.test(rest)) {
      const [json, left] = split(rest);
      words.push(json);
      rest = left;
    } else {
      words.push(word);
      rest = behind;
    }
  }
  return words;
}

/** The JSON that a text begins with, and what is behind it. */
function split(text) {
  for (let end = text.length; end > 0; end -= 1) {
    if (end < text.length && text[end] !== " ") continue;
    try {
      return [JSON.parse(text.slice(0, end)), text.slice(end + 1)];
    } catch {
      // A shorter one, perhaps.
    }
  }
  const [, word, rest] = text.match(/^(\S+) ?(.*)$/s);
  return [word, rest];
}

class Conversation {
  #now = 0;

  constructor({ offline = "keep_oldest", queue = 64, sign_in = false }) {
    this.machine = new Machine(PROTOCOL, { offline, queue, sign_in }, () => 0.5);
  }

  say(input) {
    return this.#outputs(input).map((output) => shown(output));
  }

  #outputs(input) {
    const [what, rest] = [input.split(" ")[0], input.slice(input.indexOf(" ") + 1)];
    const words = what === "raw" || what === "text" || what === "binary" ? [] : parts(input).slice(1);
    const { machine } = this;
    switch (what) {
      case "connect":
        return machine.connect(this.#now);
      case "opened":
        return machine.opened(this.#now);
      case "text":
      case "raw":
        return machine.text(this.#now, rest);
      case "binary":
        return machine.binary(this.#now, Uint8Array.from(Buffer.from(input.slice(7), "hex")));
      case "closed":
        return machine.closed(this.#now, ...words);
      case "time": {
        // Nothing is due before it is said to be.
        const early = machine.wake;
        this.#now = words[0];
        const outputs = machine.time(this.#now);
        assert.equal(outputs.length > 0, early <= this.#now, `wake ${early} at ${this.#now}`);
        return outputs;
      }
      case "call":
      case "direct": {
        const [call, name, payload, { timeout_ms } = {}] = words;
        return machine.call(this.#now, call, name, inJavaScript(payload), timeout_ms, what === "direct");
      }
      case "signed_in":
        return machine.signedIn(this.#now);
      case "sign_in_failed":
        return machine.signInFailed();
      case "cancel":
        return machine.cancel(words[0]);
      case "answer":
        return machine.answer(words[0], words[1]);
      case "decline":
        return machine.decline(words[0], words[1]);
      case "forget":
        return machine.forget(words[0]);
      case "close":
        return machine.close();
      default:
        throw new Error(`nothing is called ${what}`);
    }
  }
}

/** Bytes are text in transcripts; in this protocol they stand in `data` alone. */
function inJavaScript(payload) {
  return typeof payload?.data === "string" ? { ...payload, data: Uint8Array.from(Buffer.from(payload.data, "base64")) } : payload;
}

function inTranscripts(value) {
  return value?.data instanceof Uint8Array ? { ...value, data: Buffer.from(value.data).toString("base64") } : value;
}

function shown(output) {
  switch (output.do) {
    case "hello": {
      const { contract, messages, events, asks } = JSON.parse(output.text);
      assert.equal(contract, PROTOCOL.hash);
      for (const [all, said] of [[PROTOCOL.messages, messages], [PROTOCOL.events, events], [PROTOCOL.asks, asks]]) {
        assert.deepEqual(said, Object.fromEntries(all.map(({ name, hash }) => [name, hash])));
      }
      return ["hello"];
    }
    case "send":
      return ["send", JSON.parse(output.text)];
    case "binary":
      return parts(`binary ${Buffer.from(output.bytes).toString("hex")}`);
    case "shut":
      return ["shut", output.code];
    case "state": {
      const { name, ...rest } = output.state;
      return Object.keys(rest).length === 0 ? ["state", name] : ["state", name, rest];
    }
    case "contract":
      return ["contract", output.contract];
    case "result":
    case "item":
      return [output.do, output.call, output.value];
    case "done":
      return ["done", output.call];
    case "error":
      return ["error", output.call, output.error];
    case "event":
      return ["event", output.name, inTranscripts(output.value)];
    case "asked":
      return ["asked", output.ask, output.name, output.value];
    case "ask_over":
      return ["ask_over", output.ask, output.error];
    case "resumed":
      return ["resumed", output.resumed];
    case "problem":
      return ["problem", output.problem];
    default:
      return [output.do];
  }
}
