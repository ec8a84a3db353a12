// Private notes, by person. Those that came while their addressee was away have waited in a mailbox.

import { button, byId, clock, el, head, keepAtEnd, plural, store, stored, uuid } from "./dom.js";
import { learn, nameOf, watch } from "./directory.js";
import { explain, notice } from "./notices.js";
import { cameAt, me, on, studio } from "./session.js";

const KEPT = 100;
const threads = new Map();
const unread = new Map();
const chooser = el("div", { class: "threads" });
const thread = el("div", { class: "thread" });
let current;

export function start() {
  byId("notes").append(head("notes-title", "Private notes"), chooser, thread);
  studio.direct.note.on(received);
  studio.on("resumed", ({ mailbox, lost }) => {
    if (mailbox && lost) notice(`${plural(lost, "private note")} could not be kept for you.`);
  });
  on("in", () => {
    for (const [user, notes] of stored(sessionStorage, key()) ?? []) threads.set(user, [...notes, ...(threads.get(user) ?? [])]);
    for (const [user, notes] of threads) learn(user, notes[0].username);
    current ??= threads.keys().next().value;
    draw();
  });
  on("out", () => {
    threads.clear();
    unread.clear();
    current = undefined;
    draw();
  });
  watch(draw);
}

/** Shows what was written with somebody, ready to write more. */
export function write(user) {
  choose(user);
  thread.querySelector("input").focus();
  byId("notes").scrollIntoView({ block: "nearest", behavior: "smooth" });
}

function received({ from, username, text, at }) {
  learn(from, username);
  add(from, { username, text, at, waited: Date.parse(at) < cameAt });
  current ??= from;
  if (current !== from) unread.set(from, (unread.get(from) ?? 0) + 1);
  notice(`${username} wrote you a note.`);
  draw();
}

function add(user, note) {
  const notes = threads.get(user) ?? [];
  threads.set(user, [...notes, note].slice(-KEPT));
  if (me) store(sessionStorage, key(), [...threads]);
}

function choose(user) {
  current = user;
  unread.delete(user);
  draw();
}

function draw() {
  const users = new Set([...threads.keys(), ...(current ? [current] : [])]);
  chooser.hidden = users.size === 0;
  chooser.replaceChildren(...[...users].map(tab));
  if (!current) {
    delete thread.dataset.user;
    return thread.replaceChildren(el("p", { class: "empty" }, "No notes yet. Write to somebody from the list of people: who is away finds it later."));
  }
  if (thread.dataset.user !== current) compose(current);
  const list = thread.querySelector("ol");
  keepAtEnd(list, () => list.replaceChildren(...(threads.get(current) ?? []).map(item)));
}

function tab(user) {
  const count = unread.get(user);
  const one = button(nameOf(user), () => choose(user), { class: "small", ariaPressed: String(user === current) });
  if (count) one.append(" ", el("span", { class: "badge" }, String(count), el("span", { class: "unseen" }, " unread")));
  return one;
}

function compose(user) {
  thread.dataset.user = user;
  const name = nameOf(user);
  const text = el("input", { ariaLabel: `A note to ${name}`, placeholder: `A note to ${name}`, required: true, maxLength: 2000, autocomplete: "off" });
  const form = el("form", { onsubmit: (event) => {
    event.preventDefault();
    send(user, text.value);
    text.value = "";
  } }, text, el("button", { class: "primary" }, "Send"));
  thread.replaceChildren(el("ol", { tabIndex: 0, ariaLabel: `Notes with ${name}` }), form);
}

function item({ text, at, mine, waited, state }) {
  const more = mine ? state : waited ? el("span", { class: "waited" }, "waited for you") : "";
  return el("li", { class: mine ? "mine" : "" }, el("p", {}, text), el("small", {}, clock(at), more ? " · " : "", more));
}

async function send(user, text) {
  const note = { username: nameOf(user), text, at: new Date().toISOString(), mine: true, state: "on its way" };
  add(user, note);
  draw();
  // With a key it may be sent again when the line breaks: it is delivered once all the same.
  const { ok, error } = await studio.direct.send.try({ to: user, text, key: uuid() });
  note.state = ok ? "delivered" : explain(error);
  add(user, threads.get(user).pop());
  draw();
}

const key = () => `studio.notes.${me.user}`;
