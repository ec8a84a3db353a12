// What goes over the page's own connection, the newest first: events, asks, traffic. Secrets are not in here.

import { $, button, json, make, prose } from "./dom.js";
import { decoded, hex, inShort } from "./binary.js";
import { clearComplaints, formOf } from "./form.js";
import { violationList } from "./messages.js";
import { violations } from "./check.js";
import * as words from "./words.js";

const MOST = 500;
/** How long an ask waits when nothing is declared. */
const USUAL_DEADLINE = 30_000;
const SIGNS = { sent: "↑", answer: "↓", item: "↓", refusal: "✕", event: "✦", ask: "?", over: "✕", open: "●", closed: "○", binary: "✦" };
const GROUPS = { event: "event", binary: "event", ask: "ask", over: "ask" };

export class Log {
  #protocol;
  #entries = [];
  #paused = false;
  #missed = 0;

  constructor(protocol) {
    this.#protocol = protocol;
    $("pause").onclick = () => this.#pause(!this.#paused);
    $("clear").onclick = () => {
      this.#entries = [];
      this.#show();
    };
    $("filter").oninput = () => this.#show();
    for (const box of this.#boxes()) box.onchange = () => this.#show();
  }

  /** Something was heard or said. */
  add(kind, what) {
    const entry = this.#entry(kind, what);
    this.#entries.unshift(entry);
    this.#entries.length = Math.min(this.#entries.length, MOST);
    $("log-count").textContent = ` ${this.#entries.length}`;
    if (this.#paused) {
      this.#missed += 1;
      $("pause").textContent = `Go on (${this.#missed} new)`;
    } else if (this.#isWanted(entry)) {
      $("entries").prepend(entry.node());
      if ($("entries").children.length > MOST) $("entries").lastChild.remove();
    }
  }

  #entry(kind, { envelope, name, bytes, code, reason }) {
    const at = new Date();
    const binary = bytes && this.#binary(bytes);
    const shown = envelope ? this.#redacted(kind, envelope, name) : binary?.shown;
    const title = {
      open: () => "connected",
      closed: () => `closed with ${code}${reason ? `: ${reason}` : ""}`,
      binary: () => binary.name,
    }[kind]?.() ?? this.#title(kind, envelope, name);
    const text = shown ? JSON.stringify(shown.payload ?? shown.item ?? shown.error ?? shown) : "";
    // Made when it is looked at: most are not.
    const node = () => {
      const summary = make("summary", {},
        make("time", { dateTime: at.toISOString() }, at.toLocaleTimeString("en-GB")),
        make("span", { class: "sign", "aria-hidden": "true" }, SIGNS[kind]),
        make("span", { class: "what" }, make("span", { class: "spoken" }, `${kind} `), title),
        make("span", { class: "gist" }, text));
      const details = make("details", {}, summary);
      details.ontoggle = () => details.children.length === 1 && details.append(json(shown));
      return make("li", { class: kind }, text ? details : make("div", { class: "plain" }, ...summary.childNodes));
    };
    return { group: GROUPS[kind] ?? "traffic", search: `${title} ${text}`.toLowerCase(), node };
  }

