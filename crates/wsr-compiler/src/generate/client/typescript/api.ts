/** How a connection stands. */
export type State =
  | { readonly name: "connecting" }
  | { readonly name: "open" }
  /** The connection was lost with this close code; another one is tried in so many milliseconds. */
  | { readonly name: "waiting"; readonly in_ms: number; readonly code: number }
  /** The end. `error` is what a sign-in failed with. */
  | { readonly name: "closed"; readonly code: number; readonly reason: string; readonly error?: unknown };

/** What is wrong with a value, and where: `at` is a JSON pointer. */
export interface Violation {
  readonly at: string;
  readonly rule: string;
  readonly want: string;
  readonly got: string;
}

/** A value that breaks the limits of the protocol. */
export interface InvalidPayload {
  readonly code: "invalid_payload";
  readonly violations: readonly Violation[];
  /** So many more violations than are listed. */
  readonly omitted?: number;
}

/** Why the server refuses any message, whatever it declares. */
export type Refusal =
  | InvalidPayload
  | { readonly code: "malformed"; readonly message: string }
  | { readonly code: "too_large"; readonly limit: number }
  | { readonly code: "unknown_message"; readonly name: string; readonly nearest?: string }
  | {
      readonly code: "not_now";
      readonly flow: string;
      readonly state: string;
      readonly allowed: readonly string[];
      readonly omitted?: number;
      readonly topic?: string;
    }
  | { readonly code: "not_allowed"; readonly needs?: readonly string[]; readonly topic?: string }
  | { readonly code: "rate_limited"; readonly by: string; readonly retry_after_ms?: number }
  | { readonly code: "timeout"; readonly after_ms: number }
  | { readonly code: "cancelled" }
  | { readonly code: "internal"; readonly id?: string }
  | { readonly code: "shutting_down" };

/** Why the client itself gives a message up. */
export type Lost =
  /** Too many messages wait for a connection. */
  | { readonly code: "queue_full" }
  /** There is no connection, and nothing may wait for one. */
  | { readonly code: "offline" }
  /** It was sent and not answered: it may have been done or not. */
  | { readonly code: "connection_lost" }
  /** The answer is not what the protocol says. */
  | { readonly code: "unreadable"; readonly violations: readonly Violation[]; readonly omitted?: number };

/** A declared error, as it comes. */
export type Declares<E> = E extends unknown ? { readonly code: "refused" } & E : never;

/** Of messages that join topics: the connection has all that it may have. */
export interface TooManyTopics {
  readonly code: "refused";
  readonly kind: "too_many_topics";
  readonly limit: number;
}

/** All that a message may fail with that declares the errors `Declared`. */
export type Failure<Declared = never> = Declared | Refusal | Lost;

/** What messages fail with: `error` says why, told apart by its `code`; a declared error has the code `refused`. */
export class Refused<E extends { readonly code: string } = Failure<{ readonly code: "refused"; readonly kind: string }>> extends Error {
  readonly error: E;
  /** The message, by its name on the wire. */
  readonly of: string;

  constructor(of: string, error: E, options?: { cause?: unknown }) {
    super(`${of}: ${describe(error)}`, options);
    this.name = "Refused";
    this.of = of;
    this.error = error;
  }
}

function describe(error: object): string {
  const { code, kind, violations } = error as { code: string; kind?: unknown; violations?: readonly Violation[] };
  const first = violations?.[0];
  if (first !== undefined) return `${code}: ${first.at}: ${first.rule}: want ${first.want}, got ${first.got}`;
  return typeof kind === "string" ? `${code}: ${kind}` : code;
}

/** Whether something thrown is a refusal; with a message, a refusal of that message, whose errors are then known. */
export function isRefused(thrown: unknown): thrown is Refused;
export function isRefused<E extends { readonly code: string }>(thrown: unknown, message: FailsWith<E>): thrown is Refused<E>;
export function isRefused(thrown: unknown, message?: { readonly wire: string }): boolean {
  return thrown instanceof Refused && (message === undefined || thrown.of === message.wire);
}

/** A message that fails with these errors. */
export interface FailsWith<E extends { readonly code: string }> {
  /** Its name on the wire. */
  readonly wire: string;
  /** Never there: it only tells the compiler what the errors are. */
  readonly fails?: E;
}

/** What becomes of a message. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** What a call may say about itself. */
export interface CallOptions {
  /** How long the answer may take in all, waiting for a connection included, in milliseconds. Usually 30,000. */
  readonly timeout?: number | undefined;
  /** Gives the message up, and takes it back where that is possible. */
  readonly signal?: Signal | undefined;
}

/** The `AbortSignal` of browsers and Node, or what is enough of one. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** The platform's own `AbortSignal` where its types are known. */
export type Abort = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : Signal;

/** The payload, left out where nothing has to be said. */
export type Arguments<P> = {} extends P
  ? [payload?: P | null | undefined, options?: CallOptions]
  : [payload: P, options?: CallOptions];

/** A message: called, it is sent, and gives the answer or fails with `Refused`. */
export interface Call<P, T, E extends { readonly code: string }> extends FailsWith<E> {
  (...call: Arguments<P>): Promise<T>;
  /** The same without a throw. */
  try(...call: Arguments<P>): Promise<Result<T, E>>;
}

/** A message that is answered by many items. */
export interface StreamCall<P, T, E extends { readonly code: string }> extends FailsWith<E> {
  /** Leaving the loop takes it back; a refusal is thrown into the loop. Usually it may take as long as it likes. */
  (...call: Arguments<P>): AsyncIterableIterator<T>;
}

/** Where an event stands in a history, if it does. */
export interface Place {
  readonly topic?: string;
  readonly mailbox?: true;
  readonly offset?: number;
}

