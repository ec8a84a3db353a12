import { Declined, Refused } from "./api.ts";
import type { Abort, Address, CallOptions, Connection, Failure, Member, Options, Place, Result, State, Told } from "./api.ts";
import { Machine, readMember, topicName } from "./machine.ts";
import type { AskPlan, Failed, MessagePlan, Todo, Plan, TopicPlan } from "./machine.ts";
import { write } from "./values.ts";
import type { Bag } from "./values.ts";

// The client around the state machine: sockets, timers, promises, and the names of the protocol.

type Heard = (value: unknown, place: Place) => void;

/** What is used of the platform, which may be a browser or Node. */
interface Platform {
  readonly WebSocket?: new (url: string, protocols: string[]) => object;
  readonly location?: { readonly protocol: string; readonly host: string };
  readonly reportError?: (error: unknown) => void;
  readonly performance: { now(): number };
  readonly AbortController: new () => { readonly signal: Abort; abort(reason?: unknown): void };
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

interface AnySocket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: (() => void) | null;
  send(data: string | Uint8Array): void;
  close(code?: number): void;
}

const platform = globalThis as unknown as Platform;

/** A timer of 32 bits may not wait longer. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** So many events wait in a loop that is too slow. */
const MOST_EVENTS = 1_024;
/** So many items wait in a stream; there is no way to tell a server to be slower. */
const MOST_ITEMS = 65_536;

/** What becomes of one call. */
interface Calling {
  result(value: unknown): void;
  error(error: Failed): void;
  item(value: unknown): void;
  done(): void;
}

/** A connection to a server of this protocol; begun at once. */
export function open<C extends Connection>(plan: Plan, address: Address | undefined, options: Options<C> = {}): C {
  const client = new Runtime(plan, address, options as Options<Connection>);
  client.connect();
  return client.root as C;
}