  #title(kind, envelope, name) {
    if (envelope.cancel !== undefined) return `cancel of ${name ?? envelope.cancel}`;
    if (envelope.error) return `${name ?? (kind === "over" ? "ask" : "nothing that has a name")} · ${envelope.error.code ?? envelope.error.kind}`;
    return name ?? Object.keys(envelope).join(", ");
  }

  /** The envelope as it went over the wire, but for its secrets. */
  #redacted(kind, envelope, name) {
    const protocol = this.#protocol;
    const [message, event, ask] = [protocol.message(name), protocol.event(name), protocol.ask(name)];
    const error = (declared) => declared?.error !== undefined && { is: "ref", to: declared.error };
    const hide = (type, value) => (value === undefined ? undefined : protocol.redacted(type || undefined, value));
    const shown = { ...envelope };
    if ("payload" in shown) {
      const declared = kind === "ask" ? ask : kind === "event" ? event ?? message : kind === "sent" ? (envelope.re ? undefined : message) : undefined;
      const replied = (kind === "sent" ? ask : message)?.reply?.type;
      shown.payload = hide(declared ? protocol.payload(declared) : replied, shown.payload);
    }
    if ("item" in shown) shown.item = hide(message?.stream, shown.item);
    if (shown.error?.code === "refused" || (kind === "sent" && shown.error)) shown.error = hide(error(message ?? ask), shown.error);
    return shown;
  }

  /** A binary event: its name, and what stands in its fields. */
  #binary(frame) {
    const [tag, body] = [frame[0], frame.subarray(1)];
    const event = this.#protocol.events.find(({ binary }) => binary === tag);
    if (!event) return { name: `binary 0x${hex([tag])}`, shown: inShort(body) };
    const value = decoded(this.#protocol, event, body);
    return { name: event.name, shown: value ? this.#protocol.redacted(this.#protocol.payload(event), value) : "not as declared" };
  }

  #boxes = () => [...document.querySelectorAll(".filters input[type=checkbox]")];

  #isWanted({ group, search }) {
    const groups = this.#boxes().filter(({ checked }) => checked).map(({ value }) => value);
    return groups.includes(group) && search.includes($("filter").value.toLowerCase());
  }

  #pause(paused) {
    this.#paused = paused;
    this.#missed = 0;
    $("pause").textContent = paused ? "Go on" : "Pause";
    $("pause").setAttribute("aria-pressed", paused);
    if (!paused) this.#show();
  }

  #show() {
    $("log-count").textContent = this.#entries.length ? ` ${this.#entries.length}` : "";
    $("entries").replaceChildren(...this.#entries.filter((entry) => this.#isWanted(entry)).map((entry) => entry.node()));
  }
}

/** What the server asks, each with a form for the answer, until it is answered or over. */
export class Asks {
  #app;
  #cards = new Map();

  constructor(app) {
    this.#app = app;
  }

  /** The server asks. */
  open({ ask: number, name, payload }) {
    const { protocol, session } = this.#app;
    const declared = protocol.ask(name);
    const card = make("section", { class: "question" },
      make("h3", {}, "The server asks: ", make("span", { class: "code" }, name)),
      make("p", { class: "docs" }, prose(declared?.docs ?? [])),
      make("p", { class: "quiet" }, `It waits ${words.age(declared?.deadline_ms ?? USUAL_DEADLINE)}.`),
      json(declared ? protocol.redacted(protocol.payload(declared), payload) : payload));
    const reply = (answer) => {
      session.reply(number, name, answer);
      this.#remove(number);
    };
    if (declared) card.append(...this.#answers(declared, reply));
    this.#cards.set(number, card);
    $("asks").append(card);
  }

  /** An answer was refused, or is no longer wanted. */
  over({ ask: number, error }) {
    if (error.code === "invalid_payload") return;
    this.#remove(number);
  }

  /** The connection has gone, and with it what was asked. */
  clear() {
    for (const number of this.#cards.keys()) this.#remove(number);
  }

  #remove(number) {
    this.#cards.get(number)?.remove();
    this.#cards.delete(number);
  }

  /** A form for the answer, and one for the error if there is one. */
  #answers({ reply, error }, send) {
    const { protocol } = this.#app;
    const sheet = (type, label, answer) => {
      const form = type && formOf(protocol, type);
      const slot = make("div", { role: "alert" });
      const onsubmit = (event) => {
        event.preventDefault();
        const problems = [];
        const value = form ? form.read("", problems) : {};
        if (type) problems.push(...violations(protocol, type, value));
        clearComplaints(node);
        slot.replaceChildren(...(problems.length ? [violationList(problems)] : []));
        if (!problems.length) send(answer(value));
      };
      const node = make("form", { noValidate: true, onsubmit }, form?.node, slot, make("button", { class: "primary" }, label));
      return node;
    };
    const refusal = error !== undefined && sheet({ is: "ref", to: error }, "Answer with this error", (error) => ({ error }));
    return [
      sheet(reply.type, reply.type ? "Answer" : "Answer ok", (payload) => ({ payload })),
      refusal && make("details", {}, make("summary", {}, "Or say no"), refusal),
    ].filter(Boolean);
  }
}