/** What comes by itself. In a `for await` at most 1,024 events wait; then the oldest are dropped, and counted. */
export interface Event<T> {
  /** Calls the listener for each that comes; returns what ends that. */
  on(listener: (event: T, place: Place) => void): () => void;
  [Symbol.asyncIterator](): Events<T>;
}

/** Events in a loop, from its beginning on; leaving the loop ends it, and so does the end of the client. */
export interface Events<T> extends AsyncIterableIterator<T> {
  /** How many were dropped since the loop was too slow. */
  readonly lost: number;
}

/** Something that the server asks; one handler answers it, the last one given. */
export interface Ask<Q, A, E> {
  /** Answers with what the handler returns, or with a declared error: `return decline({ kind: "busy" })`. */
  answer(handler: (question: Q, ask: AskContext<E>) => A | Declined | Promise<A | Declined>): () => void;
}

/** What a handler has beside the question. */
export interface AskContext<E> {
  /** Aborts when the server no longer waits; then nothing is sent. */
  readonly signal: Abort;
  decline(error: E): Declined;
}

/** A declared error in place of an answer; made by `decline`. */
export class Declined {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** One topic. */
export interface Topic {
  /** The full name, such as `chat/rooms/lobby`. */
  readonly name: string;
  /** No longer joins it on new connections, without a word to the server. */
  forget(): void;
}

/** A topic that one message joins. `T` is its answer, `H` the whole handle. */
export interface Joinable<P, T, H> {
  /** Joins, on new connections too. */
  join(...call: Arguments<P>): Promise<H & { readonly reply: T }>;
}

/** A topic that one message leaves. */
export interface Leavable<P, T> {
  leave(...call: Arguments<P>): Promise<T>;
}

/** Somebody in a topic. */
export interface Member<I, S> {
  readonly who: I;
  /** What they say of themselves, if anything. */
  readonly state?: S;
}

/** A topic whose members are announced to each other. */
export interface Presence<I, S> {
  /** Who is there, as long as this client is. */
  readonly members: readonly Member<I, S>[];
  /** Calls the listener when all members are told, when one comes, says something else, or goes; returns what ends that. */
  on(what: "here", listener: (members: readonly Member<I, S>[], omitted: number) => void): () => void;
  on(what: "joined" | "changed" | "left", listener: (member: Member<I, S>) => void): () => void;
}

/** What became of a topic on a new connection. */
export type Outcome =
  /** All that was missed follows. */
  | "recovered"
  /** Not all that was missed can be had: ask how things stand. */
  | "lost"
  /** It keeps no history: what came meanwhile is missed. */
  | "live";

/** What became of a message that joins topics, or of the mailbox, on a new connection. */
export type Resumed =
  | {
      readonly message: string;
      readonly payload?: unknown;
      readonly topics: readonly { readonly topic: string; readonly outcome?: Outcome }[];
      readonly reply?: unknown;
      /** Why it was refused; it is not joined again. */
      readonly error?: { readonly code: string };
    }
  | { readonly mailbox: true; readonly outcome: "recovered" | "lost"; readonly lost?: number };

/** What the server says when it speaks another version of the protocol. */
export interface Contract {
  readonly contract: string;
  readonly same: false;
  readonly differs: readonly string[];
  readonly unknown: readonly string[];
}

/** What the application should know and cannot help. */
export type Problem =
  | { readonly kind: "malformed" }
  | { readonly kind: "unknown_event" | "unknown_ask"; readonly name: string }
  | {
      readonly kind: "unreadable_event" | "unreadable_ask";
      readonly name: string;
      readonly violations: readonly Violation[];
      readonly omitted?: number;
    }
  | { readonly kind: "refused"; readonly name?: string; readonly error: { readonly code: string } };

/** A frame, for logs: text, or bytes; what is secret in it is masked. */
export interface Frame {
  readonly direction: "in" | "out";
  readonly data: string | Uint8Array;
}

/** What a connection tells, by name. */
export interface Told {
  state: State;
  resumed: Resumed;
  contract: Contract;
  problem: Problem;
  wire: Frame;
}

/** The connection of a client. */
export interface Connection {
  readonly state: State;
  /** Calls the listener each time; returns what ends that. */
  on<K extends keyof Told>(what: K, listener: (told: Told[K]) => void): () => void;
  /** The end: nothing comes back. */
  close(): void;
  /** Begins anew after the end; while it waits, at once. */
  connect(): void;
}

/** Where the server is: an address, or what gives one for each attempt. */
export type Address = string | (() => string | Promise<string>);

/** How a client behaves. */
export interface Options<C> {
  /** Run on each new connection, before anything else is sent; what it fails with ends the client. */
  readonly signIn?: ((client: C) => unknown) | undefined;
  /** What becomes of messages without a connection: they wait, and the newest or the oldest fails when too many do; or all fail. */
  readonly offline?: "keep_oldest" | "keep_newest" | "refuse" | undefined;
  /** How many may wait. Usually 64. */
  readonly queue?: number | undefined;
  /** The class to connect with, where the platform has none: Node 20. */
  readonly WebSocket?: (new (url: string, protocols: string[]) => object) | undefined;
}

/** The payload of a message. */
export type PayloadOf<M> = M extends { (payload: infer P, options?: CallOptions): unknown } ? NonNullable<P> : never;
/** The answer to a message, an item of its stream, or an event. */
export type ValueOf<M> = M extends Call<never, infer T, never>
  ? T
  : M extends (...call: never) => AsyncIterableIterator<infer T>
    ? T
    : M extends (...call: never) => Promise<infer T>
      ? T
      : M extends Event<infer T>
        ? T
        : never;
/** What a message may fail with. */
export type ErrorOf<M> = M extends FailsWith<infer E> ? E : never;
