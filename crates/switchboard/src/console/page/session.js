// The page's own connection: a client like any other, that comes back by itself and tells everything it hears.

const SUBPROTOCOL = "switchboard.v1";
const SHORTEST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;
/** A connection that lasts so long begins the pauses anew. */
const STEADY = 5_000;
/** Messages of which it is remembered that they may be answered: those that succeed without an answer say nothing. */
const MOST_PENDING = 1_000;

export class Session {
  #url;
  #offers;
  #hear;
  #socket;
  #wanted = true;
  #pause = SHORTEST_PAUSE;
  #last = 0;
  /** What is not yet answered, by id. */
  #pending = new Map();

  /** `hear(kind, what)` is told `open`, `closed`, `sent`, `answer`, `item`, `refusal`, `event`, `ask`, `over` and `binary`. */
  constructor(url, contract, hear) {
    this.#url = url;
    this.#offers = contract ? [SUBPROTOCOL, `contract.${contract}`] : [SUBPROTOCOL];
    this.#hear = hear;
    this.#connect();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Pulls the plug, or puts it in again. */
  toggle() {
    if (this.isOpen) return this.end();
    this.#wanted = true;
    this.#connect();
  }

  /** Closes it, and does not come back. */
  end() {
    this.#wanted = false;
    this.#socket.close(1000);
  }

  /** Sends a message; `answered` hears `{payload}`, `{error}`, `{item}`, `{done}` or `{lost}`. Its id, if there is a connection. */
  send(name, payload, answered) {
    if (!this.isOpen) return undefined;
    const id = (this.#last += 1);
    this.#pending.set(id, { name, answered });
    if (this.#pending.size > MOST_PENDING) this.#pending.delete(this.#pending.keys().next().value);
    this.#say({ name, id, payload }, name);
    return id;
  }

  cancel = (id) => this.#say({ cancel: id }, this.#pending.get(id)?.name);

  /** Answers an ask, with `{payload}` or `{error}`. */
  reply = (ask, name, answer) => this.#say({ re: ask, ...answer }, name);

  #connect() {
    const socket = new WebSocket(this.#url, this.#offers);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let opened = Infinity;
    socket.onopen = () => {
      opened = performance.now();
      this.#hear("open", {});
    };
    socket.onmessage = ({ data }) => this.#read(data);
    socket.onclose = ({ code, reason }) => {
      if (socket !== this.#socket) return;
      const lost = [...this.#pending.values()];
      this.#pending.clear();
      for (const { answered } of lost) answered({ lost: true });
      this.#hear("closed", { code, reason, again: this.#wanted });
      if (!this.#wanted) return;
      if (performance.now() - opened > STEADY) this.#pause = SHORTEST_PAUSE;
      setTimeout(() => this.#wanted && this.#socket === socket && this.#connect(), this.#pause);
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    };
  }

  #say(envelope, name) {
    if (!this.isOpen) return;
    this.#socket.send(JSON.stringify(envelope));
    this.#hear("sent", { envelope, name });
  }

  #read(data) {
    if (typeof data !== "string") return this.#hear("binary", { bytes: new Uint8Array(data) });
    const envelope = JSON.parse(data);
    const { re, name, ask } = envelope;
    if (name !== undefined) return this.#hear(ask === undefined ? "event" : "ask", { envelope, name });
    if (ask !== undefined) return this.#hear("over", { envelope });
    const pending = this.#pending.get(re);
    const isItem = "item" in envelope;
    if (!isItem) this.#pending.delete(re);
    this.#hear(envelope.error ? "refusal" : isItem ? "item" : "answer", { envelope, name: pending?.name });
    pending?.answered(envelope);
  }
}
