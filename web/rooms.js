// The rooms somebody is in, as tabs.

import { button, byId, el, head, store, stored } from "./dom.js";
import { attempt, explain, notice } from "./notices.js";
import { Room } from "./room.js";
import { hasDesk, me, on, studio } from "./session.js";

const rooms = new Map();
const tabs = el("div", { class: "tabs", role: "tablist", ariaLabel: "Rooms" });
const place = el("div", { class: "room" });
let current;

/** The room that is shown. */
export const shown = () => current?.name;

export function start() {
  const name = el("input", { ariaLabel: "Name of a room", placeholder: "another room", required: true, maxLength: 40, pattern: "[A-Za-z0-9][A-Za-z0-9_\\-]*", title: "Letters, digits, _ and -" });
  const go = el("form", { class: "go", onsubmit: (event) => {
    event.preventDefault();
    visit(name.value);
    name.value = "";
  } }, name, el("button", {}, "Go in"));
  byId("rooms").append(head("rooms-title", "Rooms", go), tabs, place);
  studio.chat.posted.on((line) => rooms.get(line.room)?.posted(line));
  studio.chat.typing_event.on(({ room }) => rooms.get(room)?.somebodyTypes());
  studio.poll.opened.on(({ room, question }) => rooms.get(room)?.poll.opened(question));
  studio.poll.counted.on(({ room, votes }) => rooms.get(room)?.poll.counted(votes));
  studio.poll_flow.on(({ topic, state }) => rooms.get(topic.split("/").at(-1))?.poll.isNow(state));
  studio.on("resumed", resumed);
  on("in", comeIn);
  on("out", () => {
    for (const room of [...rooms.values()]) forget(room);
  });
}

/** Goes into a room, and shows it. */
export async function visit(name) {
  await enter(name);
  remember();
}

async function enter(name) {
  if (rooms.has(name)) return show(rooms.get(name));
  const handle = await attempt(studio.chat.rooms(name).join());
  if (!handle) return;
  const room = new Room(name, handle, { onleave: leave, onunread: draw });
  rooms.set(name, room);
  show(room);
}

async function comeIn() {
  if (!hasDesk()) return;
  const names = stored(localStorage, key()) ?? ["lobby"];
  for (const name of names) await enter(name);
  if (rooms.size > 0) show(rooms.values().next().value);
}

async function leave(room) {
  await attempt(room.handle.leave());
  forget(room);
  remember();
}

/** It is no longer there, and is not gone into again on another connection. */
function forget(room) {
  room.handle.forget();
  studio.chat.typing_topic(room.name).forget();
  rooms.delete(room.name);
  room.close();
  if (current === room) show(rooms.values().next().value);
  else draw();
}

function resumed({ payload, topics, reply, error }) {
  const of = topics?.find(({ topic }) => topic.startsWith("chat/rooms/"));
  const room = of && rooms.get(payload.room);
  if (!room) return;
  if (!error) return room.resumed(of.outcome, reply);
  notice(`You are no longer in ${room.name}. ${explain(error)}`);
  forget(room);
}

function show(room) {
  current = room;
  current?.seen();
  const empty = el("p", { class: "empty" }, "You are in no room. Go into one, “lobby” for a start.");
  place.replaceChildren(...(room ? room.elements : [empty]));
  room?.shown();
  draw();
}

function draw() {
  const focused = tabs.contains(document.activeElement);
  tabs.replaceChildren(...[...rooms.values()].map(tab));
  if (focused) tabs.querySelector('[aria-selected="true"]')?.focus();
  if (current) Object.entries({ role: "tabpanel", "aria-labelledby": `tab-${current.name}`, id: "room" }).forEach(([name, value]) => place.setAttribute(name, value));
  else ["role", "aria-labelledby"].forEach((name) => place.removeAttribute(name));
}

function tab(room) {
  const isShown = room === current;
  const unread = room.unread ? el("span", { class: "badge" }, String(room.unread), el("span", { class: "unseen" }, " unread")) : "";
  const one = button(room.name, () => show(room), { role: "tab", id: `tab-${room.name}`, ariaSelected: String(isShown), tabIndex: isShown ? 0 : -1, onkeydown: arrow });
  if (isShown) one.setAttribute("aria-controls", "room");
  one.append(unread);
  return one;
}

function arrow(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const all = [...rooms.values()];
  show(all.at((all.indexOf(current) + step) % all.length));
}

const key = () => `studio.rooms.${me.user}`;
const remember = () => me && store(localStorage, key(), [...rooms.keys()]);