class Runtime {
  readonly root: Bag;
  readonly #plan: Plan;
  readonly #address: Address;
  readonly #signIn: ((client: Connection) => unknown) | undefined;
  readonly #WebSocket: new (url: string, protocols: string[]) => AnySocket;
  readonly #machine: Machine;
  readonly #calls = new Map<number, Calling>();
  readonly #listeners = new Map<string, Set<Heard>>();
  readonly #handlers = new Map<string, (question: unknown, ask: unknown) => unknown>();
  readonly #asked = new Map<number, { readonly signal: Abort; abort(reason?: unknown): void }>();
  readonly #told: { [K in keyof Told]: Set<(told: Told[K]) => void> } = {
    state: new Set(),
    resumed: new Set(),
    contract: new Set(),
    problem: new Set(),
    wire: new Set(),
  };
  readonly #ends = new Set<() => void>();
  readonly #members = new Map<string, Map<string, Member<unknown, unknown>>>();
  readonly #topics = new Map<string, TopicPlan>();
  #state: State = { name: "closed", code: 1000, reason: "" };
  #socket: AnySocket | undefined;
  /** Counts sockets: what comes of an earlier one does not count. */
  #generation = 0;
  #timer: unknown;
  #next = 0;
  #outputs: Todo[] = [];
  #isRunning = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(plan: Plan, address: Address | undefined, options: Options<Connection>) {
    const WebSocket = options.WebSocket ?? platform.WebSocket;
    if (WebSocket === undefined) throw new TypeError("there is no WebSocket here: give a class as the option `WebSocket`");
    this.#plan = plan;
    this.#WebSocket = WebSocket as new (url: string, protocols: string[]) => AnySocket;
    this.#address = address ?? ownAddress();
    this.#signIn = options.signIn;
    const { offline = "keep_oldest", queue = 64 } = options;
    this.#machine = new Machine(plan, { offline, queue, sign_in: this.#signIn !== undefined }, Math.random);
    for (const topic of plan.topics) this.#topics.set(lineOf(topic), topic);
    this.root = this.#facade(undefined);
  }

  connect(): void {
    this.#do(this.#machine.connect(now()));
  }

  // -------------------------------------------------------------- what is to be done

  /** Does it all in order; what listeners cause meanwhile comes behind it. */
  #do(outputs: Todo[]): void {
    this.#outputs.push(...outputs);
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let output = this.#outputs.shift(); output !== undefined; output = this.#outputs.shift()) {
      const one = output;
      guarded(() => this.#one(one));
    }
    this.#isRunning = false;
    this.#setTimer();
  }

  #one(it: Todo): void {
    switch (it.do) {
      case "open":
        return void this.#open();
      case "hello":
      case "send":
        if (this.#told.wire.size > 0) this.#tell("wire", { direction: "out", data: this.#machine.maskedOut(it.text, it.payload) });
        return this.#socket?.send(it.text);
      case "binary":
        if (this.#told.wire.size > 0) this.#tell("wire", { direction: "out", data: this.#machine.maskedBytes(it.bytes) });
        return this.#socket?.send(it.bytes);
      case "drop":
        return this.#leave(undefined);
      case "shut":
        return this.#leave(it.code);
      case "state":
        return this.#setState(it.state);
      case "sign_in":
        return void this.#runSignIn();
      case "result":
        return this.#calls.get(it.call)?.result(it.value);
      case "error":
        return this.#calls.get(it.call)?.error(it.error);
      case "item":
        return this.#calls.get(it.call)?.item(it.value);
      case "done":
        return this.#calls.get(it.call)?.done();
      case "event":
        return this.#event(it.name, it.value, it.place);
      case "asked":
        return void this.#ask(it.ask, it.name, it.value);
      case "ask_over":
        this.#asked.get(it.ask)?.abort(new Refused("ask", it.error));
        this.#asked.delete(it.ask);
        return;
      case "contract":
        return this.#tell("contract", it.contract as Told["contract"]);
      case "resumed":
        return this.#tell("resumed", it.resumed);
      case "problem":
        return this.#tell("problem", it.problem);
    }
  }

  #setTimer(): void {
    platform.clearTimeout(this.#timer);
    this.#timer = undefined;
    const { wake } = this.#machine;
    if (wake === Infinity) return;
    const wait = Math.min(Math.max(Math.ceil(wake - now()), 0), LONGEST_TIMER);
    this.#timer = platform.setTimeout(() => this.#do(this.#machine.time(now())), wait);
  }

  async #open(): Promise<void> {
    this.#leave(undefined);
    const generation = this.#generation;
    const isCurrent = () => generation === this.#generation;
    let url: string;
    try {
      url = typeof this.#address === "string" ? this.#address : await this.#address();
    } catch (error) {
      // Perhaps there is an address the next time.
      if (isCurrent()) this.#do(this.#machine.closed(now(), 1006, String(error)));
      return;
    }
    if (!isCurrent()) return;
    let socket: AnySocket;
    try {
      socket = new this.#WebSocket(absolute(url), ["switchboard.v1", `contract.${this.#plan.hash}`]);
    } catch (error) {
      // No address at all: nothing becomes better with the time.
      return this.#do(this.#machine.closed(now(), 1002, String(error)));
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => isCurrent() && this.#do(this.#machine.opened(now()));
    socket.onmessage = ({ data }) => isCurrent() && this.#arrived(data);
    // A close event follows.
    socket.onerror = () => {};
    socket.onclose = ({ code, reason }) => {
      if (!isCurrent()) return;
      this.#generation += 1;
      this.#socket = undefined;
      this.#do(this.#machine.closed(now(), code, reason));
    };
  }

  /** Nothing of the socket counts any more. */
  #leave(code: number | undefined): void {
    const socket = this.#socket;
    this.#generation += 1;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(code);
  }

  #arrived(data: unknown): void {
    if (typeof data === "string") {
      if (this.#told.wire.size > 0) this.#tell("wire", { direction: "in", data: this.#machine.maskedIn(data) });
      this.#do(this.#machine.text(now(), data));
    } else if (data instanceof ArrayBuffer || data instanceof Uint8Array) {
      const bytes = new Uint8Array(data as ArrayBuffer);
      if (this.#told.wire.size > 0) this.#tell("wire", { direction: "in", data: this.#machine.maskedBytes(bytes) });
      this.#do(this.#machine.binary(now(), bytes));
    }
  }

  async #runSignIn(): Promise<void> {
    const generation = this.#generation;
    try {
      await this.#signIn?.(this.#facade(generation) as unknown as Connection);
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#failure = { error };
      this.#do(this.#machine.signInFailed());
      return;
    }
    if (generation === this.#generation) this.#do(this.#machine.signedIn(now()));
  }

  #setState(state: State): void {
    this.#state = state.name === "closed" && this.#failure !== undefined ? { ...state, error: this.#failure.error } : state;
    this.#failure = undefined;
    this.#tell("state", this.#state);
    if (this.#state.name === "closed") for (const end of [...this.#ends]) end();
  }

  #tell<K extends keyof Told>(what: K, told: Told[K]): void {
    for (const listener of [...this.#told[what]]) guarded(() => listener(told));
  }

  // -------------------------------------------------------------- messages

  #call(message: MessagePlan, payload: unknown, options: CallOptions | undefined, generation: number | undefined, calling: Calling): number {
    this.#next += 1;
    const call = this.#next;
    const { signal, timeout } = options ?? {};
    const abort = () => this.#do(this.#machine.cancel(call));
    const over = () => {
      this.#calls.delete(call);
      signal?.removeEventListener("abort", abort);
    };
    this.#calls.set(call, {
      item: (value) => calling.item(value),
      result: (value) => (over(), calling.result(value)),
      error: (error) => (over(), calling.error(error)),
      done: () => (over(), calling.done()),
    });
    if (generation !== undefined && generation !== this.#generation) {
      this.#do([{ do: "error", call, error: { code: "connection_lost" } }]);
    } else if (signal?.aborted === true) {
      this.#do([{ do: "error", call, error: { code: "cancelled" } }]);
    } else {
      signal?.addEventListener("abort", abort);
      this.#do(this.#machine.call(now(), call, message.name, payload, timeout, generation !== undefined));
    }
    return call;
  }

  #once(message: MessagePlan, payload: unknown, options: CallOptions | undefined, generation: number | undefined): Promise<Result<unknown, Failed>> {
    return new Promise((resolve) => {
      this.#call(message, payload, options, generation, {
        result: (value) => resolve({ ok: true, value: message.reply?.type === undefined ? undefined : value }),
        error: (error) => resolve({ ok: false, error }),
        item: () => {},
        done: () => {},
      });
    });
  }

  #caller(message: MessagePlan, generation: number | undefined): unknown {
    const wire = message.name;
    if (message.stream !== undefined) {
      const read = (payload?: unknown, options?: CallOptions) => this.#stream(message, payload, options, generation);
      return Object.assign(read, { wire });
    }
    const attempt = (payload?: unknown, options?: CallOptions) => this.#once(message, payload, options, generation);
    const call = async (payload?: unknown, options?: CallOptions) => {
      const result = await attempt(payload, options);
      if (result.ok) return result.value;
      throw new Refused(wire, result.error as Failure, { cause: options?.signal?.reason });
    };
    return Object.assign(call, { wire, try: attempt });
  }

  #stream(message: MessagePlan, payload: unknown, options: CallOptions | undefined, generation: number | undefined): AsyncIterableIterator<unknown> {
    const queue = new Waiting<unknown>(() => this.#do(this.#machine.cancel(call)));
    const call: number = this.#call(message, payload, options, generation, {
      item: (value) => {
        if (queue.size < MOST_ITEMS) return queue.push(value);
        queue.fail(new Refused(message.name, { code: "queue_full" }));
        this.#do(this.#machine.cancel(call));
      },
      done: () => queue.end(),
      result: () => queue.end(),
      error: (error) => queue.fail(new Refused(message.name, error as Failure, { cause: options?.signal?.reason })),
    });
    return queue;
  }

  // -------------------------------------------------------------- what comes by itself

  #event(name: string, value: unknown, place: Place): void {
    const [line = "", what = ""] = name.split("#");
    const topic = this.#topics.get(line);
    if (topic?.presence !== undefined && what !== "" && what !== "state") return this.#presence(topic, what, value as Bag);
    this.#emit(name, value, place);
  }

  #emit(name: string, value: unknown, place: Place): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) guarded(() => listener(value, place));
  }

  #listen(name: string, listener: Heard): () => void {
    // Each has a set entry of its own, also when one function is given twice.
    const own: Heard = (value, place) => listener(value, place);
    const all = this.#listeners.get(name) ?? new Set<Heard>();
    this.#listeners.set(name, all.add(own));
    return () => {
      all.delete(own);
      if (all.size === 0 && this.#listeners.get(name) === all) this.#listeners.delete(name);
    };
  }

  #events(name: string): unknown {
    return {
      on: (listener: Heard) => this.#listen(name, listener),
      [Symbol.asyncIterator]: () => {
        const end = () => {
          off();
          this.#ends.delete(end);
          queue.end();
        };
        const queue = new Waiting<unknown>(end, MOST_EVENTS);
        const off = this.#listen(name, (value) => queue.push(value));
        this.#ends.add(end);
        return queue;
      },
    };
  }

  async #ask(ask: number, name: string, question: unknown): Promise<void> {
    const handler = this.#handlers.get(name);
    if (handler === undefined) return;
    const controller = new platform.AbortController();
    this.#asked.set(ask, controller);
    try {
      const decline = (error: unknown) => new Declined(error);
      const answer = await handler(question, { signal: controller.signal, decline });
      if (this.#asked.get(ask) !== controller) return;
      this.#asked.delete(ask);
      this.#do(answer instanceof Declined ? this.#machine.decline(ask, answer.error) : this.#machine.answer(ask, answer));
    } catch (error) {
      report(error);
    }
  }

  #asks(plan: AskPlan): unknown {
    return {
      answer: (handler: (question: unknown, ask: unknown) => unknown) => {
        this.#handlers.set(plan.name, handler);
        return () => {
          if (this.#handlers.get(plan.name) === handler) this.#handlers.delete(plan.name);
        };
      },
    };
  }

  // -------------------------------------------------------------- topics

  #presence(topic: TopicPlan, what: string, told: Bag): void {
    const name = String(told["topic"]);
    for (const known of this.#members.keys()) if (!this.#machine.isIn(known)) this.#members.delete(known);
    if (!this.#machine.isIn(name)) return;
    if (what === "here") {
      const members = new Map<string, Member<unknown, unknown>>();
      for (const json of told["members"] as unknown[]) {
        const found = readMember(this.#plan, topic, json);
        if (found.ok) members.set(identityOf(found.value as Bag), found.value as Member<unknown, unknown>);
      }
      this.#members.set(name, members);
      return this.#emit(`${name}#here`, [...members.values()], { topic: name });
    }
    const { topic: _, ...member } = told;
    const members = this.#members.get(name) ?? new Map<string, Member<unknown, unknown>>();
    this.#members.set(name, members);
    if (what === "left") members.delete(identityOf(member));
    else members.set(identityOf(member), member as unknown as Member<unknown, unknown>);
    this.#emit(`${name}#${what}`, member, { topic: name });
  }

  #handle(topic: TopicPlan, places: readonly unknown[], generation: number | undefined, reply?: { readonly reply: unknown }): Bag {
    const name = topicName(topic, this.#placesOf(topic, places));
    const handle: Bag = {
      name,
      forget: () => this.#do(this.#machine.forget(name)),
      ...reply,
    };
    const filled = (uses: MessagePlan["joins"], payload: unknown) => {
      const use = uses?.find((use) => this.#plan.topics[use.topic] === topic);
      const own = Object.fromEntries((use?.places ?? []).map((path, at) => [path[0] ?? "", places[at]]));
      return { ...(payload as Bag | null | undefined), ...own };
    };
    const { join, leave } = topic;
    const joining = join === undefined ? undefined : this.#plan.messages[join];
    if (joining !== undefined) {
      handle["join"] = async (payload?: unknown, options?: CallOptions) => {
        const result = await this.#once(joining, filled(joining.joins, payload), options, generation);
        if (result.ok) return this.#handle(topic, places, generation, { reply: result.value });
        throw new Refused(joining.name, result.error as Failure, { cause: options?.signal?.reason });
      };
    }
    const leaving = leave === undefined ? undefined : this.#plan.messages[leave];
    if (leaving !== undefined) {
      handle["leave"] = async (payload?: unknown, options?: CallOptions) => {
        const result = await this.#once(leaving, filled(leaving.leaves, payload), options, generation);
        if (!result.ok) throw new Refused(leaving.name, result.error as Failure, { cause: options?.signal?.reason });
        return result.value;
      };
    }
    if (topic.presence !== undefined) {
      const members = () => (this.#machine.isIn(name) ? [...(this.#members.get(name)?.values() ?? [])] : []);
      Object.defineProperty(handle, "members", { get: members, enumerable: true });
      handle["on"] = (what: string, listener: Heard) => this.#listen(`${name}#${what}`, listener);
    }
    return handle;
  }

  /** The values of places as they are written on the wire. */
  #placesOf(topic: TopicPlan, places: readonly unknown[]): unknown[] {
    return topic.places.map(({ name, type }, at) => {
      const written = write(this.#plan, { type }, places[at]);
      if (written.ok) return written.value;
      const violations = written.violations.map((one) => ({ ...one, at: `/${name}${one.at}` }));
      throw new Refused(lineOf(topic), { code: "invalid_payload", violations });
    });
  }

  // -------------------------------------------------------------- names

  /** All that an application sees; with a generation, as its sign-in sees it. */
  #facade(generation: number | undefined): Bag {
    const root: Bag = {
      on: (what: keyof Told, listener: (told: never) => void) => this.#on(what, listener as (told: unknown) => void),
      close: () => this.#do(this.#machine.close()),
      connect: () => this.connect(),
    };
    Object.defineProperty(root, "state", { get: () => this.#state, enumerable: true });
    const plan = this.#plan;
    for (const message of plan.messages) {
      place(root, message.path, this.#caller(message, generation));
      if (message.relayed !== undefined) place(root, message.relayed, this.#events(message.name));
    }
    for (const event of plan.events) place(root, event.path, this.#events(event.name));
    for (const ask of plan.asks) place(root, ask.path, this.#asks(ask));
    for (const topic of plan.topics) place(root, topic.path, (...places: unknown[]) => this.#handle(topic, places, generation));
    for (const flow of plan.flows) place(root, flow.path, this.#events(`${flow.name}#state`));
    return root;
  }

  #on(what: keyof Told, listener: (told: unknown) => void): () => void {
    const all = this.#told[what] as Set<(told: unknown) => void> | undefined;
    if (all === undefined) throw new TypeError(`nothing is told as ${String(what)}`);
    const own = (told: unknown) => listener(told);
    all.add(own);
    return () => void all.delete(own);
  }
}

/** What waits to be taken, in a `for await`; leaving that ends it. */
class Waiting<T> implements AsyncIterableIterator<T> {
  /** How many were dropped. */
  lost = 0;
  readonly #leave: () => void;
  readonly #most: number;
  #items: T[] = [];
  #takers: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }[] = [];
  #end: { readonly error?: unknown } | undefined;

  constructor(leave: () => void, most = Infinity) {
    this.#leave = leave;
    this.#most = most;
  }

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    if (this.#end !== undefined) return;
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker.resolve({ done: false, value: item });
    this.#items.push(item);
    if (this.#items.length <= this.#most) return;
    this.#items.shift();
    this.lost += 1;
  }

  end(): void {
    this.#finish({});
  }

  fail(error: unknown): void {
    this.#finish({ error });
  }

  #finish(end: { readonly error?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const takers = this.#takers;
    this.#takers = [];
    for (const taker of takers) {
      if ("error" in end) taker.reject(end.error);
      else taker.resolve({ done: true, value: undefined });
      // What failed has failed once.
      end = this.#end = {};
    }
  }

  next(): Promise<IteratorResult<T>> {
    const [item] = this.#items;
    if (this.#items.length > 0) {
      this.#items.shift();
      return Promise.resolve({ done: false, value: item as T });
    }
    const end = this.#end;
    if (end === undefined) return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
    this.#end = {};
    return "error" in end ? Promise.reject(end.error) : Promise.resolve({ done: true, value: undefined });
  }

  return(): Promise<IteratorResult<T>> {
    const isOver = this.#end !== undefined;
    this.#items = [];
    this.#finish({});
    if (!isOver) this.#leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function now(): number {
  return platform.performance.now();
}

/** The endpoint of the page's own server. */
function ownAddress(): string {
  if (platform.location === undefined) throw new TypeError("there is no page here: give an address");
  return "/ws";
}

/** An address of the page's own server is one that begins with a slash. */
function absolute(url: string): string {
  const { location } = platform;
  if (!url.startsWith("/") || location === undefined) return url;
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${url}`;
}

/** The name of a topic without its places. */
function lineOf(topic: TopicPlan): string {
  return topic.segments.filter((segment) => typeof segment === "string").join("/");
}

function identityOf(member: Bag): string {
  return String(typeof member["who"] === "object" ? JSON.stringify(member["who"]) : member["who"]);
}

/** Sets what stands at the end of a path. */
function place(root: Bag, path: readonly string[], value: unknown): void {
  let object = root;
  for (const name of path.slice(0, -1)) object = (object[name] ??= {}) as Bag;
  object[path[path.length - 1] ?? ""] = value;
}

/** A listener that fails stops nothing. */
function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    report(error);
  }
}

function report(error: unknown): void {
  if (platform.reportError !== undefined) return platform.reportError(error);
  platform.setTimeout(() => {
    throw error;
  }, 0);
}
