import { Declined, Refused } from "./api.js";
import { Machine, readMember, topicName } from "./machine.js";
import { write } from "./values.js";
const platform = globalThis;
/** A timer of 32 bits may not wait longer. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** So many events wait in a loop that is too slow. */
const MOST_EVENTS = 1_024;
/** So many items wait in a stream; there is no way to tell a server to be slower. */
const MOST_ITEMS = 65_536;
/** A connection to a server of this protocol; begun at once. */
export function open(plan, address, options = {}) {
    const client = new Runtime(plan, address, options);
    client.connect();
    return client.root;
}
class Runtime {
    root;
    #plan;
    #address;
    #signIn;
    #WebSocket;
    #machine;
    #calls = new Map();
    #listeners = new Map();
    #handlers = new Map();
    #asked = new Map();
    #told = {
        state: new Set(),
        resumed: new Set(),
        contract: new Set(),
        problem: new Set(),
        wire: new Set(),
    };
    #ends = new Set();
    #members = new Map();
    #topics = new Map();
    #state = { name: "closed", code: 1000, reason: "" };
    #socket;
    /** Counts sockets: what comes of an earlier one does not count. */
    #generation = 0;
    #timer;
    #next = 0;
    #outputs = [];
    #isRunning = false;
    #failure;
    constructor(plan, address, options) {
        const WebSocket = options.WebSocket ?? platform.WebSocket;
        if (WebSocket === undefined)
            throw new TypeError("there is no WebSocket here: give a class as the option `WebSocket`");
        this.#plan = plan;
        this.#WebSocket = WebSocket;
        this.#address = address ?? ownAddress();
        this.#signIn = options.signIn;
        const { offline = "keep_oldest", queue = 64 } = options;
        this.#machine = new Machine(plan, { offline, queue, sign_in: this.#signIn !== undefined }, Math.random);
        for (const topic of plan.topics)
            this.#topics.set(lineOf(topic), topic);
        this.root = this.#facade(undefined);
    }
    connect() {
        this.#do(this.#machine.connect(now()));
    }
    // -------------------------------------------------------------- what is to be done
    /** Does it all in order; what listeners cause meanwhile comes behind it. */
    #do(outputs) {
        this.#outputs.push(...outputs);
        if (this.#isRunning)
            return;
        this.#isRunning = true;
        for (let output = this.#outputs.shift(); output !== undefined; output = this.#outputs.shift()) {
            const one = output;
            guarded(() => this.#one(one));
        }
        this.#isRunning = false;
        this.#setTimer();
    }
    #one(it) {
        switch (it.do) {
            case "open":
                return void this.#open();
            case "hello":
            case "send":
                if (this.#told.wire.size > 0)
                    this.#tell("wire", { direction: "out", data: this.#machine.maskedOut(it.text, it.payload) });
                return this.#socket?.send(it.text);
            case "binary":
                if (this.#told.wire.size > 0)
                    this.#tell("wire", { direction: "out", data: this.#machine.maskedBytes(it.bytes) });
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
                return this.#tell("contract", it.contract);
            case "resumed":
                return this.#tell("resumed", it.resumed);
            case "problem":
                return this.#tell("problem", it.problem);
        }
    }
    #setTimer() {
        platform.clearTimeout(this.#timer);
        this.#timer = undefined;
        const { wake } = this.#machine;
        if (wake === Infinity)
            return;
        const wait = Math.min(Math.max(Math.ceil(wake - now()), 0), LONGEST_TIMER);
        this.#timer = platform.setTimeout(() => this.#do(this.#machine.time(now())), wait);
    }
    async #open() {
        this.#leave(undefined);
        const generation = this.#generation;
        const isCurrent = () => generation === this.#generation;
        let url;
        try {
            url = typeof this.#address === "string" ? this.#address : await this.#address();
        }
        catch (error) {
            // Perhaps there is an address the next time.
            if (isCurrent())
                this.#do(this.#machine.closed(now(), 1006, String(error)));
            return;
        }
        if (!isCurrent())
            return;
        let socket;
        try {
            socket = new this.#WebSocket(absolute(url), ["switchboard.v1", `contract.${this.#plan.hash}`]);
        }
        catch (error) {
            // No address at all: nothing becomes better with the time.
            return this.#do(this.#machine.closed(now(), 1002, String(error)));
        }
        this.#socket = socket;
        socket.binaryType = "arraybuffer";
        socket.onopen = () => isCurrent() && this.#do(this.#machine.opened(now()));
        socket.onmessage = ({ data }) => isCurrent() && this.#arrived(data);
        // A close event follows.
        socket.onerror = () => { };
        socket.onclose = ({ code, reason }) => {
            if (!isCurrent())
                return;
            this.#generation += 1;
            this.#socket = undefined;
            this.#do(this.#machine.closed(now(), code, reason));
        };
    }
    /** Nothing of the socket counts any more. */
    #leave(code) {
        const socket = this.#socket;
        this.#generation += 1;
        this.#socket = undefined;
        if (socket === undefined)
            return;
        socket.onopen = null;
        socket.onmessage = null;
        socket.onclose = null;
        socket.close(code);
    }
    #arrived(data) {
        if (typeof data === "string") {
            if (this.#told.wire.size > 0)
                this.#tell("wire", { direction: "in", data: this.#machine.maskedIn(data) });
            this.#do(this.#machine.text(now(), data));
        }
        else if (data instanceof ArrayBuffer || data instanceof Uint8Array) {
            const bytes = new Uint8Array(data);
            if (this.#told.wire.size > 0)
                this.#tell("wire", { direction: "in", data: this.#machine.maskedBytes(bytes) });
            this.#do(this.#machine.binary(now(), bytes));
        }
    }
    async #runSignIn() {
        const generation = this.#generation;
        try {
            await this.#signIn?.(this.#facade(generation));
        }
        catch (error) {
            if (generation !== this.#generation)
                return;
            this.#failure = { error };
            this.#do(this.#machine.signInFailed());
            return;
        }
        if (generation === this.#generation)
            this.#do(this.#machine.signedIn(now()));
    }
    #setState(state) {
        this.#state = state.name === "closed" && this.#failure !== undefined ? { ...state, error: this.#failure.error } : state;
        this.#failure = undefined;
        this.#tell("state", this.#state);
        if (this.#state.name === "closed")
            for (const end of [...this.#ends])
                end();
    }
    #tell(what, told) {
        for (const listener of [...this.#told[what]])
            guarded(() => listener(told));
    }
    // -------------------------------------------------------------- messages
    #call(message, payload, options, generation, calling) {
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
        }
        else if (signal?.aborted === true) {
            this.#do([{ do: "error", call, error: { code: "cancelled" } }]);
        }
        else {
            signal?.addEventListener("abort", abort);
            this.#do(this.#machine.call(now(), call, message.name, payload, timeout, generation !== undefined));
        }
        return call;
    }
    #once(message, payload, options, generation) {
        return new Promise((resolve) => {
            this.#call(message, payload, options, generation, {
                result: (value) => resolve({ ok: true, value: message.reply?.type === undefined ? undefined : value }),
                error: (error) => resolve({ ok: false, error }),
                item: () => { },
                done: () => { },
            });
        });
    }
    #caller(message, generation) {
        const wire = message.name;
        if (message.stream !== undefined) {
            const read = (payload, options) => this.#stream(message, payload, options, generation);
            return Object.assign(read, { wire });
        }
        const attempt = (payload, options) => this.#once(message, payload, options, generation);
        const call = async (payload, options) => {
            const result = await attempt(payload, options);
            if (result.ok)
                return result.value;
            throw new Refused(wire, result.error, { cause: options?.signal?.reason });
        };
        return Object.assign(call, { wire, try: attempt });
    }
    #stream(message, payload, options, generation) {
        const queue = new Waiting(() => this.#do(this.#machine.cancel(call)));
        const call = this.#call(message, payload, options, generation, {
            item: (value) => {
                if (queue.size < MOST_ITEMS)
                    return queue.push(value);
                queue.fail(new Refused(message.name, { code: "queue_full" }));
                this.#do(this.#machine.cancel(call));
            },
            done: () => queue.end(),
            result: () => queue.end(),
            error: (error) => queue.fail(new Refused(message.name, error, { cause: options?.signal?.reason })),
        });
        return queue;
    }
    // -------------------------------------------------------------- what comes by itself
    #event(name, value, place) {
        const [line = "", what = ""] = name.split("#");
        const topic = this.#topics.get(line);
        if (topic?.presence !== undefined && what !== "" && what !== "state")
            return this.#presence(topic, what, value);
        this.#emit(name, value, place);
    }
    #emit(name, value, place) {
        for (const listener of [...(this.#listeners.get(name) ?? [])])
            guarded(() => listener(value, place));
    }
    #listen(name, listener) {
        // Each has a set entry of its own, also when one function is given twice.
        const own = (value, place) => listener(value, place);
        const all = this.#listeners.get(name) ?? new Set();
        this.#listeners.set(name, all.add(own));
        return () => {
            all.delete(own);
            if (all.size === 0 && this.#listeners.get(name) === all)
                this.#listeners.delete(name);
        };
    }
    #events(name) {
        return {
            on: (listener) => this.#listen(name, listener),
            [Symbol.asyncIterator]: () => {
                const end = () => {
                    off();
                    this.#ends.delete(end);
                    queue.end();
                };
                const queue = new Waiting(end, MOST_EVENTS);
                const off = this.#listen(name, (value) => queue.push(value));
                this.#ends.add(end);
                return queue;
            },
        };
    }
    async #ask(ask, name, question) {
        const handler = this.#handlers.get(name);
        if (handler === undefined)
            return;
        const controller = new platform.AbortController();
        this.#asked.set(ask, controller);
        try {
            const decline = (error) => new Declined(error);
            const answer = await handler(question, { signal: controller.signal, decline });
            if (this.#asked.get(ask) !== controller)
                return;
            this.#asked.delete(ask);
            this.#do(answer instanceof Declined ? this.#machine.decline(ask, answer.error) : this.#machine.answer(ask, answer));
        }
        catch (error) {
            report(error);
        }
    }
    #asks(plan) {
        return {
            answer: (handler) => {
                this.#handlers.set(plan.name, handler);
                return () => {
                    if (this.#handlers.get(plan.name) === handler)
                        this.#handlers.delete(plan.name);
                };
            },
        };
    }
    // -------------------------------------------------------------- topics
    #presence(topic, what, told) {
        const name = String(told["topic"]);
        for (const known of this.#members.keys())
            if (!this.#machine.isIn(known))
                this.#members.delete(known);
        if (!this.#machine.isIn(name))
            return;
        if (what === "here") {
            const members = new Map();
            for (const json of told["members"]) {
                const found = readMember(this.#plan, topic, json);
                if (found.ok)
                    members.set(identityOf(found.value), found.value);
            }
            this.#members.set(name, members);
            return this.#emit(`${name}#here`, [...members.values()], { topic: name });
        }
        const { topic: _, ...member } = told;
        const members = this.#members.get(name) ?? new Map();
        this.#members.set(name, members);
        if (what === "left")
            members.delete(identityOf(member));
        else
            members.set(identityOf(member), member);
        this.#emit(`${name}#${what}`, member, { topic: name });
    }
    #handle(topic, places, generation, reply) {
        const name = topicName(topic, this.#placesOf(topic, places));
        const handle = {
            name,
            forget: () => this.#do(this.#machine.forget(name)),
            ...reply,
        };
        const filled = (uses, payload) => {
            const use = uses?.find((use) => this.#plan.topics[use.topic] === topic);
            const own = Object.fromEntries((use?.places ?? []).map((path, at) => [path[0] ?? "", places[at]]));
            return { ...payload, ...own };
        };
        const { join, leave } = topic;
        const joining = join === undefined ? undefined : this.#plan.messages[join];
        if (joining !== undefined) {
            handle["join"] = async (payload, options) => {
                const result = await this.#once(joining, filled(joining.joins, payload), options, generation);
                if (result.ok)
                    return this.#handle(topic, places, generation, { reply: result.value });
                throw new Refused(joining.name, result.error, { cause: options?.signal?.reason });
            };
        }
        const leaving = leave === undefined ? undefined : this.#plan.messages[leave];
        if (leaving !== undefined) {
            handle["leave"] = async (payload, options) => {
                const result = await this.#once(leaving, filled(leaving.leaves, payload), options, generation);
                if (!result.ok)
                    throw new Refused(leaving.name, result.error, { cause: options?.signal?.reason });
                return result.value;
            };
        }
        if (topic.presence !== undefined) {
            const members = () => (this.#machine.isIn(name) ? [...(this.#members.get(name)?.values() ?? [])] : []);
            Object.defineProperty(handle, "members", { get: members, enumerable: true });
            handle["on"] = (what, listener) => this.#listen(`${name}#${what}`, listener);
        }
        return handle;
    }
    /** The values of places as they are written on the wire. */
    #placesOf(topic, places) {
        return topic.places.map(({ name, type }, at) => {
            const written = write(this.#plan, { type }, places[at]);
            if (written.ok)
                return written.value;
            const violations = written.violations.map((one) => ({ ...one, at: `/${name}${one.at}` }));
            throw new Refused(lineOf(topic), { code: "invalid_payload", violations });
        });
    }
    // -------------------------------------------------------------- names
    /** All that an application sees; with a generation, as its sign-in sees it. */
    #facade(generation) {
        const root = {
            on: (what, listener) => this.#on(what, listener),
            close: () => this.#do(this.#machine.close()),
            connect: () => this.connect(),
        };
        Object.defineProperty(root, "state", { get: () => this.#state, enumerable: true });
        const plan = this.#plan;
        for (const message of plan.messages) {
            place(root, message.path, this.#caller(message, generation));
            if (message.relayed !== undefined)
                place(root, message.relayed, this.#events(message.name));
        }
        for (const event of plan.events)
            place(root, event.path, this.#events(event.name));
        for (const ask of plan.asks)
            place(root, ask.path, this.#asks(ask));
        for (const topic of plan.topics)
            place(root, topic.path, (...places) => this.#handle(topic, places, generation));
        for (const flow of plan.flows)
            place(root, flow.path, this.#events(`${flow.name}#state`));
        return root;
    }
    #on(what, listener) {
        const all = this.#told[what];
        if (all === undefined)
            throw new TypeError(`nothing is told as ${String(what)}`);
        const own = (told) => listener(told);
        all.add(own);
        return () => void all.delete(own);
    }
}
/** What waits to be taken, in a `for await`; leaving that ends it. */
class Waiting {
    /** How many were dropped. */
    lost = 0;
    #leave;
    #most;
    #items = [];
    #takers = [];
    #end;
    constructor(leave, most = Infinity) {
        this.#leave = leave;
        this.#most = most;
    }
    get size() {
        return this.#items.length;
    }
    push(item) {
        if (this.#end !== undefined)
            return;
        const taker = this.#takers.shift();
        if (taker !== undefined)
            return taker.resolve({ done: false, value: item });
        this.#items.push(item);
        if (this.#items.length <= this.#most)
            return;
        this.#items.shift();
        this.lost += 1;
    }
    end() {
        this.#finish({});
    }
    fail(error) {
        this.#finish({ error });
    }
    #finish(end) {
        if (this.#end !== undefined)
            return;
        this.#end = end;
        const takers = this.#takers;
        this.#takers = [];
        for (const taker of takers) {
            if ("error" in end)
                taker.reject(end.error);
            else
                taker.resolve({ done: true, value: undefined });
            // What failed has failed once.
            end = this.#end = {};
        }
    }
    next() {
        const [item] = this.#items;
        if (this.#items.length > 0) {
            this.#items.shift();
            return Promise.resolve({ done: false, value: item });
        }
        const end = this.#end;
        if (end === undefined)
            return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
        this.#end = {};
        return "error" in end ? Promise.reject(end.error) : Promise.resolve({ done: true, value: undefined });
    }
    return() {
        const isOver = this.#end !== undefined;
        this.#items = [];
        this.#finish({});
        if (!isOver)
            this.#leave();
        return Promise.resolve({ done: true, value: undefined });
    }
    [Symbol.asyncIterator]() {
        return this;
    }
}
function now() {
    return platform.performance.now();
}
/** The endpoint of the page's own server. */
function ownAddress() {
    if (platform.location === undefined)
        throw new TypeError("there is no page here: give an address");
    return "/ws";
}
/** An address of the page's own server is one that begins with a slash. */
function absolute(url) {
    const { location } = platform;
    if (!url.startsWith("/") || location === undefined)
        return url;
    return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${url}`;
}
/** The name of a topic without its places. */
function lineOf(topic) {
    return topic.segments.filter((segment) => typeof segment === "string").join("/");
}
function identityOf(member) {
    return String(typeof member["who"] === "object" ? JSON.stringify(member["who"]) : member["who"]);
}
/** Sets what stands at the end of a path. */
function place(root, path, value) {
    let object = root;
    for (const name of path.slice(0, -1))
        object = (object[name] ??= {});
    object[path[path.length - 1] ?? ""] = value;
}
/** A listener that fails stops nothing. */
function guarded(run) {
    try {
        run();
    }
    catch (error) {
        report(error);
    }
}
function report(error) {
    if (platform.reportError !== undefined)
        return platform.reportError(error);
    platform.setTimeout(() => {
        throw error;
    }, 0);
}
