// A question to a room: one at a time, one vote each.

import { button, el, plural } from "./dom.js";
import { attempt, explain, notice } from "./notices.js";
import { studio } from "./session.js";

const FIELDS = 4;

export class Poll {
  #choices = [];
  #votes = [];
  #mine;
  #isOpen = false;
  #question = "";

  constructor(room) {
    this.room = room;
    this.element = el("div", { hidden: true });
    this.opener = button("Ask the room", () => this.#write(), { class: "small" });
  }

  opened({ text, choices }) {
    this.#question = text;
    this.#choices = choices;
    this.#votes = choices.map(() => 0);
    this.#mine = undefined;
    this.#isOpen = true;
    this.#draw();
  }

  /** It was opened before we came. */
  stands({ question, votes }) {
    this.opened(question);
    this.counted(votes);
  }

  counted(votes) {
    if (votes.length !== this.#choices.length) return;
    this.#votes = votes;
    this.#draw();
  }

  /** The room's flow has gone to another state. */
  isNow(state) {
    if (state === "voting" || !this.#isOpen) return;
    this.#isOpen = false;
    this.#draw();
  }

  #draw() {
    const total = this.#votes.reduce((sum, one) => sum + one, 0);
    const state = el("small", {}, `${plural(total, "vote")}${this.#isOpen ? "" : ", closed"}`);
    const end = this.#isOpen ? button("End it", () => attempt(studio.poll.close({ room: this.room })), { class: "small" }) : button("Put away", () => this.#hide(), { class: "small" });
    const focused = [...this.element.querySelectorAll(".choice")].indexOf(document.activeElement);
    const choices = this.#choices.map((choice, n) => this.#choice(choice, n, total));
    this.element.className = "poll";
    this.element.replaceChildren(el("header", {}, el("h3", {}, this.#question), state, end), ...choices);
    this.element.hidden = false;
    if (focused >= 0) choices[focused]?.focus();
  }

  #choice(text, n, total) {
    const votes = this.#votes[n];
    const one = button("", () => this.#vote(n), { class: "choice", disabled: !this.#isOpen, ariaPressed: String(this.#mine === n) });
    one.append(el("span", {}, text), el("span", {}, String(votes), el("span", { class: "unseen" }, votes === 1 ? " vote" : " votes")));
    one.style.setProperty("--share", total === 0 ? 0 : (100 * votes) / total);
    return one;
  }

  async #vote(choice) {
    const { ok, error } = await studio.poll.vote.try({ room: this.room, choice });
    if (ok) this.#mine = choice;
    else if (error.code === "not_now") this.#isOpen = false;
    else notice(explain(error));
    this.#draw();
  }

  #hide() {
    this.element.hidden = true;
    this.element.replaceChildren();
    this.opener.focus();
  }

  #write() {
    const question = el("input", { ariaLabel: "Question", placeholder: "What do you want to know?", required: true, maxLength: 200 });
    const fields = Array.from({ length: FIELDS }, (_, n) =>
      el("input", { ariaLabel: `Answer ${n + 1}`, placeholder: `Answer ${n + 1}${n < 2 ? "" : " (or none)"}`, required: n < 2, maxLength: 80 }),
    );
    const onsubmit = (event) => {
      event.preventDefault();
      const choices = [...new Set(fields.map((field) => field.value.trim()).filter(Boolean))];
      this.#ask({ text: question.value.trim(), choices });
    };
    const actions = el("div", { class: "actions" }, el("button", { class: "primary small" }, "Ask"), button("Not now", () => this.#hide(), { class: "small" }));
    this.element.className = "";
    this.element.replaceChildren(el("form", { class: "new-poll", ariaLabel: "A question to the room", onsubmit }, question, el("div", { class: "choices" }, fields), actions));
    this.element.hidden = false;
    question.focus();
  }

  async #ask(question) {
    const { ok, error } = await studio.poll.open.try({ room: this.room, question });
    if (ok) return;
    notice(error.code === "not_now" ? "Another question is open in this room: one at a time." : explain(error));
  }
}
