// One room: who is here, what was said, and what is still to be said.

import { button, clock, el, keepAtEnd, plural, tint } from "./dom.js";
import { learn, nameOf, watch } from "./directory.js";
import { explain } from "./notices.js";
import { Poll } from "./poll.js";
import { isOpen, me, studio } from "./session.js";

const KEPT = 500;
/** Lines of one person that follow each other this fast stand together. */
const TOGETHER_MS = 60_000;
const TYPING_EVERY_MS = 2000;
const TYPING_SHOWN_MS = 3000;

export class Room {
  unread = 0;
  #lastTyped = -Infinity;
  #quiet;
  #last;
  #missed;
  #hasPoll = false;
  #unsent = new Set();

  constructor(name, handle, { onleave, onunread }) {
    this.name = name;
    this.handle = handle;
    this.onunread = onunread;
    this.here = el("ul", { class: "here", ariaLabel: "Who is here" });
    this.lines = el("div", { class: "lines", role: "log", tabIndex: 0, ariaLabel: `What is said in ${name}` });
    this.typing = el("p", { class: "typing" });
    this.poll = new Poll(name);
    this.text = el("input", { ariaLabel: `Say something in ${name}`, placeholder: `Say something in ${name}`, autocomplete: "off", maxLength: 2000, oninput: () => this.#type() });
    const say = el("form", { class: "say", onsubmit: (event) => this.#submit(event) }, this.text, el("button", { class: "primary" }, "Send"));
    const tools = el("div", { class: "tools" }, this.poll.opener, button("Leave", () => onleave(this), { class: "small", ariaLabel: `Leave ${name}` }));
    this.elements = [el("div", { class: "head" }, this.here, tools), this.poll.element, this.lines, this.typing, say];
    this.#fill(handle.reply);
    this.#follow();
  }

  /** It has come into view. */
  shown() {
    this.lines.scrollTop = this.lines.scrollHeight;
  }

  seen() {
    this.unread = 0;
  }

  close() {
    this.unfollow.forEach((end) => end());
    clearTimeout(this.#quiet);
  }

  posted(line) {
    if (this.#missed !== undefined) this.#missed++;
    this.#settle(line);
    this.#quietly();
    this.#say(line);
    if (this.lines.isConnected || line.from === me?.user) return;
    this.unread++;
    this.onunread();
  }

  somebodyTypes() {
    this.typing.textContent = "somebody is typing …";
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#quietly(), TYPING_SHOWN_MS);
  }

  /** On a new connection: what was missed follows, or cannot be had. */
  resumed(outcome, reply) {
    if (outcome === "lost") {
      this.#fill(reply);
      this.#mark("Some of what was said is lost. These are the last lines that the room still has.", "warn");
      this.#judge("It may have been said or not.");
      return;
    }
    this.#missed = 0;
    this.#hasPoll = reply.poll !== undefined;
    this.recovered = this.#mark("You are back. What was said meanwhile follows.", "good");
  }

  /** The list of who is here comes behind all that was missed. */
  #caughtUp() {
    if (this.#missed === undefined) return;
    const lines = this.#missed === 0 ? "" : `${plural(this.#missed, "line")} came while you were away. `;
    this.recovered.replaceChildren(el("span", {}, `${lines}You missed nothing.`));
    this.#missed = undefined;
    // A question that was opened and closed meanwhile has come with the lines, its end has not.
    if (!this.#hasPoll) this.poll.isNow("quiet");
    this.#judge("It was not said.");
  }

  #follow() {
    const draw = () => this.#drawHere();
    const { handle } = this;
    this.unfollow = [
      handle.on("here", () => {
        draw();
        this.#caughtUp();
      }),
      handle.on("joined", draw),
      handle.on("left", draw),
      watch(draw),
    ];
    draw();
  }

  #drawHere() {
    this.here.replaceChildren(...this.handle.members.map(({ who }) => el("li", {}, who === me?.user ? "you" : nameOf(who))));
  }

  #fill({ lines, poll }) {
    this.#last = undefined;
    this.lines.replaceChildren();
    lines.forEach((line) => this.#say(line));
    if (poll) this.poll.stands(poll);
    else this.poll.isNow("quiet");
  }

  #say({ from, username, text, at }) {
    learn(from, username);
    const again = this.#last?.from === from && new Date(at) - new Date(this.#last.at) < TOGETHER_MS;
    this.#last = { from, at };
    const who = el("span", { class: "who" }, username);
    const line = el("div", { class: again ? "said again" : "said" }, who, clock(at), el("p", {}, text));
    tint(line, from);
    this.#append(line);
  }

  #mark(text, kind = "") {
    this.#last = undefined;
    const mark = el("p", { class: `mark ${kind}` }, el("span", {}, text));
    this.#append(mark);
    return mark;
  }

  #append(element) {
    keepAtEnd(this.lines, () => {
      const firstUnsent = this.#unsent.values().next().value?.element ?? null;
      this.lines.insertBefore(element, firstUnsent);
      if (this.lines.children.length > KEPT) this.lines.firstElementChild.remove();
    });
  }

  #quietly() {
    clearTimeout(this.#quiet);
    this.typing.textContent = "";
  }

  #type() {
    const now = performance.now();
    if (!isOpen() || this.text.value === "" || now - this.#lastTyped < TYPING_EVERY_MS) return;
    this.#lastTyped = now;
    studio.chat.typing.try({ room: this.name });
  }

  #submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    if (text === "") return;
    this.text.value = "";
    this.#lastTyped = -Infinity;
    this.#send(text);
  }

  /** Until it is said, a line stands below all others, and says what has become of it. */
  async #send(text) {
    const unsent = { text, state: el("small", {}, isOpen() ? "" : "waits for the line"), doubt: false };
    unsent.element = el("div", { class: "unsent" }, el("span", {}, text), unsent.state);
    this.#unsent.add(unsent);
    keepAtEnd(this.lines, () => this.lines.append(unsent.element));
    const { ok, error } = await studio.chat.send.try({ room: this.name, text });
    if (ok) return this.#drop(unsent);
    unsent.doubt = error.code === "connection_lost";
    unsent.element.classList.toggle("doubt", unsent.doubt);
    unsent.state.textContent = explain(error);
    const again = button("Say again", () => {
      this.#drop(unsent);
      this.#send(text);
    }, { class: "small" });
    unsent.element.append(again, button("Forget", () => this.#drop(unsent), { class: "small plain" }));
  }

  #drop(unsent) {
    unsent.element.remove();
    this.#unsent.delete(unsent);
  }

  /** Something of ours that we were not sure of has been said after all. */
  #settle({ from, text }) {
    if (from !== me?.user) return;
    const found = [...this.#unsent].find((unsent) => unsent.doubt && unsent.text === text);
    if (found) this.#drop(found);
  }

  #judge(verdict) {
    for (const unsent of this.#unsent) if (unsent.doubt) unsent.state.textContent = verdict;
  }
}
