import { hasSecrets, isObject, masked, read, readBinary, write, writeBinary } from "./values.js";
const CONNECT_MS = 10_000;
const QUIET_MS = 20_000;
const PONG_MS = 10_000;
const LASTING_MS = 5_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const LONGEST_HINT_MS = 300_000;
const USUAL_MS = 30_000;
const BEYOND_DEADLINE_MS = 10_000;
/** So many refusals of messages without answers are told by name. */
const REMEMBERED = 256;
/** More open asks than any server allows. */
const MOST_ASKS = 1_024;
export class Machine {
    #plan;
    #settings;
    #random;
    #messages = new Map();
    #heard = new Map();
    #tags = new Map();
    #asks = new Map();
    #phase = "idle";
    /** When the phase began, or ends: for `opening` and `waiting`. */
    #until = 0;
    #openedAt = 0;
    #losses = 0;
    #heardAt = 0;
    #pingedAt;
    #pings = 0;
    #ids = 0;
    #waiting = [];
    #sent = new Map();
    #unanswered = new Map();
    #open = new Map();
    #joined = [];
    /** Joined again by messages without an answer, whose positions may follow. */
    #told = new Set();
    #positions = new Map();
    #mailbox;
    #out = [];
    constructor(plan, settings, random) {
        this.#plan = plan;
        this.#settings = settings;
        this.#random = random;
        for (const message of plan.messages) {
            this.#messages.set(message.name, message);
            if (message.relayed !== undefined)
                this.#hear(message.name, message);
        }
        for (const event of plan.events)
            this.#hear(event.name, event);
        for (const ask of plan.asks)
            this.#asks.set(ask.name, ask);
        for (const topic of plan.topics) {
            const name = topic.segments.filter((segment) => typeof segment === "string").join("/");
            if (topic.presence === undefined)
                continue;
            for (const [what, payload] of Object.entries(presence(plan, topic)))
                this.#heard.set(`${name}#${what}`, payload);
        }
        for (const flow of plan.flows)
            this.#heard.set(`${flow.name}#state`, flowState());
    }
    #hear(name, payload) {
        this.#heard.set(name, payload);
        if (payload.binary !== undefined)
            this.#tags.set(payload.binary, name);
    }
    /** When `time` has to be called, if at all. */
    get wake() {
        let wake = Infinity;
        for (const sent of this.#waiting)
            wake = Math.min(wake, sent.due);
        for (const sent of this.#sent.values())
            wake = Math.min(wake, sent.due);
        if (this.#phase === "opening" || this.#phase === "waiting")
            wake = Math.min(wake, this.#until);
        if (this.#isConnected) {
            wake = Math.min(wake, this.#pingedAt === undefined ? this.#heardAt + QUIET_MS : this.#pingedAt + PONG_MS);
        }
        return wake;
    }
    get #isConnected() {
        return this.#phase === "signing" || this.#phase === "open";
    }
    /** Whether a message of this client has joined this topic and not left it. */
    isIn(topic) {
        return this.#joined.some((joined) => joined.topics.has(topic));
    }
    connect(now) {
        if (this.#phase === "idle" || this.#phase === "closed") {
            this.#losses = 0;
            this.#begin(now);
        }
        else if (this.#phase === "waiting")
            this.#begin(now);
        return this.#taken();
    }
    #begin(now) {
        this.#phase = "opening";
        this.#until = now + CONNECT_MS;
        this.#state({ name: "connecting" });
        this.#out.push({ do: "open" });
    }
    opened(now) {
        if (this.#phase !== "opening")
            return this.#taken();
        this.#heardAt = now;
        this.#pingedAt = undefined;
        this.#out.push({ do: "hello", text: JSON.stringify(hello(this.#plan)) });
        if (this.#settings.sign_in) {
            this.#phase = "signing";
            this.#out.push({ do: "sign_in" });
        }
        else
            this.#ready(now);
        return this.#taken();
    }
    signedIn(now) {
        if (this.#phase === "signing")
            this.#ready(now);
        return this.#taken();
    }
    signInFailed() {
        if (this.#phase === "signing") {
            this.#out.push({ do: "shut", code: 1000 });
            this.#end(1000, "the sign-in failed");
        }
        return this.#taken();
    }
    #ready(now) {
        this.#phase = "open";
        this.#openedAt = now;
        for (const joined of this.#joined)
            this.#rejoin(joined);
        this.#state({ name: "open" });
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const sent of waiting)
            this.#send(sent);
    }
    #rejoin(joined) {
        const { message, json } = joined;
        this.#send({ call: undefined, message, json, bytes: undefined, timeout: undefined, due: Infinity, joined });
        if (message.reply !== undefined)
            return;
        if ([...joined.topics.keys()].some((topic) => this.#positions.has(topic)))
            this.#told.add(joined);
        else
            this.#resumed(joined, undefined, undefined);
    }
    closed(now, code, reason = "", retry) {
        if (this.#phase === "opening" || this.#isConnected)
            this.#lost(now, code, reason, retry);
        return this.#taken();
    }
    #lost(now, code, reason, retry) {
        if (isFinal(code))
            return this.#end(code, reason);
        if (this.#phase === "open" && now - this.#openedAt >= LASTING_MS)
            this.#losses = 0;
        const most = Math.min(FIRST_WAIT_MS * 2 ** this.#losses, LONGEST_WAIT_MS);
        this.#losses += 1;
        const hint = Math.min(retry ?? hinted(reason), LONGEST_HINT_MS);
        const wait = Math.max(Math.floor(most / 2 + (this.#random() * most) / 2), hint);
        this.#phase = "waiting";
        this.#until = now + wait;
        this.#forsake(true);
        this.#state({ name: "waiting", in_ms: wait, code });
    }
    #end(code, reason) {
        this.#phase = "closed";
        this.#forsake(false);
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const sent of waiting)
            this.#fail(sent, { code: "offline" });
        this.#state({ name: "closed", code, reason });
    }
    /** Gives up what the lost connection had under way, but for what may be sent twice. */
    #forsake(comesBack) {
        const again = [];
        for (const sent of this.#sent.values()) {
            if (comesBack && isRepeatable(sent))
                again.push(sent);
            else
                this.#fail(sent, { code: "connection_lost" });
        }
        this.#sent.clear();
        this.#unanswered.clear();
        this.#told.clear();
        this.#waiting.unshift(...again);
        for (const ask of this.#open.keys())
            this.#out.push({ do: "ask_over", ask, error: { code: "connection_lost" } });
        this.#open.clear();
    }
    close() {
        if (this.#phase === "idle" || this.#phase === "closed")
            return this.#taken();
        if (this.#phase !== "waiting")
            this.#out.push({ do: "shut", code: 1000 });
        this.#end(1000, "");
        return this.#taken();
    }
    time(now) {
        for (const sent of this.#waiting.filter((sent) => sent.due <= now)) {
            this.#waiting.splice(this.#waiting.indexOf(sent), 1);
            this.#fail(sent, { code: "timeout", after_ms: sent.timeout });
        }
        for (const [id, sent] of [...this.#sent])
            if (sent.due <= now)
                this.#giveUp(id, sent, { code: "timeout", after_ms: sent.timeout });
        if (this.#phase === "waiting" && now >= this.#until)
            this.#begin(now);
        else if (this.#phase === "opening" && now >= this.#until)
            this.#drop(now);
        else if (this.#isConnected)
            this.#beat(now);
        return this.#taken();
    }
    #beat(now) {
        if (this.#pingedAt !== undefined) {
            if (now >= this.#pingedAt + PONG_MS)
                this.#drop(now);
        }
        else if (now >= this.#heardAt + QUIET_MS) {
            this.#pings += 1;
            this.#pingedAt = now;
            this.#out.push({ do: "send", text: JSON.stringify({ ping: this.#pings }) });
        }
    }
    #drop(now) {
        this.#out.push({ do: "drop" });
        this.#lost(now, 1006, "");
    }
    /** The application's message; from within the sign-in it is `direct`. */
    call(now, call, name, payload, timeout, direct = false) {
        const message = this.#messages.get(name);
        if (message === undefined)
            throw new TypeError(`there is no message ${name}`);
        const usual = Math.max(USUAL_MS, (message.deadline_ms ?? 0) + BEYOND_DEADLINE_MS);
        const most = timeout ?? (message.stream === undefined ? usual : undefined);
        const written = write(this.#plan, message, payload ?? {});
        if (!written.ok) {
            this.#out.push({ do: "error", call, error: { code: "invalid_payload", ...wrong(written) } });
            return this.#taken();
        }
        const json = payload === undefined || payload === null ? undefined : written.value;
        const bytes = message.binary === undefined || isAnswered(message) ? undefined : writeBinary(this.#plan, message, payload ?? {});
        const sent = { call, message, json, bytes, timeout: most, due: most === undefined ? Infinity : now + most, joined: undefined };
        if (this.#phase === "open" || (direct && this.#phase === "signing"))
            this.#send(sent, direct);
        else if (direct)
            this.#fail(sent, { code: "connection_lost" });
        else
            this.#queue(sent);
        return this.#taken();
    }
    #queue(sent) {
        const { offline, queue } = this.#settings;
        if (offline === "refuse" || this.#phase === "idle" || this.#phase === "closed")
            return this.#fail(sent, { code: "offline" });
        if (this.#waiting.length < queue) {
            this.#waiting.push(sent);
            return;
        }
        const oldest = offline === "keep_newest" ? this.#waiting.shift() : undefined;
        if (oldest !== undefined)
            this.#waiting.push(sent);
        this.#fail(oldest ?? sent, { code: "queue_full" });
    }
    #send(sent, direct = false) {
        const { message, bytes } = sent;
        if (bytes !== undefined) {
            this.#out.push({ do: "binary", bytes, payload: message });
        }
        else {
            this.#ids += 1;
            const since = sent.joined === undefined ? (direct ? this.#mailboxPosition() : []) : this.#positionsOf(sent.joined);
            const text = JSON.stringify({
                name: message.name,
                id: this.#ids,
                ...(sent.json === undefined ? {} : { payload: sent.json }),
                ...(since.length === 0 ? {} : { since }),
            });
            this.#out.push({ do: "send", text, payload: message });
            if (isAnswered(message))
                this.#sent.set(this.#ids, sent);
            else
                this.#remember(this.#ids, message);
        }
        if (isAnswered(message))
            return;
        this.#succeeded(sent);
        if (sent.call !== undefined)
            this.#out.push({ do: "result", call: sent.call, value: null });
    }
    #remember(id, message) {
        this.#unanswered.set(id, message);
        for (const oldest of this.#unanswered.keys()) {
            if (this.#unanswered.size <= REMEMBERED)
                break;
            this.#unanswered.delete(oldest);
        }
    }
    cancel(call) {
        const waiting = this.#waiting.findIndex((sent) => sent.call === call);
        const [sent] = waiting < 0 ? [] : this.#waiting.splice(waiting, 1);
        if (sent !== undefined)
            this.#fail(sent, { code: "cancelled" });
        for (const [id, sent] of this.#sent)
            if (sent.call === call)
                this.#giveUp(id, sent, { code: "cancelled" });
        return this.#taken();
    }
    #giveUp(id, sent, error) {
        this.#sent.delete(id);
        if (sent.message.cancellable === true || sent.message.stream !== undefined) {
            this.#out.push({ do: "send", text: JSON.stringify({ cancel: id }) });
        }
        this.#fail(sent, error);
    }
    #fail(sent, error) {
        if (sent.call !== undefined)
            this.#out.push({ do: "error", call: sent.call, error });
    }
    text(now, text) {
        if (!this.#isConnected)
            return this.#taken();
        this.#heardAt = now;
        this.#pingedAt = undefined;
        const envelope = parsed(text);
        if (!isObject(envelope) || !this.#envelope(envelope))
            this.#problem({ kind: "malformed" });
        return this.#taken();
    }
    /** Whether it is one. */
    #envelope(it) {
        if (typeof it["name"] === "string")
            return "ask" in it ? this.#asked(it, it["name"]) : this.#event(it, it["name"]);
        if ("re" in it)
            return this.#answer(it);
        if ("ask" in it)
            return this.#askOver(it);
        if ("contract" in it) {
            if (it["same"] === false)
                this.#out.push({ do: "contract", contract: it });
            return true;
        }
        if (Array.isArray(it["positions"])) {
            this.#tellPositions(it["positions"]);
            return true;
        }
        return "pong" in it;
    }
    #answer(it) {
        const { re, error } = it;
        const isFailed = isObject(error) && typeof error["code"] === "string";
        const sent = typeof re === "number" ? this.#sent.get(re) : undefined;
        if (typeof re !== "number" || sent === undefined) {
            if (!isFailed)
                return "payload" in it || "item" in it || "done" in it || "error" in it;
            const message = typeof re === "number" ? this.#unanswered.get(re) : undefined;
            if (message !== undefined)
                this.#problem({ kind: "refused", name: message.name, error: error });
            else if (re === null)
                this.#problem({ kind: "refused", error: error });
            return true;
        }
        if (isFailed)
            this.#refused(re, sent, error);
        else if ("item" in it && sent.message.stream !== undefined)
            this.#item(re, sent, it["item"]);
        else if (it["done"] === true && sent.message.stream !== undefined) {
            this.#sent.delete(re);
            if (sent.call !== undefined)
                this.#out.push({ do: "done", call: sent.call });
        }
        else if ("payload" in it && sent.message.reply !== undefined)
            this.#answered(re, sent, it);
        else
            return false;
        return true;
    }
    #refused(id, sent, error) {
        this.#sent.delete(id);
        const known = this.#declared(sent.message.error, error);
        if (sent.joined === undefined)
            return this.#fail(sent, known);
        this.#joined = this.#joined.filter((joined) => joined !== sent.joined);
        this.#resumed(sent.joined, undefined, known);
    }
    /** A declared error as its type has it; another one as it is. */
    #declared(type, error) {
        if (error.code !== "refused" || type === undefined)
            return error;
        const { code, ...rest } = error;
        const found = read(this.#plan, { type: { is: "ref", to: type } }, rest);
        return found.ok ? { code, ...found.value } : error;
    }
    #item(id, sent, item) {
        const found = read(this.#plan, { type: sent.message.stream ?? { is: "json" } }, item);
        if (!found.ok)
            return this.#giveUp(id, sent, { code: "unreadable", ...wrong(found) });
        if (sent.call !== undefined)
            this.#out.push({ do: "item", call: sent.call, value: found.value });
    }
    #answered(id, sent, it) {
        this.#sent.delete(id);
        const found = read(this.#plan, sent.message.reply?.type === undefined ? { fields: [] } : { type: sent.message.reply.type }, it["payload"]);
        const positions = Array.isArray(it["positions"]) ? it["positions"].filter(isPosition) : [];
        if (sent.joined !== undefined) {
            const outcomes = this.#takePositions(positions);
            if (found.ok)
                this.#resumed(sent.joined, outcomes, undefined, found.value);
            else
                this.#resumed(sent.joined, outcomes, { code: "unreadable", ...wrong(found) });
            return;
        }
        this.#succeeded(sent);
        this.#takePositions(positions);
        if (found.ok) {
            if (sent.call !== undefined)
                this.#out.push({ do: "result", call: sent.call, value: found.value });
        }
        else
            this.#fail(sent, { code: "unreadable", ...wrong(found) });
    }
    /** Keeps and forgets joins. */
    #succeeded(sent) {
        const { message, json } = sent;
        if (sent.joined !== undefined)
            return;
        for (const use of message.leaves ?? [])
            this.#left(topicOf(this.#plan, message, use, json));
        if (message.joins === undefined)
            return;
        const key = JSON.stringify([message.name, json ?? null]);
        if (this.#joined.some((joined) => joined.key === key))
            return;
        const topics = new Map();
        for (const use of message.joins) {
            const topic = this.#plan.topics[use.topic];
            const name = topicOf(this.#plan, message, use, json);
            if (topic !== undefined && name !== undefined)
                topics.set(name, topic);
        }
        this.#joined.push({ message, json, key, topics });
    }
    forget(topic) {
        this.#left(topic);
        return this.#taken();
    }
    #left(topic) {
        if (topic === undefined)
            return;
        this.#positions.delete(topic);
        for (const joined of this.#joined)
            joined.topics.delete(topic);
        this.#joined = this.#joined.filter((joined) => joined.topics.size > 0);
    }
    #positionsOf(joined) {
        const since = [];
        for (const topic of joined.topics.keys()) {
            const position = this.#positions.get(topic);
            if (position?.offset !== undefined)
                since.push({ topic, epoch: position.epoch, offset: position.offset });
        }
        return since;
    }
    #mailboxPosition() {
        if (this.#mailbox?.offset === undefined)
            return [];
        return [{ mailbox: true, epoch: this.#mailbox.epoch, offset: this.#mailbox.offset }];
    }
    /** Takes the positions of an answer; what became of each topic that one was given for. */
    #takePositions(positions) {
        const outcomes = new Map();
        for (const { topic, epoch, offset, recovered, lost } of positions) {
            if (topic === undefined) {
                this.#takeMailbox(epoch, recovered, lost);
                continue;
            }
            if (!this.isIn(topic))
                continue;
            const known = this.#positions.get(topic);
            if (recovered !== true || known?.epoch !== epoch)
                this.#positions.set(topic, { epoch, offset });
            if (recovered !== undefined)
                outcomes.set(topic, recovered ? "recovered" : "lost");
        }
        return outcomes;
    }
    #takeMailbox(epoch, recovered, lost) {
        if (this.#mailbox?.epoch !== epoch)
            this.#mailbox = { epoch, offset: undefined };
        if (recovered === undefined)
            return;
        const outcome = recovered ? "recovered" : "lost";
        const counted = typeof lost === "number" ? { lost } : {};
        this.#out.push({ do: "resumed", resumed: { mailbox: true, outcome, ...counted } });
    }
    /** Positions that stand by themselves, since what joined has no answer. */
    #tellPositions(positions) {
        const outcomes = this.#takePositions(positions.filter(isPosition));
        for (const joined of this.#told) {
            if (![...joined.topics.keys()].some((topic) => outcomes.has(topic)))
                continue;
            this.#told.delete(joined);
            this.#resumed(joined, outcomes, undefined);
        }
    }
    #resumed(joined, outcomes, error, reply) {
        const topics = [...joined.topics.keys()].map((topic) => error === undefined || outcomes !== undefined ? { topic, outcome: outcomes?.get(topic) ?? "live" } : { topic });
        const resumed = {
            message: joined.message.name,
            ...(joined.json === undefined ? {} : { payload: joined.json }),
            topics,
            ...(reply === undefined ? {} : { reply }),
            ...(error === undefined ? {} : { error }),
        };
        this.#out.push({ do: "resumed", resumed });
    }
    #event(it, name) {
        const payload = this.#heard.get(name);
        if (payload === undefined || payload.binary !== undefined) {
            this.#problem({ kind: "unknown_event", name });
            return true;
        }
        const place = placeOf(it);
        if (!this.#isNew(place))
            return true;
        const found = read(this.#plan, payload, it["payload"] ?? {});
        if (found.ok)
            this.#out.push({ do: "event", name, value: found.value, place });
        else
            this.#problem({ kind: "unreadable_event", name, ...wrong(found) });
        return true;
    }
    /** Whether an event has not been heard before; then it has now. */
    #isNew({ topic, mailbox, offset }) {
        const position = topic !== undefined ? this.#positions.get(topic) : mailbox === true ? this.#mailbox : undefined;
        if (position === undefined || offset === undefined)
            return true;
        if (position.offset !== undefined && offset <= position.offset)
            return false;
        position.offset = offset;
        return true;
    }
    binary(now, bytes) {
        if (!this.#isConnected)
            return this.#taken();
        this.#heardAt = now;
        this.#pingedAt = undefined;
        const tag = bytes[0];
        if (tag === undefined) {
            this.#problem({ kind: "malformed" });
            return this.#taken();
        }
        const name = this.#tags.get(tag) ?? `binary 0x${tag.toString(16).padStart(2, "0")}`;
        const payload = this.#heard.get(name);
        if (payload === undefined) {
            this.#problem({ kind: "unknown_event", name });
            return this.#taken();
        }
        const found = readBinary(this.#plan, payload, bytes.subarray(1));
        if (found.ok)
            this.#out.push({ do: "event", name, value: found.value, place: {} });
        else
            this.#problem({ kind: "unreadable_event", name, ...wrong(found) });
        return this.#taken();
    }
    #asked(it, name) {
        const { ask } = it;
        if (typeof ask !== "number" || this.#open.size >= MOST_ASKS)
            return false;
        const plan = this.#asks.get(name);
        if (plan === undefined) {
            this.#problem({ kind: "unknown_ask", name });
            return true;
        }
        const found = read(this.#plan, plan, it["payload"] ?? {});
        if (found.ok) {
            this.#open.set(ask, plan);
            this.#out.push({ do: "asked", ask, name, value: found.value });
        }
        else
            this.#problem({ kind: "unreadable_ask", name, ...wrong(found) });
        return true;
    }
    #askOver(it) {
        const { ask, error } = it;
        if (!isObject(error) || typeof error["code"] !== "string")
            return false;
        if (typeof ask === "number" && this.#open.delete(ask))
            this.#out.push({ do: "ask_over", ask, error: error });
        else if (error["code"] !== "timeout" && error["code"] !== "cancelled")
            this.#problem({ kind: "refused", error: error });
        return true;
    }
    answer(ask, value) {
        const plan = this.#open.get(ask);
        if (plan !== undefined) {
            const payload = plan.reply.type === undefined ? { fields: [] } : { type: plan.reply.type };
            this.#reply(ask, plan, "payload", payload, plan.reply.type === undefined ? {} : value);
        }
        return this.#taken();
    }
    decline(ask, error) {
        const plan = this.#open.get(ask);
        if (plan !== undefined)
            this.#reply(ask, plan, "error", { type: { is: "ref", to: plan.error ?? -1 } }, error);
        return this.#taken();
    }
    #reply(ask, plan, key, payload, value) {
        const written = write(this.#plan, payload, value);
        if (!written.ok) {
            // The server still waits, and a better answer may follow.
            this.#problem({ kind: "refused", name: plan.name, error: { code: "invalid_payload", ...wrong(written) } });
            return;
        }
        this.#open.delete(ask);
        this.#out.push({ do: "send", text: JSON.stringify({ re: ask, [key]: written.value }), payload });
    }
    #state(state) {
        this.#out.push({ do: "state", state });
    }
    #problem(problem) {
        this.#out.push({ do: "problem", problem });
    }
    #taken() {
        const out = this.#out;
        this.#out = [];
        return out;
    }
    /** A frame that was sent, as logs may have it. */
    maskedOut(text, payload) {
        const it = parsed(text);
        return payload === undefined || !isObject(it) ? text : JSON.stringify(this.#maskedMembers(it, { payload, error: payload }));
    }
    /** A frame that has come, as logs may have it; before it is handled. */
    maskedIn(text) {
        const it = parsed(text);
        if (!isObject(it))
            return text;
        const sent = typeof it["re"] === "number" ? this.#sent.get(it["re"])?.message : undefined;
        const name = typeof it["name"] === "string" ? it["name"] : "";
        // What nobody waits for any more may hold anything.
        if (typeof it["re"] === "number" && sent === undefined)
            return JSON.stringify({ re: it["re"], "…": "an answer that nobody waits for" });
        const payload = sent === undefined ? (this.#heard.get(name) ?? this.#asks.get(name)) : (sent.reply ?? {});
        const error = sent?.error === undefined ? {} : { type: { is: "ref", to: sent.error } };
        const item = sent?.stream === undefined ? {} : { type: sent.stream };
        return JSON.stringify(this.#maskedMembers(it, { payload: payload ?? {}, error, item }));
    }
    #maskedMembers(it, payloads) {
        const shown = { ...it };
        for (const [key, payload] of Object.entries(payloads))
            if (key in it)
                shown[key] = masked(this.#plan, payload, it[key]);
        return shown;
    }
    /** A binary frame as logs may have it: its tag alone where something in it is secret. */
    maskedBytes(bytes) {
        const tag = bytes[0] ?? 0;
        const name = this.#tags.get(tag);
        const payload = (name === undefined ? undefined : this.#heard.get(name)) ?? this.#plan.messages.find(({ binary }) => binary === tag);
        return payload !== undefined && hasSecrets(this.#plan, payload) ? bytes.slice(0, 1) : bytes;
    }
}
function hello(plan) {
    const hashes = (of) => Object.fromEntries(of.map(({ name, hash }) => [name, hash]));
    return { contract: plan.hash, messages: hashes(plan.messages), events: hashes(plan.events), asks: hashes(plan.asks) };
}
function isAnswered({ reply, stream }) {
    return reply !== undefined || stream !== undefined;
}
/** Coming back would only end in the same way. */
function isFinal(code) {
    const codes = [1000, 1002, 1003, 1007, 1008, 1009, 1010, 4002, 4003];
    return codes.includes(code) || (code >= 4100 && code <= 4999);
}
function hinted(reason) {
    return Number(/retry_after_ms=(\d{1,15})/.exec(reason)?.[1] ?? 0);
}
/** Whether a second one does nothing: it has its key. */
function isRepeatable({ message, json }) {
    return message.key !== undefined && message.stream === undefined && typeof memberAt(json, message.key) !== "undefined";
}
function memberAt(json, path) {
    return path.reduce((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), json);
}
/** The full name of a topic that a message is about. */
function topicOf(plan, message, use, json) {
    const topic = plan.topics[use.topic];
    if (topic === undefined)
        return undefined;
    return topicName(topic, (use.places ?? []).map((path) => memberAt(json, path) ?? defaultAt(plan, message, path)));
}
/** The value that a field has when it is left out. */
function defaultAt(plan, payload, path) {
    let fields = payload.fields ?? plan.types[payload.type?.to ?? -1]?.fields ?? [];
    let found;
    for (const key of path) {
        found = fields.find((field) => field.name === key);
        fields = plan.types[found?.type.to ?? -1]?.fields ?? [];
    }
    return found?.default;
}
/** `chat/rooms/a%2Fb` */
export function topicName(topic, places) {
    const part = (segment) => typeof segment === "string" ? segment : String(places[segment]).replaceAll("%", "%25").replaceAll("/", "%2F");
    return topic.segments.map(part).join("/");
}
function isPosition(it) {
    if (!isObject(it) || typeof it["epoch"] !== "string" || typeof it["offset"] !== "number")
        return false;
    const { recovered } = it;
    if (recovered !== undefined && typeof recovered !== "boolean")
        return false;
    return typeof it["topic"] === "string" || (it["topic"] === undefined && it["mailbox"] === true);
}
function placeOf(it) {
    const { topic, mailbox, offset } = it;
    return {
        ...(typeof topic === "string" ? { topic } : {}),
        ...(mailbox === true ? { mailbox } : {}),
        ...(typeof offset === "number" ? { offset } : {}),
    };
}
/** The payloads of what members of a topic hear of each other. */
function presence(plan, topic) {
    const text = { name: "topic", type: { is: "string" } };
    const who = { name: "who", type: plan.identity ?? { is: "json" } };
    const state = topic.presence?.type === undefined ? [] : [{ name: "state", type: topic.presence.type, optional: true }];
    const members = { is: "list", of: { is: "json" } };
    const here = [text, { name: "members", type: members }, { name: "omitted", type: { is: "u64" }, default: 0 }];
    const one = [text, who, ...state];
    return { here: { fields: here }, joined: { fields: one }, changed: { fields: one }, left: { fields: [text, who] } };
}
/** A member in the list of all. */
export function readMember(plan, topic, json) {
    const { fields = [] } = presence(plan, topic)["joined"] ?? {};
    return read(plan, { fields: fields.slice(1) }, json);
}
function flowState() {
    return { fields: [{ name: "topic", type: { is: "string" } }, { name: "state", type: { is: "string" } }] };
}
function wrong(walked) {
    const { violations, omitted } = walked;
    return omitted === undefined ? { violations } : { violations, omitted };
}
function parsed(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
