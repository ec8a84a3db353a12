// Who is who: ids are what the wire has, names what people want.

import { me, on, studio } from "./session.js";

const people = new Map();
const watchers = new Set();
const tried = new Set();
let asked;
/** What the others see of us. */
let status = "online";

/** Somebody's name; who is unknown is asked for, once. */
export function nameOf(user) {
  if (!people.has(user) && !tried.has(user)) {
    tried.add(user);
    refresh();
  }
  return people.get(user)?.username ?? "somebody";
}

/** All that are known, those who are here first. */
export const everybody = () =>
  [...people.values()].sort((a, b) => isGone(a) - isGone(b) || a.username.localeCompare(b.username));
export const isGone = (person) => person.status === "offline";

/** Calls `watcher` whenever somebody is known better, until the function that is returned is called. */
export function watch(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Somebody of whom we know the name alone. */
export function learn(user, username) {
  if (!people.has(user)) change({ user, username, status: "offline" });
}

/** Asks who is here, once however often it is called meanwhile. */
function refresh() {
  if (!me) return;
  asked ??= studio.presence.list.try().then(({ ok, value }) => {
    asked = undefined;
    if (!ok) return;
    const here = new Set(value.map(({ user }) => user));
    for (const [user, person] of people) if (!here.has(user)) people.set(user, { ...person, status: "offline", note: undefined });
    change(...value);
  });
}

/** Tells the others how we are, on later connections too. */
export function become(wanted) {
  status = wanted;
  return studio.presence.set({ status });
}

export function start() {
  studio.presence.status_changed.on((person) => change(person));
  // Others hear of a status, not of a connection: so we say one on each.
  const greet = () => studio.presence.set.try({ status }).then(refresh);
  on("in", greet);
  on("back", greet);
  on("out", () => {
    status = "online";
    people.clear();
    tried.clear();
  });
}

function change(...persons) {
  for (const person of persons) people.set(person.user, person);
  watchers.forEach((watcher) => watcher());
}
