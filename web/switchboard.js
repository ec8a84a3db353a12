// A small client of the Switchboard wire: named messages out, answers and events in.

export class Refused extends Error {
  constructor(error) {
    super(error.kind ?? error.code);
    this.error = error;
  }
}

export class Switchboard {
  #socket;
  #next = 1;
  #waiting = new Map();
  #listeners = new Map();
  #binary = new Map();
  #questions = new Map();

  /** `onWire(direction, text)` sees every text frame; `onState(text)` what becomes of the connection. */
  constructor(url, { onWire, onState }) {
    this.onWire = onWire;
    this.onState = onState;
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => onState("connected");
    this.#socket.onclose = (event) => {
      onState(`closed: ${event.code}${event.reason ? ` ${event.reason}` : ""}`);
      for (const { reject } of this.#waiting.values()) reject(new Error("the connection is gone"));
      this.#waiting.clear();
    };
    this.#socket.onmessage = ({ data }) => (typeof data === "string" ? this.#text(data) : this.#frame(data));
  }

  /** Sends a message and waits for its answer. */
  ask(name, payload = {}) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ name, id, payload });
    });
  }

  /** Answers each question of the server with this name by what `answer(payload)` gives. */
  onQuestion(name, answer) {
    this.#questions.set(name, answer);
  }

  /** Sends a message that nobody answers. */
  tell(name, payload = {}) {
    this.#send({ name, payload });
  }

  /** Calls `listener(payload)` for each event of this name. */
  on(name, listener) {
    this.#listeners.set(name, listener);
  }

  /** Calls `listener(dataView)` for each binary frame with this tag; the view starts behind it. */
  onFrame(tag, listener) {
    this.#binary.set(tag, listener);
  }

  #send(envelope) {
    const text = JSON.stringify(envelope);
    this.onWire("→", text.replace(/("password":)"(?:[^"\\]|\\.)*"/, '$1"…"'));
    this.#socket.send(text);
  }

  #text(text) {
    this.onWire("←", text.replace(/("token":)"[^"]*"/, '$1"…"'));
    const { name, ask, re, payload, error } = JSON.parse(text);
    if (ask !== undefined && name === undefined) return;
    if (ask !== undefined) return this.#answer(ask, name, payload);
    if (name !== undefined) return this.#listeners.get(name)?.(payload);
    const waiting = this.#waiting.get(re);
    this.#waiting.delete(re);
    if (error) return waiting ? waiting.reject(new Refused(error)) : undefined;
    waiting?.resolve(payload);
  }

  async #answer(ask, name, question) {
    const answer = await this.#questions.get(name)?.(question);
    if (answer) this.#send({ re: ask, payload: answer });
  }

  #frame(buffer) {
    const tag = new DataView(buffer).getUint8(0);
    this.#binary.get(tag)?.(new DataView(buffer, 1));
  }
}
